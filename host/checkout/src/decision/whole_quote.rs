//! A whole quote in one call.

use super::{FulfillmentOffer, Page, PricedCart, Stock, TaxAssessment};

/// Answer of `quoting.quote`: those of the single decisions, unchecked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WholeQuote {
    /// What `inventory.check` would answer for the lines.
    pub stock: Vec<Stock>,
    /// What `pricing.price` would answer for the cart.
    pub prices: PricedCart,
    /// What `fulfillment.options` would answer for these prices.
    pub offer: FulfillmentOffer,
    /// What `tax.assess` would answer for these prices and options.
    pub taxes: TaxAssessment,
    /// As of `presentation.page`; `None` if the plugin leaves that to another call.
    pub page: Option<Page>,
}
