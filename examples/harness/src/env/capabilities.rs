//! A client for each capability.

use super::Env;
use crate::clients;

/// A call of one that the plugin does not export fails the test.
impl Env {
    /// `pricing`
    #[must_use]
    pub const fn pricing(&self) -> clients::Pricing<'_> {
        clients::Pricing(self)
    }

    /// `pricing-redemption`
    #[must_use]
    pub const fn pricing_redemption(&self) -> clients::PricingRedemption<'_> {
        clients::PricingRedemption(self)
    }

    /// `inventory`
    #[must_use]
    pub const fn inventory(&self) -> clients::Inventory<'_> {
        clients::Inventory(self)
    }

    /// `fulfillment`
    #[must_use]
    pub const fn fulfillment(&self) -> clients::Fulfillment<'_> {
        clients::Fulfillment(self)
    }

    /// `tax`
    #[must_use]
    pub const fn tax(&self) -> clients::Tax<'_> {
        clients::Tax(self)
    }

    /// `risk`
    #[must_use]
    pub const fn risk(&self) -> clients::Risk<'_> {
        clients::Risk(self)
    }

    /// `orders`
    #[must_use]
    pub const fn orders(&self) -> clients::Orders<'_> {
        clients::Orders(self)
    }

    /// `presentation`
    #[must_use]
    pub const fn presentation(&self) -> clients::Presentation<'_> {
        clients::Presentation(self)
    }

    /// `payments`, with `payments-void`, `payments-refund`, `payments-cancel-by-reference`, `payments-list` and
    /// `payments-notices`
    #[must_use]
    pub const fn payments(&self) -> clients::Payments<'_> {
        clients::Payments(self)
    }

    /// `lifecycle`
    #[must_use]
    pub const fn lifecycle(&self) -> clients::Lifecycle<'_> {
        clients::Lifecycle(self)
    }
}
