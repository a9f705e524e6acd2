//! Order events of the releases up to 2026-01-30 (`openapi.agentic_checkout_webhook.yaml`): where the order is, how far it is, and its
//! refunds.

use serde::Serialize;

use crate::acp::release_definition::body;
use crate::acp::rendering::order_event_type;
use tillhouse_checkout::decision::Adjustment;
use tillhouse_checkout::order::{Order, OrderStatus};
use tillhouse_checkout::order_snapshot::OrderSnapshot;

#[derive(Debug, Serialize)]
struct WebhookEvent<'a> {
    r#type: &'static str,
    data: EventDataOrder<'a>,
}

#[derive(Debug, Serialize)]
struct EventDataOrder<'a> {
    r#type: &'static str,
    checkout_session_id: &'a str,
    permalink_url: &'a str,
    status: &'static str,
    refunds: Vec<Refund>,
}

#[derive(Debug, Serialize)]
struct Refund {
    r#type: &'static str,
    amount: i64,
}

pub(crate) fn render(snapshot: &OrderSnapshot<'_>) -> Vec<u8> {
    body(&WebhookEvent {
        r#type: order_event_type(snapshot.event),
        data: EventDataOrder {
            r#type: "order",
            checkout_session_id: snapshot.session.id.as_str(),
            permalink_url: &snapshot.order.permalink,
            status: status(snapshot.order.status()),
            refunds: refunds(snapshot.order),
        },
    })
}

/// What has gone back of the payment. Other adjustments have no place in these releases.
fn refunds(order: &Order) -> Vec<Refund> {
    let adjustments = order.progress.adjustments.iter();
    let completed = adjustments.filter(|adjustment| adjustment.status == "completed" && adjustment.kind != "dispute");
    completed.filter_map(Refund::of).collect()
}

impl Refund {
    /// `None` for an adjustment that moves no money.
    fn of(adjustment: &Adjustment) -> Option<Self> {
        adjustment.amount.map(|money| Self {
            r#type: if adjustment.kind == "credit" {
                "store_credit"
            } else {
                "original_payment"
            },
            amount: money.amount.minor(),
        })
    }
}

/// The order status. These releases have no status for processing, and call a completed order `fulfilled`.
const fn status(status: OrderStatus) -> &'static str {
    match status {
        OrderStatus::ManualReview => "manual_review",
        OrderStatus::Confirmed | OrderStatus::Processing => "confirmed",
        OrderStatus::Shipped => "shipped",
        OrderStatus::Completed => "fulfilled",
        OrderStatus::Canceled => "canceled",
    }
}
