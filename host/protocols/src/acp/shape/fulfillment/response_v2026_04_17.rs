//! A parcel, pickup or download of an order (schemas `Fulfillment` and `FulfillmentEvent`).

use serde::Serialize;

use crate::acp::rendering::selected;
use crate::acp::shape::address::response_v2026_04_17::Address;
use crate::acp::shape::estimated_delivery::response_v2026_01_30::EstimatedDelivery;
use crate::acp::shape::line_item_reference::response_v2026_04_17::LineItemReference;
use crate::rendering::rfc3339;
use tillhouse_checkout::decision::{self, DigitalDelivery};
use tillhouse_checkout::order::{Order, OrderStatus};
use tillhouse_checkout::quote::{Quote, QuoteLine, QuoteOption};

/// A fulfillment, without the address of the order: the agent sent that itself.
#[derive(Debug, Serialize)]
pub(crate) struct Fulfillment<'a> {
    id: &'a str,
    r#type: &'static str,
    status: &'a str,
    line_items: Vec<LineItemReference<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    carrier: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tracking_number: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tracking_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination: Option<Address<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    estimated_delivery: Option<EstimatedDelivery>,
    #[serde(skip_serializing_if = "Option::is_none")]
    digital_delivery: Option<DigitalDeliveryDetails<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    events: Vec<FulfillmentEvent<'a>>,
}

#[derive(Debug, Serialize)]
struct DigitalDeliveryDetails<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    access_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    license_key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
}

#[derive(Debug, Serialize)]
struct FulfillmentEvent<'a> {
    id: &'a str,
    r#type: &'a str,
    occurred_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<&'a str>,
}

/// The fulfillments of an order; until the merchant names any, one of each option that was chosen.
pub(crate) fn of_order<'a>(order: &'a Order, quote: &'a Quote) -> Vec<Fulfillment<'a>> {
    let known = &order.progress.fulfillments;
    if known.is_empty() {
        let status = order.status();
        let expected = selected(quote).map(|(option, lines)| Fulfillment::expected(option, &lines, status));
        return expected.collect();
    }
    known.iter().map(Into::into).collect()
}

/// The `type`. The schema has no local delivery: a parcel that is brought is shipped.
fn type_of(kind: &str) -> &'static str {
    match kind {
        "digital" => "digital",
        "pickup" => "pickup",
        _ => "shipping",
    }
}

impl<'a> Fulfillment<'a> {
    fn expected(option: &'a QuoteOption, lines: &[&'a QuoteLine], status: OrderStatus) -> Self {
        Self {
            id: option.id.as_str(),
            r#type: type_of(&option.kind),
            status: match status {
                OrderStatus::ManualReview | OrderStatus::Confirmed => "pending",
                OrderStatus::Processing => "processing",
                OrderStatus::Shipped => "shipped",
                OrderStatus::Completed => "delivered",
                OrderStatus::Canceled => "canceled",
            },
            line_items: lines.iter().map(|line| LineItemReference::from(*line)).collect(),
            carrier: option.carrier.as_deref(),
            tracking_number: None,
            tracking_url: None,
            destination: None,
            estimated_delivery: EstimatedDelivery::of_option(option),
            digital_delivery: None,
            description: Some(&option.title),
            events: Vec::new(),
        }
    }
}

impl<'a> From<&'a decision::Fulfillment> for Fulfillment<'a> {
    fn from(fulfillment: &'a decision::Fulfillment) -> Self {
        let window = fulfillment.earliest.zip(fulfillment.latest);
        Self {
            id: &fulfillment.id,
            r#type: type_of(&fulfillment.kind),
            status: &fulfillment.status,
            line_items: fulfillment.lines.iter().map(Into::into).collect(),
            carrier: fulfillment.carrier.as_deref(),
            tracking_number: fulfillment.tracking_number.as_deref(),
            tracking_url: fulfillment.tracking_url.as_deref(),
            destination: fulfillment.destination.as_ref().map(Into::into),
            estimated_delivery: window.map(|(earliest, latest)| EstimatedDelivery::new(earliest, latest)),
            digital_delivery: fulfillment.digital.as_ref().map(Into::into),
            description: fulfillment.description.as_deref(),
            events: fulfillment.events.iter().map(Into::into).collect(),
        }
    }
}

impl<'a> From<&'a DigitalDelivery> for DigitalDeliveryDetails<'a> {
    fn from(digital: &'a DigitalDelivery) -> Self {
        Self {
            access_url: digital.url.as_deref(),
            license_key: digital.license_key.as_deref(),
            expires_at: digital.expires.map(rfc3339),
        }
    }
}

impl<'a> From<&'a decision::FulfillmentEvent> for FulfillmentEvent<'a> {
    fn from(event: &'a decision::FulfillmentEvent) -> Self {
        Self {
            id: &event.id,
            r#type: &event.kind,
            occurred_at: rfc3339(event.at),
            description: event.description.as_deref(),
            location: event.location.as_deref(),
        }
    }
}
