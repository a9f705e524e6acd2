//! A fulfillment option (schemas `FulfillmentOptionShipping` and `FulfillmentOptionDigital`), with totals in the shape of the release.

use serde::Serialize;

use crate::acp::shape::total::response_v2025_09_29::{self as total, Total};
use crate::rendering::rfc3339;
use tillhouse_checkout::quote::QuoteOption;

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum FulfillmentOption<'a> {
    Shipping(ShippingOption<'a, Total<'a>>),
    Digital(OptionFacts<'a, Total<'a>>),
}

#[derive(Debug, Serialize)]
pub(crate) struct ShippingOption<'a, Total> {
    #[serde(flatten)]
    facts: OptionFacts<'a, Total>,
    #[serde(skip_serializing_if = "Option::is_none")]
    carrier: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    earliest_delivery_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    latest_delivery_time: Option<String>,
}

/// What every kind has.
#[derive(Debug, Serialize)]
pub(crate) struct OptionFacts<'a, Total> {
    id: &'a str,
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    totals: Vec<Total>,
}

impl<'a, Total> OptionFacts<'a, Total> {
    pub(crate) fn new(option: &'a QuoteOption, totals: Vec<Total>) -> Self {
        Self {
            id: option.id.as_str(),
            title: &option.title,
            description: option.description.as_deref(),
            totals,
        }
    }
}

impl<'a, Total> ShippingOption<'a, Total> {
    pub(crate) fn new(option: &'a QuoteOption, totals: Vec<Total>) -> Self {
        Self {
            facts: OptionFacts::new(option, totals),
            carrier: option.carrier.as_deref(),
            earliest_delivery_time: option.earliest.map(rfc3339),
            latest_delivery_time: option.latest.map(rfc3339),
        }
    }
}

impl<'a> From<&'a QuoteOption> for FulfillmentOption<'a> {
    /// The schema has only shipping and digital; other kinds are shown as shipping.
    fn from(option: &'a QuoteOption) -> Self {
        let totals = total::of_option(option);
        if option.kind == "digital" {
            Self::Digital(OptionFacts::new(option, totals))
        } else {
            Self::Shipping(ShippingOption::new(option, totals))
        }
    }
}
