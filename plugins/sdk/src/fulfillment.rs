//! Fulfillment options: shipping, pickup and digital delivery.

pub use crate::bindings::tillhouse::merchant::{
    fulfillment_types::{FulfillmentOption, Offer, Place},
    types::{Address, Cart, Choice, Context, Failure, LineAmount},
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
///             Some(address) if address.in_country("US") => {
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

impl Offer {
    /// Creates an offer with one option, which is preselected until the buyer chooses.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let offer = Offer::preselecting(FulfillmentOption::digital("download", "Download"));
    /// assert_eq!(offer.preselected, [Choice::of("download")]);
    /// ```
    #[must_use]
    pub fn preselecting(option: FulfillmentOption) -> Self {
        Self {
            preselected: vec![Choice::of(option.id.as_str())],
            options: vec![option],
            messages: Vec::new(),
        }
    }
}

impl Place {
    /// Creates a place where the buyer picks goods up; phone number and instructions are set by update.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let place = Place {
    ///     instructions: Some("Ring the bell.".into()),
    ///     ..Place::new("Acme Downtown", Address::new("1 Main St", "Portland", "US"))
    /// };
    /// assert_eq!(place.address.city, "Portland");
    /// ```
    #[must_use]
    pub fn new(name: impl Into<String>, address: Address) -> Self {
        Self {
            id: None,
            name: name.into(),
            address,
            phone: None,
            instructions: None,
        }
    }
}

impl FulfillmentOption {
    /// Creates a shipping option for all lines, without delivery dates; the price excludes tax.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let price = Amount::new(1999)?;
    /// let option = FulfillmentOption {
    ///     carrier: Some("Acme Post".into()),
    ///     ..FulfillmentOption::shipping("express", "Express shipping", price)
    /// };
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

    /// Creates a pickup option for all lines; `price` is the fee for picking up, without tax.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let place = Place::new("Acme Downtown", Address::new("1 Main St", "Portland", "US"));
    /// let option = FulfillmentOption::pickup("shop", "Pick it up", Amount::ZERO, place);
    /// assert_eq!(option.kind, "pickup");
    /// ```
    #[must_use]
    pub fn pickup(id: impl Into<String>, title: impl Into<String>, price: Amount, place: Place) -> Self {
        Self {
            place: Some(place),
            ..Self::of_kind("pickup", id, title, price)
        }
    }

    /// Creates a delivery by the shop itself for all lines; the price excludes tax.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let option = FulfillmentOption::local_delivery("bike", "By bike", Amount::new(300)?);
    /// assert_eq!(option.kind, "local_delivery");
    /// # Ok::<(), Failure>(())
    /// ```
    #[must_use]
    pub fn local_delivery(id: impl Into<String>, title: impl Into<String>, price: Amount) -> Self {
        Self::of_kind("local_delivery", id, title, price)
    }

    /// Sets whether the price includes tax.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let option = FulfillmentOption::shipping("standard", "Standard", Amount::new(490)?).including_tax(true);
    /// assert!(option.tax_included);
    /// # Ok::<(), Failure>(())
    /// ```
    #[must_use]
    pub const fn including_tax(mut self, included: bool) -> Self {
        self.tax_included = included;
        self
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
            tax_included: false,
            lines: Vec::new(),
            group: None,
            place: None,
            pickup_type: None,
            ready_by: None,
            pickup_by: None,
            extensions: Vec::new(),
        }
    }
}
