//! Settings of Stripe's lighter hooks.

use std::collections::BTreeMap;
use std::time::Duration;

use tillhouse_checkout::outside_payment::AmountDifference;
use tillhouse_checkout::secret::Secret;

/// Settings of the lighter hooks of one merchant, who is paid through Stripe.
#[derive(Debug)]
pub struct StripeHookSettings {
    /// Signing secrets of the hooks (`whsec_…`); a hook signed with any of them is answered.
    pub secrets: Vec<Secret>,
    /// `true` answers live mode hooks only, `false` test mode hooks only.
    pub livemode: bool,
    /// How long stock is held after an approval.
    pub hold: Duration,
    /// How long stock is held once the buyer has paid in a way whose money comes later.
    pub pending_hold: Duration,
    /// What an approval does if Stripe is about to take something else than the plugin's price.
    pub difference: AmountDifference,
    /// Whose taxes count, the plugin's or Stripe's.
    pub tax: TaxAuthority,
    /// Whether a completed checkout that is unknown here is for the operator. It is not where the account sells elsewhere as well.
    pub reports_unknown: bool,
    /// Names of the members of the price and availability hook.
    pub names: StripeHookNames,
}

/// Who assesses the tax of a checkout that Stripe runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TaxAuthority {
    /// The merchant's plugin: Stripe's tax is compared with its own.
    #[default]
    Plugin,
    /// Stripe Tax: amounts are compared without tax.
    Stripe,
}

/// A member of the price and availability hook, whose names are not public.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StripePriceMember {
    /// The SKU that is asked about, inside `data`.
    Asked,
    /// The SKU in the answer.
    Sku,
    /// Price of one unit in Stripe's units.
    Amount,
    /// Currency of the price in lower case.
    Currency,
    /// Availability: `in_stock`, `out_of_stock` …
    Availability,
    /// Units in stock, if the item is counted.
    Quantity,
    /// `true` for an item that is gone; the other members of the answer but the SKU are absent then.
    Deleted,
}

impl StripePriceMember {
    /// All members, in the order of the settings.
    pub const ALL: [Self; 7] = [
        Self::Asked,
        Self::Sku,
        Self::Amount,
        Self::Currency,
        Self::Availability,
        Self::Quantity,
        Self::Deleted,
    ];

    /// Its key in the settings.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Sku => "sku",
            Self::Amount => "amount",
            Self::Currency => "currency",
            Self::Availability => "availability",
            Self::Quantity => "quantity",
            Self::Deleted => "deleted",
        }
    }

    /// Its name where the settings give none: an assumption, except for the SKU that is asked about.
    #[must_use]
    pub const fn assumed(self) -> &'static str {
        match self {
            Self::Asked | Self::Sku => "sku_id",
            Self::Amount => "price.amount",
            Self::Currency => "price.currency",
            Self::Availability => "availability",
            Self::Quantity => "inventory_quantity",
            Self::Deleted => "deleted",
        }
    }
}

/// Names of the members of the price and availability hook, each a path such as `price.amount`.
#[derive(Clone, Debug, Default)]
pub struct StripeHookNames(BTreeMap<StripePriceMember, String>);

impl StripeHookNames {
    /// The path of a member.
    #[must_use]
    pub fn of(&self, member: StripePriceMember) -> &str {
        self.0.get(&member).map_or(member.assumed(), String::as_str)
    }

    /// The same with another name of a member.
    #[must_use]
    pub fn with(mut self, member: StripePriceMember, path: String) -> Self {
        self.0.insert(member, path);
        self
    }
}
