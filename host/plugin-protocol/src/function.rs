//! Functions of the contract that a program can call.

use serde::{Deserialize, Serialize};

use crate::Capability;

macro_rules! functions {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)+) => {
        /// Function that a plugin exports.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Function {
            $($(#[$doc])* #[serde(rename = $name)] $variant,)+
        }

        impl Function {
            /// All functions, in the order of the contract.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Contract name of the function, such as `pricing.price`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// Looks up a function by its contract name; `None` if there is none.
            #[must_use]
            pub fn named(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|function| function.name() == name)
            }
        }
    };
}

functions! {
    /// `pricing.price`
    Price = "pricing.price",
    /// `pricing-redemption.redeem`
    Redeem = "pricing-redemption.redeem",
    /// `pricing-redemption.restore`
    Restore = "pricing-redemption.restore",
    /// `inventory.check`
    CheckStock = "inventory.check",
    /// `inventory.reserve`
    Reserve = "inventory.reserve",
    /// `inventory.release`
    Release = "inventory.release",
    /// `fulfillment.options`
    Options = "fulfillment.options",
    /// `tax.assess`
    AssessTax = "tax.assess",
    /// `risk.assess`
    AssessRisk = "risk.assess",
    /// `orders.identify`
    IdentifyOrder = "orders.identify",
    /// `orders.notify`
    NotifyOrder = "orders.notify",
    /// `orders-notices.read`
    ReadOrderNotice = "orders-notices.read",
    /// `presentation.describe`
    DescribeItems = "presentation.describe",
    /// `presentation.page`
    Page = "presentation.page",
    /// `quoting.quote`
    QuoteWhole = "quoting.quote",
    /// `sessions.ended`
    SessionEnded = "sessions.ended",
    /// `payments.profile`
    Profile = "payments.profile",
    /// `payments.charge`
    Charge = "payments.charge",
    /// `payments.lookup`
    Lookup = "payments.lookup",
    /// `payments-authentication.requirements`
    AuthenticationRequirements = "payments-authentication.requirements",
    /// `payments-void.void`
    Void = "payments-void.void",
    /// `payments-void.lookup-void`
    LookupVoid = "payments-void.lookup-void",
    /// `payments-refund.refund`
    Refund = "payments-refund.refund",
    /// `payments-refund.lookup-refund`
    LookupRefund = "payments-refund.lookup-refund",
    /// `payments-capture.capture`
    Capture = "payments-capture.capture",
    /// `payments-capture.lookup-capture`
    LookupCapture = "payments-capture.lookup-capture",
    /// `payments-cancel-by-reference.cancel-by-reference`
    CancelByReference = "payments-cancel-by-reference.cancel-by-reference",
    /// `payments-list.list-charges`
    ListCharges = "payments-list.list-charges",
    /// `payments-notices.read`
    ReadNotice = "payments-notices.read",
    /// `lifecycle.validate-config`
    ValidateConfig = "lifecycle.validate-config",
}

impl Function {
    /// Capability (interface) that declares the function.
    #[must_use]
    pub const fn capability(self) -> Capability {
        match self {
            Self::Price => Capability::Pricing,
            Self::Redeem | Self::Restore => Capability::PricingRedemption,
            Self::CheckStock | Self::Reserve | Self::Release => Capability::Inventory,
            Self::Options => Capability::Fulfillment,
            Self::AssessTax => Capability::Tax,
            Self::AssessRisk => Capability::Risk,
            Self::IdentifyOrder | Self::NotifyOrder => Capability::Orders,
            Self::ReadOrderNotice => Capability::OrdersNotices,
            Self::DescribeItems | Self::Page => Capability::Presentation,
            Self::QuoteWhole => Capability::Quoting,
            Self::SessionEnded => Capability::Sessions,
            Self::Profile | Self::Charge | Self::Lookup => Capability::Payments,
            Self::AuthenticationRequirements => Capability::PaymentsAuthentication,
            Self::Void | Self::LookupVoid => Capability::PaymentsVoid,
            Self::Refund | Self::LookupRefund => Capability::PaymentsRefund,
            Self::Capture | Self::LookupCapture => Capability::PaymentsCapture,
            Self::CancelByReference => Capability::PaymentsCancelByReference,
            Self::ListCharges => Capability::PaymentsList,
            Self::ReadNotice => Capability::PaymentsNotices,
            Self::ValidateConfig => Capability::Lifecycle,
        }
    }

    /// Whether the function may send requests with `egress`.
    #[must_use]
    pub const fn egress(self) -> bool {
        matches!(
            self,
            Self::Reserve
                | Self::Release
                | Self::Options
                | Self::AssessRisk
                | Self::NotifyOrder
                | Self::SessionEnded
                | Self::Charge
                | Self::Lookup
                | Self::AuthenticationRequirements
                | Self::Void
                | Self::LookupVoid
                | Self::Refund
                | Self::LookupRefund
                | Self::Capture
                | Self::LookupCapture
                | Self::CancelByReference
                | Self::ListCharges
        )
    }
}
