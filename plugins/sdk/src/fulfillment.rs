//! Fulfillment options: shipping, pickup and digital delivery.

pub use crate::bindings::{
    fulfillment::exports::tillhouse::merchant::fulfillment::{FulfillmentOption, Offer},
    tillhouse::merchant::types::{Cart, Context, Failure, LineAmount},
};
use crate::{amount::Amount, bindings::fulfillment::exports::tillhouse::merchant::fulfillment, export::Adapter};

/// Offers fulfillment options. Capability `fulfillment`.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// /// Ships everything within the country for a flat price.
/// struct FlatRate;
///
/// impl Fulfillment for FlatRate {
///     fn options(_ctx: Context, cart: Cart, _amounts: Vec<LineAmount>) -> Result<Offer, Failure> {
///         match cart.destination {
///             Some(place) if place.in_country("US") => {
///                 let option = FulfillmentOption::shipping("flat", "Standard shipping", config::amount("price")?);
///                 Ok(Offer::preselecting(option))
///             }
///             _ => Ok(Offer::default()),
///         }
///     }
/// }
///
/// let _host = testing::Host::new().config("price", "599").install();
/// let mut cart = testing::cart(&[("tee", 1)]);
/// cart.destination = Some(testing::address("US", "CA"));
/// assert_eq!(FlatRate::options(testing::context("USD"), cart, vec![])?.options[0].price, 599);
/// # Ok::<(), Failure>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` exports `fulfillment` and does not implement `Fulfillment`",
    note = "implement `Fulfillment` for `{Self}`, or leave `fulfillment` out of `export!`"
)]
pub trait Fulfillment {
    /// Offers options. Has no side effects.
    ///
    /// Called with and without a destination; without one, offer only the options that need no address.
    ///
    /// May use `log`, `config`, `catalog`, `clock`, `kv` and `counters` to read, `egress`.
    /// Limits: 100 ms of CPU, 2 s in all, 32 MiB of memory, 5 HTTP requests.
    ///
    /// # Errors
    /// A [`Failure`]. Report an address that is not served as a message of the offer, not as a failure.
    fn options(ctx: Context, cart: Cart, amounts: Vec<LineAmount>) -> Result<Offer, Failure>;
}

impl<T: Fulfillment> fulfillment::Guest for Adapter<T> {
    fn options(ctx: Context, cart: Cart, amounts: Vec<LineAmount>) -> Result<Offer, Failure> {
        T::options(ctx, cart, amounts)
    }
}

#[allow(clippy::derivable_impls, reason = "the type is generated")]
impl Default for Offer {
    fn default() -> Self {
        Self {
            options: Vec::new(),
            preselected: None,
            messages: Vec::new(),
        }
    }
}

impl Offer {
    /// Creates an offer with one option, which is preselected until the buyer chooses.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let offer = Offer::preselecting(FulfillmentOption::digital("download", "Download"));
    /// assert_eq!(offer.preselected.as_deref(), Some("download"));
    /// ```
    #[must_use]
    pub fn preselecting(option: FulfillmentOption) -> Self {
        Self {
            preselected: Some(option.id.clone()),
            options: vec![option],
            messages: Vec::new(),
        }
    }
}

/// Pickup location. Empty fields are omitted; name, first address line, city and country are required.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// let place = Place { name: "Acme Downtown", line_one: "1 Main St", city: "Portland", country: "US", ..Place::default() };
/// assert_eq!(place.region, "", "omitted");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place<'a> {
    /// Name of the shop or locker.
    pub name: &'a str,
    /// First address line: street and number.
    pub line_one: &'a str,
    /// Apartment, floor or similar.
    pub line_two: &'a str,
    /// City or town of the location.
    pub city: &'a str,
    /// State, province or region.
    pub region: &'a str,
    /// Postal or ZIP code.
    pub postal_code: &'a str,
    /// Country code, ISO 3166-1 alpha-2.
    pub country: &'a str,
    /// Phone number of the location.
    pub phone: &'a str,
    /// Instructions for the buyer, such as opening hours.
    pub instructions: &'a str,
}

impl FulfillmentOption {
    /// Creates a shipping option for all lines, without delivery dates.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let option = FulfillmentOption::shipping("express", "Express shipping", Amount::new(1999)?);
    /// assert_eq!((option.kind.as_str(), option.price), ("shipping", 1999));
    /// # Ok::<(), Failure>(())
    /// ```
    #[must_use]
    pub fn shipping(id: impl Into<String>, title: impl Into<String>, price: Amount) -> Self {
        Self::of_kind("shipping", id, title, price)
    }

    /// Creates a free digital delivery for all lines.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// assert_eq!(FulfillmentOption::digital("download", "Download").price, 0);
    /// ```
    #[must_use]
    pub fn digital(id: impl Into<String>, title: impl Into<String>) -> Self {
        Self::of_kind("digital", id, title, Amount::ZERO)
    }

    /// Creates a pickup option for all lines; `price` is the fee for picking up.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let place = Place { name: "Acme Downtown", line_one: "1 Main St", city: "Portland", country: "US", ..Place::default() };
    /// let option = FulfillmentOption::pickup("shop", "Pick it up", Amount::ZERO, &place);
    /// assert_eq!(option.kind, "pickup");
    /// ```
    #[must_use]
    pub fn pickup(id: impl Into<String>, title: impl Into<String>, price: Amount, place: &Place<'_>) -> Self {
        let fields = [
            ("name", place.name),
            ("line-one", place.line_one),
            ("line-two", place.line_two),
            ("city", place.city),
            ("region", place.region),
            ("postal-code", place.postal_code),
            ("country", place.country),
            ("phone", place.phone),
            ("instructions", place.instructions),
        ];
        let said = fields.into_iter().filter(|(_, value)| !value.is_empty());
        Self {
            extensions: said
                .map(|(field, value)| (format!("tillhouse.place.{field}"), value.to_owned()))
                .collect(),
            ..Self::of_kind("pickup", id, title, price)
        }
    }

    fn of_kind(kind: &str, id: impl Into<String>, title: impl Into<String>, price: Amount) -> Self {
        Self {
            id: id.into(),
            kind: kind.into(),
            title: title.into(),
            description: None,
            carrier: None,
            earliest: None,
            latest: None,
            price: price.minor(),
            lines: Vec::new(),
            extensions: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pickup_says_its_place_and_nothing_that_is_empty() {
        let place = Place {
            name: "Acme Downtown",
            line_one: "1 Main St",
            city: "Portland",
            country: "US",
            ..Place::default()
        };
        let option = FulfillmentOption::pickup("shop", "Pick it up", Amount::ZERO, &place);
        assert_eq!(option.kind, "pickup");
        let said: Vec<_> = option
            .extensions
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .collect();
        assert_eq!(
            said,
            [
                ("tillhouse.place.name", "Acme Downtown"),
                ("tillhouse.place.line-one", "1 Main St"),
                ("tillhouse.place.city", "Portland"),
                ("tillhouse.place.country", "US"),
            ]
        );
    }
}
