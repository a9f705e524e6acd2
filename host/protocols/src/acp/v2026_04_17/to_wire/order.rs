//! Conversion of an order to a webhook event of ACP 2026-04-17. Every event contains the complete order.

use super::super::wire::{order as wire, response::Total};
use super::{line_totals, support, total, totals};
use crate::acp::rendering::selected;
use crate::rendering::rfc3339;
use tillhouse_checkout::cart::FulfillmentKind;
use tillhouse_checkout::order::{OrderRefund, OrderStatus};
use tillhouse_checkout::order_snapshot::{OrderEventType, OrderSnapshot};
use tillhouse_checkout::quote::{Quote, QuoteLine, QuoteOption};
use tillhouse_checkout::session::Session;
use tillhouse_checkout::time::Timestamp;

pub(crate) fn event<'a>(snapshot: &OrderSnapshot<'a>) -> wire::WebhookEvent<'a> {
    let OrderSnapshot {
        session, order, status, ..
    } = *snapshot;
    let quote = &session.quote;
    wire::WebhookEvent {
        r#type: match snapshot.event {
            OrderEventType::Created => "order_create",
            OrderEventType::Updated => "order_update",
        },
        data: wire::EventDataOrder {
            r#type: "order",
            id: order.id.as_str(),
            checkout_session_id: session.id.as_str(),
            order_number: order.number.as_deref(),
            permalink_url: &order.permalink,
            status: status_name(status),
            estimated_delivery: whole_delivery(quote),
            line_items: quote.lines.iter().map(|line| line_item(line, status)).collect(),
            fulfillments: selected(quote)
                .map(|(option, lines)| fulfillment(option, &lines, status))
                .collect(),
            adjustments: snapshot.refunds.iter().map(adjustment).collect(),
            totals: order_totals(session, snapshot.refunds),
            support: quote.support.as_ref().map(support),
        },
    }
}

const fn status_name(status: OrderStatus) -> &'static str {
    match status {
        OrderStatus::ManualReview => "manual_review",
        OrderStatus::Confirmed => "confirmed",
        OrderStatus::Processing => "processing",
        OrderStatus::Shipped => "shipped",
        OrderStatus::Completed => "completed",
        OrderStatus::Canceled => "canceled",
    }
}

/// A line of an order. A shipped line counts as fulfilled: the seller has dispatched it (schema `Order.status`).
fn line_item(line: &QuoteLine, status: OrderStatus) -> wire::OrderLineItem<'_> {
    let ordered = line.quantity;
    let (current, fulfilled) = match status {
        OrderStatus::Canceled => (0, 0),
        OrderStatus::Shipped | OrderStatus::Completed => (ordered, ordered),
        OrderStatus::ManualReview | OrderStatus::Confirmed | OrderStatus::Processing => (ordered, 0),
    };
    wire::OrderLineItem {
        id: line.id.as_str(),
        title: &line.shown.title,
        product_id: line.item.as_str(),
        quantity: wire::OrderLineItemQuantity {
            ordered,
            current,
            fulfilled,
        },
        unit_price: line.net_unit_price().minor(),
        subtotal: line.subtotal.minor(),
        totals: line_totals(line),
        status: match (current, fulfilled) {
            (0, _) => "removed",
            (_, 0) => "processing",
            _ => "fulfilled",
        },
    }
}

/// The fulfillment, without the buyer's address: the receiving agent sent it itself.
fn fulfillment<'a>(option: &'a QuoteOption, lines: &[&'a QuoteLine], status: OrderStatus) -> wire::Fulfillment<'a> {
    wire::Fulfillment {
        id: option.id.as_str(),
        r#type: match option.shown_kind() {
            FulfillmentKind::Digital => "digital",
            _ => "shipping",
        },
        status: match status {
            OrderStatus::ManualReview | OrderStatus::Confirmed => Some("pending"),
            OrderStatus::Processing => Some("processing"),
            OrderStatus::Shipped => Some("shipped"),
            OrderStatus::Completed => Some("delivered"),
            OrderStatus::Canceled => Some("canceled"),
        },
        line_items: lines
            .iter()
            .map(|line| wire::LineItemReference {
                id: line.id.as_str(),
                quantity: line.quantity,
            })
            .collect(),
        carrier: option.carrier.as_deref(),
        estimated_delivery: window(option).map(estimated_delivery),
        description: &option.title,
    }
}

/// When the order arrives: from the first to the last arrival of all options that apply.
fn whole_delivery(quote: &Quote) -> Option<wire::EstimatedDelivery> {
    let windows = quote.selected_options().filter_map(window);
    let whole = windows.reduce(|(first, last), (earliest, latest)| (first.min(earliest), last.max(latest)));
    whole.map(estimated_delivery)
}

fn window(option: &QuoteOption) -> Option<(Timestamp, Timestamp)> {
    option.earliest.zip(option.latest)
}

fn estimated_delivery((earliest, latest): (Timestamp, Timestamp)) -> wire::EstimatedDelivery {
    wire::EstimatedDelivery {
        earliest: rfc3339(earliest),
        latest: rfc3339(latest),
    }
}

fn adjustment(refund: &OrderRefund) -> wire::Adjustment<'_> {
    wire::Adjustment {
        id: &refund.id,
        r#type: "refund",
        occurred_at: rfc3339(refund.at),
        status: "completed",
        amount: refund.amount.amount.minor(),
        currency: refund.amount.currency.lower(),
        description: refund.reason.as_deref(),
    }
}

/// The totals of an order. `total` stays the charged amount; refunds are in `amount_refunded` (ACP RFC orders §4.6).
fn order_totals<'a>(session: &'a Session, refunds: &[OrderRefund]) -> Vec<Total<'a>> {
    let mut totals = totals(session);
    if !refunds.is_empty() {
        let refunded = refunds.iter().map(|refund| refund.amount.amount.minor()).sum();
        totals.push(total("amount_refunded", "Refunded", refunded));
    }
    totals
}
