//! The client of the capability that answers all decisions of a quote at once.

use tillhouse_plugin::quoting::Decisions;
use tillhouse_plugin::types::Cart;
use tillhouse_plugin_protocol::Function;

use crate::Call;
use crate::env::Env;

/// Client of the capability `quoting`.
///
/// ```no_run
/// # use tillhouse_harness::prelude::*;
/// # async fn test(env: Env) {
/// let decided = env.quoting().quote(cart().line("tee", 2)).await.unwrap();
/// assert_eq!(decided.prices, env.pricing().price(cart().line("tee", 2)).await.unwrap());
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Quoting<'e>(pub(crate) &'e Env);

impl<'e> Quoting<'e> {
    /// `quoting.quote`: stock, prices, options, taxes and page of a cart, without the sums that a host computes.
    ///
    /// [`Env::quote`] quotes a cart as a host does.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let decided = env.quoting().quote(cart().line("tee", 2).to(address::us("CA"))).await.unwrap();
    /// assert_eq!(decided.offer.options[0].id, "standard");
    /// # }
    /// ```
    pub fn quote(self, cart: impl Into<Cart>) -> Call<'e, Decisions> {
        self.quote_of(&cart.into())
    }

    fn quote_of(self, cart: &Cart) -> Call<'e, Decisions> {
        Call::new(self.0, Function::QuoteWhole).with("cart", cart)
    }
}
