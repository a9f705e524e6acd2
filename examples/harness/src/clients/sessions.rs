//! The client of the capability for sessions that end without an order.

use tillhouse_plugin::sessions::End;
use tillhouse_plugin::types::Cart;
use tillhouse_plugin_protocol::Function;

use crate::Call;
use crate::env::Env;

/// Client of the capability `sessions`.
///
/// ```no_run
/// # use tillhouse_harness::prelude::*;
/// # async fn test(env: Env) {
/// env.sessions().ended("expired", cart().line("tee", 1)).await.unwrap();
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Sessions<'e>(pub(crate) &'e Env);

impl<'e> Sessions<'e> {
    /// `sessions.ended`: a session with this cart was `canceled`, or has `expired`.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let abandoned = env.upstream("crm").expect(post("/abandoned")).reply(202, json!({}));
    /// env.sessions().ended("canceled", cart().line("tee", 1)).await.unwrap();
    /// abandoned.assert_called_once();
    /// # }
    /// ```
    pub fn ended(self, how: &str, cart: impl Into<Cart>) -> Call<'e, ()> {
        self.ended_as(&End::new(how, cart.into()))
    }

    /// `sessions.ended`, with all facts of the end.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # use tillhouse_plugin::sessions::End;
    /// # async fn test(env: Env) {
    /// let end = End::new("canceled", cart().line("tee", 1).into());
    /// env.sessions().ended_as(&End { reason: Some("shipping_cost".into()), ..end }).await.unwrap();
    /// # }
    /// ```
    pub fn ended_as(self, end: &End) -> Call<'e, ()> {
        Call::new(self.0, Function::SessionEnded).acting().with("end", end)
    }
}
