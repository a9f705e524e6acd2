//! A line of a session (schema `LineItem`): also how the item is presented, and what the buyer has to be told of it.
//!
//! `marketplace_seller_details` is left out: a catalog has the items of one merchant.

use serde::Serialize;

use crate::acp::shape::line_item::response_v2025_09_29;
use tillhouse_checkout::decision::ItemProperty;
use tillhouse_checkout::quote::QuoteLine;

#[derive(Debug, Serialize)]
pub(crate) struct LineItem<'a> {
    #[serde(flatten)]
    line: response_v2025_09_29::LineItem<'a>,
    #[serde(flatten)]
    presentation: Presentation<'a>,
}

/// How the item of a line is presented.
#[derive(Debug, Serialize)]
pub(crate) struct Presentation<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    images: &'a [String],
    unit_amount: i64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    disclosures: Vec<Disclosure<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    custom_attributes: Vec<CustomAttribute<'a>>,
}

/// A text that the law wants the buyer to see (schema `Disclosure`).
#[derive(Debug, Serialize)]
struct Disclosure<'a> {
    r#type: &'static str,
    content_type: &'static str,
    content: &'a str,
}

/// A property that is shown to the buyer (schema `CustomAttribute`).
#[derive(Debug, Serialize)]
struct CustomAttribute<'a> {
    display_name: &'a str,
    value: &'a str,
}

impl<'a> From<&'a QuoteLine> for LineItem<'a> {
    fn from(line: &'a QuoteLine) -> Self {
        Self {
            line: line.into(),
            presentation: line.into(),
        }
    }
}

impl<'a> From<&'a QuoteLine> for Presentation<'a> {
    fn from(line: &'a QuoteLine) -> Self {
        Self {
            name: &line.shown.title,
            description: line.shown.description.as_deref(),
            images: &line.shown.images,
            unit_amount: line.net_unit_price().minor(),
            disclosures: line.shown.facts.warnings.iter().map(Disclosure::plain).collect(),
            custom_attributes: line.shown.facts.attributes.iter().map(Into::into).collect(),
        }
    }
}

impl<'a> Disclosure<'a> {
    fn plain(content: &'a String) -> Self {
        Self {
            r#type: "disclaimer",
            content_type: "plain",
            content,
        }
    }
}

impl<'a> From<&'a ItemProperty> for CustomAttribute<'a> {
    fn from(property: &'a ItemProperty) -> Self {
        Self {
            display_name: &property.name,
            value: &property.value,
        }
    }
}
