//! An order (schema `Order`), whole: in the session that it came from, and in its events.

use serde::Serialize;

use crate::acp::rendering::OrderOfSession;
use crate::acp::shape::adjustment::response_v2026_04_17::Adjustment;
use crate::acp::shape::fulfillment::response_v2026_04_17::{self as fulfillment, Fulfillment};
use crate::acp::shape::order::response_v2026_01_30::OrderFacts;
use crate::acp::shape::order_confirmation::response_v2026_01_30::OrderConfirmation;
use crate::acp::shape::order_line_item::response_v2026_04_17::{self as order_line_item, OrderLineItem};
use crate::acp::shape::total::response_v2026_01_30::{self as total, Total};
use tillhouse_checkout::order;
use tillhouse_checkout::quote::Quote;

#[derive(Debug, Serialize)]
pub(crate) struct Order<'a> {
    r#type: &'static str,
    #[serde(flatten)]
    facts: OrderFacts<'a>,
    /// The buyer's own reference: the number of the purchase order that came with the payment.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_reference_id: Option<&'a str>,
    status: &'static str,
    /// `None` until it is paid.
    #[serde(flatten)]
    progress: Option<OrderProgress<'a>>,
}

/// What an order has once it is paid.
#[derive(Debug, Serialize)]
struct OrderProgress<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmation: Option<OrderConfirmation<'a>>,
    line_items: Vec<OrderLineItem<'a>>,
    fulfillments: Vec<Fulfillment<'a>>,
    adjustments: Vec<Adjustment<'a>>,
    totals: Vec<Total<'a>>,
}

impl<'a> From<OrderOfSession<'a>> for Order<'a> {
    /// An order whose payment is in progress has the status `created`.
    fn from(order: OrderOfSession<'a>) -> Self {
        Self {
            r#type: "order",
            facts: order.into(),
            client_reference_id: order.session.cart.purchase_order.as_deref(),
            status: order.paid.map_or("created", |paid| paid.status().name()),
            progress: order.paid.map(|paid| OrderProgress::new(paid, &order.session.quote)),
        }
    }
}

impl<'a> OrderProgress<'a> {
    fn new(order: &'a order::Order, quote: &'a Quote) -> Self {
        let progress = &order.progress;
        Self {
            confirmation: OrderConfirmation::new(&progress.confirmation),
            line_items: order_line_item::of_order(order, quote),
            fulfillments: fulfillment::of_order(order, quote),
            adjustments: progress.adjustments.iter().map(Into::into).collect(),
            totals: totals(order, quote),
        }
    }
}

/// The totals of an order. `total` stays the charged amount; what has gone back is in `amount_refunded` (ACP RFC orders §4.6).
fn totals<'a>(order: &order::Order, quote: &'a Quote) -> Vec<Total<'a>> {
    let mut totals = total::of_quote(quote);
    let refunded = order.refunded().amount;
    if !refunded.is_zero() {
        totals.push(Total::new("amount_refunded", "Refunded", refunded));
    }
    totals
}
