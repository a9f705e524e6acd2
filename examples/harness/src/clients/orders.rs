//! The client of the capabilities for orders.

use tillhouse_plugin::orders::{Draft, Event, Identity, Reading};
use tillhouse_plugin::testing;
use tillhouse_plugin::types::{Cart, Money};
use tillhouse_plugin_protocol::Function;

use crate::Call;
use crate::env::Env;
use crate::notice::notice;

/// Client of the capabilities `orders` and `orders-notices`.
///
/// ```no_run
/// # use tillhouse_harness::prelude::*;
/// # async fn test(env: Env) {
/// let order = env.orders().identify(cart().line("tee", 1), money(30_99, "usd")).await.unwrap();
/// assert!(order.permalink.ends_with(&order.id));
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Orders<'e>(pub(crate) &'e Env);

impl<'e> Orders<'e> {
    /// `orders.identify`: the identity of an order with this cart and total.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let identify = |id| env.orders().identify(cart().line("tee", 1), money(30_99, "usd")).operation(&operation(id));
    /// assert_ne!(identify("1").await.unwrap().id, identify("2").await.unwrap().id);
    /// # }
    /// ```
    pub fn identify(self, cart: impl Into<Cart>, total: Money) -> Call<'e, Identity> {
        self.identify_draft(&testing::draft(cart.into(), total))
    }

    /// `orders.identify`, with a complete draft.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # use tillhouse_plugin::orders::Draft;
    /// # async fn test(env: Env) {
    /// let draft: Draft = env.fixture("draft-with-two-groups.json");
    /// assert_eq!(env.orders().identify_draft(&draft).await.unwrap().number, None);
    /// # }
    /// ```
    pub fn identify_draft(self, draft: &Draft) -> Call<'e, Identity> {
        Call::new(self.0, Function::IdentifyOrder).acting().with("draft", draft)
    }

    /// `orders.notify`: an event of an order without lines, of the kind `created`, `updated` or `canceled`.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// env.orders().notify("order_1", "created", money(30_99, "usd")).await.unwrap();
    /// assert_eq!(env.requests()[0].path, "/orders");
    /// # }
    /// ```
    pub fn notify(self, order: &str, kind: &str, total: Money) -> Call<'e, ()> {
        self.notify_event(&Event {
            order: order.to_owned(),
            kind: kind.to_owned(),
            ..testing::order_event(Cart::default(), total)
        })
    }

    /// `orders.notify`, with a complete event: cart, amounts, payment and state of the order.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # use tillhouse_plugin::testing;
    /// # async fn test(env: Env) {
    /// let created = testing::order_event(cart().line("tee", 2).into(), money(50_00, "usd"));
    /// env.orders().notify_event(&created).await.unwrap();
    /// # }
    /// ```
    pub fn notify_event(self, event: &Event) -> Call<'e, ()> {
        Call::new(self.0, Function::NotifyOrder).acting().with("event", event)
    }

    /// `orders-notices.read`: reads a notice of the merchant's own system, with header names in lower case and the raw
    /// body.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let forged = env.orders().notice(&[("x-signature", "00")], r#"{"shipped":"ord_1"}"#).await;
    /// assert!(matches!(forged, Err(Failure::Rejected(_))));
    /// # }
    /// ```
    pub fn notice(self, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Call<'e, Reading> {
        Call::new(self.0, Function::ReadOrderNotice).with("notice", &notice(headers, body.into()))
    }

    /// Gives the [conformance suite](mod@crate::conformance) a notice that the plugin accepts with these settings.
    ///
    /// ```no_run
    /// use tillhouse_harness::prelude::*;
    ///
    /// fn signed(env: &Env) {
    ///     env.config("erp-key", "k1");
    ///     env.orders().example_notice(&[("x-signature", "k1")], r#"{"shipped":"ord_1"}"#);
    /// }
    ///
    /// tillhouse_harness::conformance!(signed);
    /// # fn main() {}
    /// ```
    pub fn example_notice(self, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) {
        self.0
            .add_example(Function::ReadOrderNotice, notice(headers, body.into()));
    }
}
