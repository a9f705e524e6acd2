//! Conversion of an order to a webhook event of ACP 2025-09-29.

use super::super::wire::order as wire;
use tillhouse_checkout::order::OrderStatus;
use tillhouse_checkout::order_snapshot::{OrderEventType, OrderSnapshot};

pub(crate) fn event<'a>(snapshot: &OrderSnapshot<'a>) -> wire::WebhookEvent<'a> {
    let refunds = snapshot.refunds.iter();
    wire::WebhookEvent {
        r#type: match snapshot.event {
            OrderEventType::Created => "order_create",
            OrderEventType::Updated => "order_update",
        },
        data: wire::EventDataOrder {
            r#type: "order",
            checkout_session_id: snapshot.session.id.as_str(),
            permalink_url: &snapshot.order.permalink,
            status: status(snapshot.status),
            refunds: refunds
                .map(|refund| wire::Refund {
                    r#type: "original_payment",
                    amount: refund.amount.amount.minor(),
                })
                .collect(),
        },
    }
}

/// The order status. This release has no status for processing, and calls a completed order `fulfilled`.
const fn status(status: OrderStatus) -> &'static str {
    match status {
        OrderStatus::ManualReview => "manual_review",
        OrderStatus::Confirmed | OrderStatus::Processing => "confirmed",
        OrderStatus::Shipped => "shipped",
        OrderStatus::Completed => "fulfilled",
        OrderStatus::Canceled => "canceled",
    }
}
