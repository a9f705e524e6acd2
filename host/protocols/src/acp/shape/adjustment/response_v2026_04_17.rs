//! A refund, return, credit, cancellation or dispute of an order (schema `Adjustment`).

use serde::Serialize;

use crate::acp::shape::line_item_reference::response_v2026_04_17::LineItemReference;
use crate::rendering::rfc3339;
use tillhouse_checkout::decision;

#[derive(Debug, Serialize)]
pub(crate) struct Adjustment<'a> {
    id: &'a str,
    r#type: &'a str,
    occurred_at: String,
    status: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    line_items: Vec<LineItemReference<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

impl<'a> From<&'a decision::Adjustment> for Adjustment<'a> {
    fn from(adjustment: &'a decision::Adjustment) -> Self {
        Self {
            id: &adjustment.id,
            r#type: match adjustment.kind.as_str() {
                // A refund in part has no type of its own (ACP RFC orders §4.5).
                "partial_refund" => "refund",
                kind => kind,
            },
            occurred_at: rfc3339(adjustment.at),
            status: &adjustment.status,
            line_items: adjustment.lines.iter().map(Into::into).collect(),
            amount: adjustment.amount.map(|money| money.amount.minor()),
            currency: adjustment.amount.map(|money| money.currency.lower()),
            description: adjustment.reason.as_deref(),
            reason: adjustment.code.as_deref(),
        }
    }
}
