//! Fulfillment options, and which of them are selected.

use super::{address, total, wire};
use crate::acp::rendering;
use crate::rendering::rfc3339;
use tillhouse_checkout::cart::FulfillmentKind;
use tillhouse_checkout::decision::PickupPlace;
use tillhouse_checkout::quote::{Quote, QuoteOption};

/// Values of `FulfillmentOptionPickup.pickup_type`; any other is omitted.
const PICKUP_TYPES: &[&str] = &["in_store", "curbside", "locker"];

fn location(place: &PickupPlace) -> wire::PickupLocation<'_> {
    wire::PickupLocation {
        name: &place.name,
        address: address(&place.address),
        phone: place.phone.as_deref(),
        instructions: place.instructions.as_deref(),
    }
}

pub(super) fn option(option: &QuoteOption) -> wire::FulfillmentOption<'_> {
    let id = option.id.as_str();
    let title = option.title.as_str();
    let description = option.description.as_deref();
    let totals = vec![
        total("subtotal", "Subtotal", option.subtotal.minor()),
        total("tax", "Tax", option.tax.minor()),
        total("total", "Total", option.total.minor()),
    ];
    match (option.shown_kind(), &option.place) {
        (FulfillmentKind::Digital, _) => wire::FulfillmentOption::Digital {
            id,
            title,
            description,
            totals,
        },
        (FulfillmentKind::Pickup, Some(place)) => wire::FulfillmentOption::Pickup {
            id,
            title,
            description,
            location: location(place),
            pickup_type: option.pickup_type.as_deref().filter(|kind| PICKUP_TYPES.contains(kind)),
            ready_by: option.ready_by.or(option.latest).or(option.earliest).map(rfc3339),
            pickup_by: option.pickup_by.map(rfc3339),
            totals,
        },
        (FulfillmentKind::LocalDelivery, _) => wire::FulfillmentOption::LocalDelivery {
            id,
            title,
            description,
            delivery_window: option.earliest.zip(option.latest).map(|(start, end)| wire::Window {
                start: rfc3339(start),
                end: rfc3339(end),
            }),
            totals,
        },
        _ => wire::FulfillmentOption::Shipping {
            id,
            title,
            description,
            carrier: option.carrier.as_deref(),
            earliest_delivery_time: option.earliest.map(rfc3339),
            latest_delivery_time: option.latest.map(rfc3339),
            totals,
        },
    }
}

/// The selected options. `item_ids` holds ids of items, not of line items, as in the examples of the specification.
pub(super) fn selected(quote: &Quote) -> Vec<wire::SelectedFulfillmentOption<'_>> {
    rendering::selected(quote)
        .map(|(option, lines)| wire::SelectedFulfillmentOption {
            r#type: option.shown_kind().name(),
            option_id: option.id.as_str(),
            item_ids: lines.iter().map(|line| line.item.as_str()).collect(),
        })
        .collect()
}
