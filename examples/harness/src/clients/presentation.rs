//! The client of the capability for presentation.

use tillhouse_plugin::presentation::{Description, PageContent};
use tillhouse_plugin::types::Cart;
use tillhouse_plugin_protocol::Function;

use crate::Call;
use crate::env::Env;

/// Client of the capability `presentation`.
///
/// ```no_run
/// # use tillhouse_harness::prelude::*;
/// # async fn test(env: Env) {
/// let described = env.presentation().describe(&["tee"]).await.unwrap();
/// assert_eq!(described[0].title, "Classic Tee");
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Presentation<'e>(pub(crate) &'e Env);

impl<'e> Presentation<'e> {
    /// `presentation.describe`: title, text and images of items that the catalog does not hold.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let described = env.presentation().describe(&["tee", "mug"]).await.unwrap();
    /// assert_eq!(described.len(), 2);
    /// # }
    /// ```
    pub fn describe(self, items: &[&str]) -> Call<'e, Vec<Description>> {
        Call::new(self.0, Function::DescribeItems).with("items", &items)
    }

    /// `presentation.page`: links, messages and marketing consents to show around a checkout.
    ///
    /// ```no_run
    /// # use tillhouse_harness::prelude::*;
    /// # async fn test(env: Env) {
    /// let page = env.presentation().page(cart().line("tee", 1)).await.unwrap();
    /// assert_eq!(page.links[0].kind, "terms_of_use");
    /// # }
    /// ```
    pub fn page(self, cart: impl Into<Cart>) -> Call<'e, PageContent> {
        self.page_of(cart.into())
    }

    fn page_of(self, cart: Cart) -> Call<'e, PageContent> {
        Call::new(self.0, Function::Page).with("cart", &cart)
    }
}
