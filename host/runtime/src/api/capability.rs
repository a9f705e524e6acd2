//! Capabilities of plugins. A component has a capability if it exports its interface.

use std::fmt;

use super::interface::contract_version;

macro_rules! capabilities {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)+) => {
        /// A capability: one exported interface.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Capability {
            $($(#[$doc])* $variant,)+
        }

        impl Capability {
            /// All capabilities, in the order of the contract.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Name of the interface, e.g. `pricing`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// Full name of the interface as components export it, e.g. `tillhouse:merchant/pricing@0.2.0`.
            #[must_use]
            pub const fn interface(self) -> &'static str {
                match self { $(Self::$variant => concat!("tillhouse:merchant/", $name, "@", contract_version!(), ".0")),+ }
            }
        }
    };
}

capabilities! {
    /// Unit prices, discounts and fees.
    Pricing = "pricing",
    /// Redeeming and restoring discount codes of limited use.
    PricingRedemption = "pricing-redemption",
    /// Availability, reservation and release of stock.
    Inventory = "inventory",
    /// Fulfillment options: shipping, pickup, digital delivery.
    Fulfillment = "fulfillment",
    /// Taxes on lines, fulfillment options and fees.
    Tax = "tax",
    /// Whether to accept an order, review it, have the buyer authenticated, or block it.
    Risk = "risk",
    /// Order ids, and notifications of order events.
    Orders = "orders",
    /// Changes of orders that the merchant's own system reports. No function of it is called yet.
    OrdersNotices = "orders-notices",
    /// Item descriptions, messages, links and consents of the checkout page.
    Presentation = "presentation",
    /// A whole quote in one call, beside the single decisions.
    Quoting = "quoting",
    /// Checkout sessions that end without an order.
    Sessions = "sessions",
    /// Processor profile, charge and charge lookup.
    Payments = "payments",
    /// What an agent needs to authenticate the buyer before the charge. No function of it is called yet.
    PaymentsAuthentication = "payments-authentication",
    /// Voiding an authorized charge that is not captured yet.
    PaymentsVoid = "payments-void",
    /// Refunding all or part of a captured charge.
    PaymentsRefund = "payments-refund",
    /// Capturing an authorized amount. No function of it is called yet.
    PaymentsCapture = "payments-capture",
    /// Canceling a charge whose outcome is unknown, by the host's reference.
    PaymentsCancelByReference = "payments-cancel-by-reference",
    /// Listing charges, for reconciliation.
    PaymentsList = "payments-list",
    /// Reading webhook events of the processor.
    PaymentsNotices = "payments-notices",
    /// Validation of the plugin's configuration.
    Lifecycle = "lifecycle",
}

impl Capability {
    /// The capabilities whose answers `quoting.quote` combines. A host calls it only where one plugin serves all of them.
    pub const QUOTED: [Self; 4] = [Self::Inventory, Self::Pricing, Self::Fulfillment, Self::Tax];

    /// The capability with this name, e.g. `pricing`; `None` if there is no such capability.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|capability| capability.name() == name)
    }

    /// Names of all capabilities, separated by `, `, for messages.
    #[must_use]
    pub fn names() -> String {
        let names: Vec<&str> = Self::ALL.iter().map(|capability| capability.name()).collect();
        names.join(", ")
    }

    /// The capability that must be served by the same plugin, if any.
    ///
    /// A code is redeemed by the plugin that priced it, and a charge is refunded by the plugin that made it.
    #[must_use]
    pub const fn must_accompany(self) -> Option<Self> {
        match self {
            Self::PricingRedemption => Some(Self::Pricing),
            Self::PaymentsAuthentication
            | Self::PaymentsVoid
            | Self::PaymentsRefund
            | Self::PaymentsCapture
            | Self::PaymentsCancelByReference
            | Self::PaymentsList
            | Self::PaymentsNotices => Some(Self::Payments),
            _ => None,
        }
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of capabilities.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Capabilities(u32);

impl Capabilities {
    /// Whether the capability is in the set.
    #[must_use]
    pub const fn contains(self, capability: Capability) -> bool {
        self.0 & (1 << capability as u32) != 0
    }

    /// Add a capability to the set.
    pub const fn insert(&mut self, capability: Capability) {
        self.0 |= 1 << capability as u32;
    }

    /// Whether the set is empty except for `lifecycle`, which decides nothing.
    #[must_use]
    pub const fn decides_nothing(self) -> bool {
        self.0 & !(1 << Capability::Lifecycle as u32) == 0
    }

    /// The capabilities in this set that are not in the other.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The capabilities in the set, in the order of the contract.
    pub fn iter(self) -> impl Iterator<Item = Capability> {
        Capability::ALL
            .iter()
            .copied()
            .filter(move |capability| self.contains(*capability))
    }
}

impl FromIterator<Capability> for Capabilities {
    fn from_iter<I: IntoIterator<Item = Capability>>(capabilities: I) -> Self {
        let mut set = Self::default();
        for capability in capabilities {
            set.insert(capability);
        }
        set
    }
}

impl fmt::Debug for Capabilities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(Capability::name)).finish()
    }
}
