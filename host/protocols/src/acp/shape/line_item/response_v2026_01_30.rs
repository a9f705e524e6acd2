//! A line of a session (schema `LineItem`): its amounts are totals, and it says what is in stock and what was taken off.

use serde::Serialize;

use crate::acp::shape::discounts::response_v2026_01_30::DiscountDetail;
use crate::acp::shape::line_item::response_v2025_12_12::Presentation;
use crate::acp::shape::total::response_v2026_01_30::{self as total, Total};
use crate::rendering::rfc3339;
use tillhouse_checkout::quote::QuoteLine;
use tillhouse_checkout::session::Session;

/// Values of `availability_status`; any other is omitted.
const AVAILABILITIES: &[&str] = &["in_stock", "low_stock", "out_of_stock", "backorder", "pre_order"];

#[derive(Debug, Serialize)]
pub(crate) struct LineItem<'a> {
    id: &'a str,
    item: Item<'a>,
    quantity: u32,
    #[serde(flatten)]
    presentation: Presentation<'a>,
    sku: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    availability_status: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    available_quantity: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_quantity_per_order: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fulfillable_on: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tax_exempt: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tax_exemption_reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    discount_details: Vec<DiscountDetail<'a>>,
    totals: Vec<Total<'a>>,
}

/// Schema `Item`, which has no quantity: that is the line's.
#[derive(Debug, Serialize)]
struct Item<'a> {
    id: &'a str,
    name: &'a str,
    unit_amount: i64,
}

impl<'a> LineItem<'a> {
    pub(crate) fn new(session: &'a Session, line: &'a QuoteLine) -> Self {
        let availability = line.availability.as_deref();
        Self {
            id: line.id.as_str(),
            item: Item {
                id: line.item.as_str(),
                name: &line.shown.title,
                unit_amount: line.net_unit_price().minor(),
            },
            quantity: line.quantity,
            presentation: line.into(),
            sku: line.item.as_str(),
            availability_status: availability.filter(|name| AVAILABILITIES.contains(name)),
            available_quantity: line.available,
            max_quantity_per_order: line.max_quantity.filter(|most| *most > 0),
            fulfillable_on: line.available_from.map(rfc3339),
            tax_exempt: line.tax_exempt.is_some().then_some(true),
            tax_exemption_reason: line.tax_exempt.as_deref(),
            discount_details: DiscountDetail::of_line(session, &line.id),
            totals: total::of_line(line),
        }
    }
}
