//! A fulfillment option (`AcpFulfillmentOption`): shipping or digital. Pickups and local deliveries are shown as shipping.

use serde::Serialize;

use crate::adyen::rendering::Units;
use crate::rendering::rfc3339;
use tillhouse_checkout::cart::FulfillmentKind;
use tillhouse_checkout::quote::QuoteOption;

#[derive(Debug, Serialize)]
pub(crate) struct FulfillmentOption<'a> {
    id: &'a str,
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    carrier: Option<&'a str>,
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    subtitle: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    earliest_delivery_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    latest_delivery_time: Option<String>,
    subtotal: i64,
    tax: i64,
    total: i64,
}

impl<'a> FulfillmentOption<'a> {
    pub(crate) fn of(option: &'a QuoteOption, units: Units) -> Self {
        let is_digital = option.shown_kind() == FulfillmentKind::Digital;
        let of_parcel = Some(option).filter(|_| !is_digital);
        Self {
            id: option.id.as_str(),
            r#type: if is_digital { "digital" } else { "shipping" },
            carrier: of_parcel.and_then(|option| option.carrier.as_deref()),
            title: &option.title,
            subtitle: option.description.as_deref(),
            earliest_delivery_time: of_parcel.and_then(|option| option.earliest).map(rfc3339),
            latest_delivery_time: of_parcel.and_then(|option| option.latest).map(rfc3339),
            subtotal: units.of(option.subtotal),
            tax: units.of(option.tax),
            total: units.of(option.total),
        }
    }
}
