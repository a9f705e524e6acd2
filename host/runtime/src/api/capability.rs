//! What a plugin can decide. Presence of the export is the capability.

use std::fmt;

macro_rules! capabilities {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)+) => {
        /// A capability: one exported interface.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Capability {
            $($(#[$doc])* $variant,)+
        }

        impl Capability {
            /// Every capability.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name of its interface: `pricing`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// The interface as components export it.
            #[must_use]
            pub const fn interface(self) -> &'static str {
                match self { $(Self::$variant => concat!("tillhouse:merchant/", $name, "@0.1.0")),+ }
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

impl Capability {
    /// The capability of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|capability| capability.name() == name)
    }

    /// The names of all of them, for people.
    #[must_use]
    pub fn names() -> String {
        let names: Vec<&str> = Self::ALL.iter().map(|capability| capability.name()).collect();
        names.join(", ")
    }

    /// The capability that must be bound to the same plugin: a code is redeemed where it was priced, and a charge refunded where
    /// it was made.
    #[must_use]
    pub const fn follows(self) -> Option<Self> {
        match self {
            Self::PricingRedemption => Some(Self::Pricing),
            Self::PaymentsVoid
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
    /// Whether it is in the set.
    #[must_use]
    pub const fn contains(self, capability: Capability) -> bool {
        self.0 & (1 << capability as u32) != 0
    }

    /// Put it into the set.
    pub const fn insert(&mut self, capability: Capability) {
        self.0 |= 1 << capability as u32;
    }

    /// Whether there is none but `lifecycle`, which decides nothing.
    #[must_use]
    pub const fn decides_nothing(self) -> bool {
        self.0 & !(1 << Capability::Lifecycle as u32) == 0
    }

    /// Those that are not in the other.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Those in the set, in the order of the contract.
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
