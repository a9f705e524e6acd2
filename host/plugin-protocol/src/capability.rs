//! Capabilities: the interfaces that a plugin can export.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! capabilities {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)+) => {
        /// Capability of a plugin: one exported interface of the contract.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Capability {
            $($(#[$doc])* #[serde(rename = $name)] $variant,)+
        }

        impl Capability {
            /// All capabilities, in the order of the contract.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Name of the interface, such as `pricing`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }
    };
}

capabilities! {
    /// Unit prices, discounts and fees.
    Pricing = "pricing",
    /// Discount codes whose redemptions are counted.
    PricingRedemption = "pricing-redemption",
    /// Stock levels and reservations.
    Inventory = "inventory",
    /// Fulfillment options, such as shipping methods.
    Fulfillment = "fulfillment",
    /// Taxes on lines, fulfillment options and fees.
    Tax = "tax",
    /// Risk assessment: accept, review, challenge or block an order.
    Risk = "risk",
    /// Order ids, and notifications about orders.
    Orders = "orders",
    /// Changes of orders that the merchant's own system reports.
    OrdersNotices = "orders-notices",
    /// Item descriptions, links and messages shown to the buyer.
    Presentation = "presentation",
    /// A whole quote in one call, beside the single decisions.
    Quoting = "quoting",
    /// Checkout sessions that end without an order.
    Sessions = "sessions",
    /// Charges, and their status checks.
    Payments = "payments",
    /// Requirements for a 3-D Secure authentication before the charge.
    PaymentsAuthentication = "payments-authentication",
    /// Voids of authorizations and uncaptured charges.
    PaymentsVoid = "payments-void",
    /// Refunds of captured charges.
    PaymentsRefund = "payments-refund",
    /// Captures of authorized amounts.
    PaymentsCapture = "payments-capture",
    /// Cancellation by reference of a charge whose outcome is unknown.
    PaymentsCancelByReference = "payments-cancel-by-reference",
    /// Listing of the processor's charges, for reconciliation.
    PaymentsList = "payments-list",
    /// Processor events (webhooks of the payment processor).
    PaymentsNotices = "payments-notices",
    /// Name and version of a release, and validation of its configuration.
    Lifecycle = "lifecycle",
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
