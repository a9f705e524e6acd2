//! A line of an order (schemas `OrderLineItem` and `OrderLineItemQuantity`).

use serde::Serialize;

use crate::acp::shape::total::response_v2026_01_30::{self as total, Total};
use tillhouse_checkout::order::{Order, OrderLine};
use tillhouse_checkout::quote::{Quote, QuoteLine};

#[derive(Debug, Serialize)]
pub(crate) struct OrderLineItem<'a> {
    id: &'a str,
    title: &'a str,
    product_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    quantity: OrderLineItemQuantity,
    unit_price: i64,
    subtotal: i64,
    totals: Vec<Total<'a>>,
    status: &'static str,
}

#[derive(Clone, Copy, Debug, Serialize)]
struct OrderLineItemQuantity {
    ordered: u32,
    current: u32,
    fulfilled: u32,
}

/// The lines of an order, with the prices at which they were sold.
pub(crate) fn of_order<'a>(order: &Order, quote: &'a Quote) -> Vec<OrderLineItem<'a>> {
    let lines = order.lines();
    let line_of = |sold: &QuoteLine| lines.iter().find(|line| line.line == sold.id.as_str());
    let sold = quote.lines.iter();
    sold.map(|sold| OrderLineItem::new(sold, OrderLineItemQuantity::new(sold, line_of(sold))))
        .collect()
}

impl OrderLineItemQuantity {
    /// What was dispatched counts as fulfilled (ACP RFC orders §3.2). Nothing has happened to a line of an order that an earlier release
    /// of the host stored without lines.
    fn new(sold: &QuoteLine, line: Option<&OrderLine>) -> Self {
        Self {
            ordered: sold.quantity,
            current: line.map_or(sold.quantity, |line| line.current),
            fulfilled: line.map_or(0, |line| line.dispatched),
        }
    }

    /// The status that follows from the units (ACP RFC orders §4.2).
    const fn status(self) -> &'static str {
        match self {
            Self { current: 0, .. } => "removed",
            Self { fulfilled: 0, .. } => "processing",
            Self { fulfilled, current, .. } if fulfilled < current => "partial",
            Self { .. } => "fulfilled",
        }
    }
}

impl<'a> OrderLineItem<'a> {
    fn new(sold: &'a QuoteLine, quantity: OrderLineItemQuantity) -> Self {
        Self {
            id: sold.id.as_str(),
            title: &sold.shown.title,
            product_id: sold.item.as_str(),
            description: sold.shown.description.as_deref(),
            image_url: sold.shown.images.first().map(String::as_str),
            url: sold.shown.url.as_deref(),
            quantity,
            unit_price: sold.net_unit_price().minor(),
            subtotal: sold.subtotal.minor(),
            totals: total::of_line(sold),
            status: quantity.status(),
        }
    }
}
