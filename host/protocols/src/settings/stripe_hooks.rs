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

/// A member of the price and availability hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StripePriceMember {
    /// The SKU that is asked about, inside `data`.
    Asked,
    /// The SKU in the answer.
    Sku,
    /// The account that the hook is about, as its envelope names it.
    Merchant,
    /// Price of one unit in Stripe's units.
    Amount,
    /// Currency of the price in lower case.
    Currency,
    /// Availability: `in_stock`, `out_of_stock` …
    Availability,
    /// Units in stock, if the item is counted.
    Quantity,
    /// When the answer was true, in seconds since 1970.
    AsOf,
    /// `true` for an item that is gone; the answer has only SKU and account beside it.
    Deleted,
}

impl StripePriceMember {
    /// All members, in the order of the settings.
    pub const ALL: [Self; 9] = [
        Self::Asked,
        Self::Sku,
        Self::Merchant,
        Self::Amount,
        Self::Currency,
        Self::Availability,
        Self::Quantity,
        Self::AsOf,
        Self::Deleted,
    ];

    /// Its key in the settings.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Sku => "sku",
            Self::Merchant => "merchant",
            Self::Amount => "amount",
            Self::Currency => "currency",
            Self::Availability => "availability",
            Self::Quantity => "quantity",
            Self::AsOf => "as_of",
            Self::Deleted => "deleted",
        }
    }

    /// Its name where the settings give none, as public plugins of shops name it: Stripe's own page is not stored publicly.
    #[must_use]
    pub const fn assumed(self) -> &'static str {
        match self {
            Self::Asked | Self::Sku => "sku_id",
            Self::Merchant => "merchant_id",
            Self::Amount => "price.unit_amount",
            Self::Currency => "price.currency",
            Self::Availability => "availability.status",
            Self::Quantity => "availability.quantity",
            Self::AsOf => "as_of",
            Self::Deleted => "deleted",
        }
    }
}

/// Names of the members of the price and availability hook, each a path such as `price.unit_amount`.
#[derive(Clone, Debug, Default)]
pub struct StripeHookNames(BTreeMap<StripePriceMember, String>);

impl StripeHookNames {
    /// The path of a member.
    #[must_use]
    pub fn of(&self, member: StripePriceMember) -> &str {
        self.0.get(&member).map_or(member.assumed(), String::as_str)
    }

    /// A member of the answer that another one takes the place of: they have one path, or one is inside the other.
    #[must_use]
    pub fn in_the_way(&self) -> Option<(StripePriceMember, StripePriceMember)> {
        let answered = || {
            StripePriceMember::ALL
                .into_iter()
                .filter(|it| *it != StripePriceMember::Asked)
        };
        let is_inside = |inner: &str, outer: &str| {
            let rest = inner.strip_prefix(outer);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        answered().find_map(|outer| {
            let mut others = answered().filter(|it| *it != outer);
            let inner = others.find(|inner| is_inside(self.of(*inner), self.of(outer)))?;
            Some((inner, outer))
        })
    }

    /// The same with another name of a member.
    #[must_use]
    pub fn with(mut self, member: StripePriceMember, path: String) -> Self {
        self.0.insert(member, path);
        self
    }
}
