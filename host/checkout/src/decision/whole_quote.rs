//! A whole quote in one call.

use super::{FulfillmentOffer, Page, PricedCart, Stock, TaxAssessment};

/// Answer of `quoting.quote`: those of the single decisions, unchecked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WholeQuote {
    /// As of `inventory.check`.
    pub stock: Vec<Stock>,
    /// As of `pricing.price`.
    pub prices: PricedCart,
    /// As of `fulfillment.options`.
    pub offer: FulfillmentOffer,
    /// As of `tax.assess`.
    pub taxes: TaxAssessment,
    /// As of `presentation.page`; `None` if the plugin leaves that to another call.
    pub page: Option<Page>,
}
