//! A fulfillment option (schemas `FulfillmentOptionShipping` and `FulfillmentOptionDigital`), with flat amounts.

use serde::Serialize;

use crate::rendering::rfc3339;
use tillhouse_checkout::quote::QuoteOption;

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum FulfillmentOption<'a> {
    Shipping(ShippingOption<'a>),
    Digital(OptionFacts<'a>),
}

#[derive(Debug, Serialize)]
pub(crate) struct ShippingOption<'a> {
    #[serde(flatten)]
    facts: OptionFacts<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    carrier: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    earliest_delivery_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    latest_delivery_time: Option<String>,
}

/// What both kinds have.
#[derive(Debug, Serialize)]
pub(crate) struct OptionFacts<'a> {
    id: &'a str,
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    subtitle: Option<&'a str>,
    subtotal: i64,
    tax: i64,
    total: i64,
}

impl<'a> From<&'a QuoteOption> for FulfillmentOption<'a> {
    /// The schema has only shipping and digital; other kinds are shown as shipping.
    fn from(option: &'a QuoteOption) -> Self {
        let facts = OptionFacts {
            id: option.id.as_str(),
            title: &option.title,
            subtitle: option.description.as_deref(),
            subtotal: option.subtotal.minor(),
            tax: option.tax.minor(),
            total: option.total.minor(),
        };
        if option.kind == "digital" {
            return Self::Digital(facts);
        }
        Self::Shipping(ShippingOption {
            facts,
            carrier: option.carrier.as_deref(),
            earliest_delivery_time: option.earliest.map(rfc3339),
            latest_delivery_time: option.latest.map(rfc3339),
        })
    }
}
