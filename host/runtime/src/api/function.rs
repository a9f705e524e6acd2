//! The functions that the host calls, and the host imports that each may use.
//!
//! Imports are linked per component, so a component that prices and also charges cards imports `egress` for both. What a call
//! may use is therefore decided here, by the function being called, as documented in the WIT files.

use super::capability::Capability;

/// Access to plugin data (`kv` and `counters`), in ascending order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// Neither reads nor writes.
    No,
    /// Reads, but no writes.
    Read,
    /// Reads, and writes that are staged until the commit.
    Write,
}

/// Kind of a function: decides which [`CallLimits`](crate::CallLimits) apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Sends no requests and writes no data: the result depends on the arguments and on data that is read, e.g. `pricing.price`.
    Decision,
    /// Stages writes, or sends requests to a service of the merchant, e.g. `inventory.reserve` or `fulfillment.options`.
    Effect,
    /// Sends requests to the processor, other than the charge: requirements of an authentication, lookups, void, refund, capture,
    /// cancel by reference, list.
    Processor,
    /// The charge itself: `payments.charge`.
    Charge,
}

macro_rules! functions {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)+) => {
        /// A function of the contract.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Function {
            $($(#[$doc])* $variant,)+
        }

        impl Function {
            /// All functions that a host or a trial calls, in the order of the contract.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Name in logs, errors and command lines, e.g. `pricing.price`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// The function with this name, e.g. `pricing.price`; `None` if there is no such function.
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
    /// Functions that no host calls yet: only trials and tests of plugins do.
    pub const ONLY_IN_TRIALS: [Self; 4] = [
        Self::ReadOrderNotice,
        Self::AuthenticationRequirements,
        Self::Capture,
        Self::LookupCapture,
    ];

    /// Capability that the function belongs to.
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

    /// How it may access plugin data (`kv` and `counters`).
    #[must_use]
    pub const fn data(self) -> Access {
        match self {
            Self::Redeem | Self::Restore | Self::Reserve | Self::Release | Self::IdentifyOrder => Access::Write,
            Self::Price
            | Self::CheckStock
            | Self::Options
            | Self::AssessRisk
            | Self::NotifyOrder
            | Self::DescribeItems
            | Self::Page
            | Self::QuoteWhole
            | Self::SessionEnded => Access::Read,
            Self::AssessTax
            | Self::ReadOrderNotice
            | Self::Profile
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
            | Self::ReadNotice
            | Self::ValidateConfig => Access::No,
        }
    }

    /// Whether it may send requests through `egress`.
    #[must_use]
    pub const fn egress(self) -> bool {
        matches!(self.kind(), Kind::Charge | Kind::Processor) || self.reaches_merchant_systems()
    }

    /// Whether it may send requests to a service of the merchant.
    const fn reaches_merchant_systems(self) -> bool {
        matches!(
            self,
            Self::Reserve | Self::Release | Self::Options | Self::AssessRisk | Self::NotifyOrder | Self::SessionEnded
        )
    }

    /// Names of the functions that may use `egress`, separated by `, `, for messages.
    #[must_use]
    pub fn senders() -> String {
        let senders = Self::ALL.iter().filter(|function| function.egress());
        let names: Vec<&str> = senders.map(|function| function.name()).collect();
        names.join(", ")
    }

    /// Kind of the function, from which its limits follow.
    #[must_use]
    pub const fn kind(self) -> Kind {
        match self {
            Self::Charge => Kind::Charge,
            Self::Lookup
            | Self::AuthenticationRequirements
            | Self::Void
            | Self::LookupVoid
            | Self::Refund
            | Self::LookupRefund
            | Self::Capture
            | Self::LookupCapture
            | Self::CancelByReference
            | Self::ListCharges => Kind::Processor,
            _ if self.reaches_merchant_systems() => Kind::Effect,
            _ => match self.data() {
                Access::Write => Kind::Effect,
                Access::Read | Access::No => Kind::Decision,
            },
        }
    }
}
