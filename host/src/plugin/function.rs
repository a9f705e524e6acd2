//! The functions that the host calls, and what each may use while it runs.
//!
//! Imports link per component, so a component that also charges cards imports `egress`. What a call may use is decided here,
//! by the function being called, as the comments of the WIT promise.

use super::capability::Capability;
use super::limits::Kind;

/// How far a call may use a kind of plugin data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// Not at all.
    No,
    /// Look.
    Read,
    /// Look and stage.
    Write,
}

/// A function of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Function {
    /// `pricing.price`
    Price,
    /// `pricing-redemption.redeem`
    Redeem,
    /// `pricing-redemption.restore`
    Restore,
    /// `inventory.check`
    CheckStock,
    /// `inventory.reserve`
    Reserve,
    /// `inventory.release`
    Release,
    /// `fulfillment.options`
    Options,
    /// `tax.assess`
    AssessTax,
    /// `risk.assess`
    AssessRisk,
    /// `orders.identify`
    IdentifyOrder,
    /// `orders.notify`
    NotifyOrder,
    /// `presentation.describe`
    DescribeItems,
    /// `presentation.page`
    Page,
    /// `payments.profile`
    Profile,
    /// `payments.charge`
    Charge,
    /// `payments.lookup`
    Lookup,
    /// `payments-void.void`
    Void,
    /// `payments-refund.refund`
    Refund,
    /// `payments-cancel-by-reference.cancel-by-reference`
    CancelByReference,
    /// `payments-list.list-charges`
    ListCharges,
    /// `payments-notices.read`
    ReadNotice,
    /// `lifecycle.validate-config`
    ValidateConfig,
}

impl Function {
    /// Every function, in the order of the contract.
    pub const ALL: [Self; 22] = [
        Self::Price,
        Self::Redeem,
        Self::Restore,
        Self::CheckStock,
        Self::Reserve,
        Self::Release,
        Self::Options,
        Self::AssessTax,
        Self::AssessRisk,
        Self::IdentifyOrder,
        Self::NotifyOrder,
        Self::DescribeItems,
        Self::Page,
        Self::Profile,
        Self::Charge,
        Self::Lookup,
        Self::Void,
        Self::Refund,
        Self::CancelByReference,
        Self::ListCharges,
        Self::ReadNotice,
        Self::ValidateConfig,
    ];

    /// The function with this name: `pricing.price`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|function| function.name() == name)
    }

    /// Its name for logs and errors.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Price => "pricing.price",
            Self::Redeem => "pricing-redemption.redeem",
            Self::Restore => "pricing-redemption.restore",
            Self::CheckStock => "inventory.check",
            Self::Reserve => "inventory.reserve",
            Self::Release => "inventory.release",
            Self::Options => "fulfillment.options",
            Self::AssessTax => "tax.assess",
            Self::AssessRisk => "risk.assess",
            Self::IdentifyOrder => "orders.identify",
            Self::NotifyOrder => "orders.notify",
            Self::DescribeItems => "presentation.describe",
            Self::Page => "presentation.page",
            Self::Profile => "payments.profile",
            Self::Charge => "payments.charge",
            Self::Lookup => "payments.lookup",
            Self::Void => "payments-void.void",
            Self::Refund => "payments-refund.refund",
            Self::CancelByReference => "payments-cancel-by-reference.cancel-by-reference",
            Self::ListCharges => "payments-list.list-charges",
            Self::ReadNotice => "payments-notices.read",
            Self::ValidateConfig => "lifecycle.validate-config",
        }
    }

    /// The capability that it belongs to.
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
            Self::DescribeItems | Self::Page => Capability::Presentation,
            Self::Profile | Self::Charge | Self::Lookup => Capability::Payments,
            Self::Void => Capability::PaymentsVoid,
            Self::Refund => Capability::PaymentsRefund,
            Self::CancelByReference => Capability::PaymentsCancelByReference,
            Self::ListCharges => Capability::PaymentsList,
            Self::ReadNotice => Capability::PaymentsNotices,
            Self::ValidateConfig => Capability::Lifecycle,
        }
    }

    /// What it may do with `kv` and `counters`.
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
            | Self::Page => Access::Read,
            Self::AssessTax
            | Self::Profile
            | Self::Charge
            | Self::Lookup
            | Self::Void
            | Self::Refund
            | Self::CancelByReference
            | Self::ListCharges
            | Self::ReadNotice
            | Self::ValidateConfig => Access::No,
        }
    }

    /// Whether it may use `egress`.
    #[must_use]
    pub const fn egress(self) -> bool {
        matches!(
            self,
            Self::Reserve
                | Self::Release
                | Self::Options
                | Self::AssessRisk
                | Self::NotifyOrder
                | Self::Charge
                | Self::Lookup
                | Self::Void
                | Self::Refund
                | Self::CancelByReference
                | Self::ListCharges
        )
    }

    /// Which limits hold.
    #[must_use]
    pub const fn kind(self) -> Kind {
        match self {
            Self::Charge => Kind::Charge,
            Self::Lookup | Self::Void | Self::Refund | Self::CancelByReference | Self::ListCharges => Kind::Processor,
            _ if self.egress() => Kind::Effect,
            _ => match self.data() {
                Access::Write => Kind::Effect,
                Access::Read | Access::No => Kind::Decision,
            },
        }
    }
}
