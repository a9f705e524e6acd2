//! Ways the goods reach the buyer.

pub use crate::bindings::{
    fulfillment::exports::tillhouse::merchant::fulfillment::{FulfillmentOption, Offer},
    tillhouse::merchant::types::{Cart, Context, Failure, LineAmount},
};
use crate::{amount::Amount, bindings::fulfillment::exports::tillhouse::merchant::fulfillment, export::Adapter};

/// Offers ways to deliver. Capability `fulfillment`.
pub trait Fulfillment {
    /// Offers options. Called with and without a destination; without one, offer what needs none. Decides only.
    ///
    /// # Errors
    /// A [`Failure`]; an address that cannot be served is a message of the offer.
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
    /// An offer of one option that holds until the buyer chooses.
    #[must_use]
    pub fn preselecting(option: FulfillmentOption) -> Self {
        Self {
            preselected: Some(option.id.clone()),
            options: vec![option],
            messages: Vec::new(),
        }
    }
}

impl FulfillmentOption {
    /// A parcel, for all lines, without dates.
    #[must_use]
    pub fn shipping(id: impl Into<String>, title: impl Into<String>, price: Amount) -> Self {
        Self::of_kind("shipping", id, title, price)
    }

    /// A download, for all lines, free.
    #[must_use]
    pub fn digital(id: impl Into<String>, title: impl Into<String>) -> Self {
        Self::of_kind("digital", id, title, Amount::ZERO)
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
