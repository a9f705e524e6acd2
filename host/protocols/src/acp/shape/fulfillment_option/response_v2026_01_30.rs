//! A fulfillment option (schemas `FulfillmentOption…`): shipping, digital, pickup and local delivery.

use serde::Serialize;

use crate::acp::shape::fulfillment_option::response_v2026_01_16::OptionFacts;
use crate::acp::shape::fulfillment_option::response_v2026_01_16::ShippingOption;
use crate::acp::shape::total::response_v2026_01_30::{self as total, Total};
use crate::rendering::rfc3339;
use tillhouse_checkout::cart::FulfillmentKind;
use tillhouse_checkout::contact;
use tillhouse_checkout::decision::PickupPlace;
use tillhouse_checkout::quote::QuoteOption;

/// Values of `FulfillmentOptionPickup.pickup_type`; any other is omitted.
const PICKUP_TYPES: &[&str] = &["in_store", "curbside", "locker"];

/// With the address of a pickup in the shape of the release.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum FulfillmentOption<'a, Address> {
    Shipping(ShippingOption<'a, Total<'a>>),
    Digital(OptionFacts<'a, Total<'a>>),
    Pickup(PickupOption<'a, Address>),
    LocalDelivery(LocalDeliveryOption<'a>),
}

#[derive(Debug, Serialize)]
pub(crate) struct PickupOption<'a, Address> {
    #[serde(flatten)]
    facts: OptionFacts<'a, Total<'a>>,
    location: PickupLocation<'a, Address>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pickup_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ready_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pickup_by: Option<String>,
}

#[derive(Debug, Serialize)]
struct PickupLocation<'a, Address> {
    name: &'a str,
    address: Address,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instructions: Option<&'a str>,
}

#[derive(Debug, Serialize)]
pub(crate) struct LocalDeliveryOption<'a> {
    #[serde(flatten)]
    facts: OptionFacts<'a, Total<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delivery_window: Option<DeliveryWindow>,
}

#[derive(Debug, Serialize)]
struct DeliveryWindow {
    start: String,
    end: String,
}

impl<'a, Address: From<&'a contact::Address>> From<&'a QuoteOption> for FulfillmentOption<'a, Address> {
    fn from(option: &'a QuoteOption) -> Self {
        let totals = total::of_option(option);
        match (option.shown_kind(), &option.place) {
            (FulfillmentKind::Digital, _) => Self::Digital(OptionFacts::new(option, totals)),
            (FulfillmentKind::Pickup, Some(place)) => Self::Pickup(PickupOption::new(option, place, totals)),
            (FulfillmentKind::LocalDelivery, _) => Self::LocalDelivery(LocalDeliveryOption::new(option, totals)),
            _ => Self::Shipping(ShippingOption::new(option, totals)),
        }
    }
}

impl<'a, Address: From<&'a contact::Address>> PickupOption<'a, Address> {
    fn new(option: &'a QuoteOption, place: &'a PickupPlace, totals: Vec<Total<'a>>) -> Self {
        Self {
            facts: OptionFacts::new(option, totals),
            location: PickupLocation {
                name: &place.name,
                address: (&place.address).into(),
                phone: place.phone.as_deref(),
                instructions: place.instructions.as_deref(),
            },
            pickup_type: option.pickup_type.as_deref().filter(|kind| PICKUP_TYPES.contains(kind)),
            ready_by: option.ready_by.or(option.latest).or(option.earliest).map(rfc3339),
            pickup_by: option.pickup_by.map(rfc3339),
        }
    }
}

impl<'a> LocalDeliveryOption<'a> {
    fn new(option: &'a QuoteOption, totals: Vec<Total<'a>>) -> Self {
        Self {
            facts: OptionFacts::new(option, totals),
            delivery_window: option.earliest.zip(option.latest).map(|(start, end)| DeliveryWindow {
                start: rfc3339(start),
                end: rfc3339(end),
            }),
        }
    }
}
