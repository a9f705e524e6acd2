//! What a plugin can decide.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! capabilities {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)+) => {
        /// A capability: one exported interface.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Capability {
            $($(#[$doc])* #[serde(rename = $name)] $variant,)+
        }

        impl Capability {
            /// Every capability.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name of its interface: `pricing`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }
    };
}

capabilities! {
    /// Unit prices, discounts, fees.
    Pricing = "pricing",
    /// Codes whose use is counted.
    PricingRedemption = "pricing-redemption",
    /// Stock.
    Inventory = "inventory",
    /// Ways the goods reach the buyer.
    Fulfillment = "fulfillment",
    /// Taxes.
    Tax = "tax",
    /// Whether to take an order.
    Risk = "risk",
    /// Identity and news of orders.
    Orders = "orders",
    /// Texts, links, descriptions.
    Presentation = "presentation",
    /// The charge.
    Payments = "payments",
    /// Giving an authorisation back.
    PaymentsVoid = "payments-void",
    /// Giving money back.
    PaymentsRefund = "payments-refund",
    /// Taking money that was set aside.
    PaymentsCapture = "payments-capture",
    /// Forbidding a charge whose outcome is unknown.
    PaymentsCancelByReference = "payments-cancel-by-reference",
    /// Listing charges.
    PaymentsList = "payments-list",
    /// Notices of the processor.
    PaymentsNotices = "payments-notices",
    /// What a release says of itself.
    Lifecycle = "lifecycle",
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
