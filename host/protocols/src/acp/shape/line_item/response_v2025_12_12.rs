//! A line of a session (schema `LineItem`): also how the item is presented.

use serde::Serialize;

use crate::acp::shape::line_item::response_v2025_09_29;
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
        }
    }
}
