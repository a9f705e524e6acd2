//! Order events of ACP 2026-04-17 (`openapi.agentic_checkout_webhook.yaml`). Every event contains the complete order.

use serde::Serialize;

use crate::acp::release_definition::body;
use crate::acp::rendering::{OrderOfSession, order_event_type};
use crate::acp::shape::order::response_v2026_04_17::Order;
use tillhouse_checkout::order_snapshot::OrderSnapshot;

#[derive(Debug, Serialize)]
struct WebhookEvent<'a> {
    r#type: &'static str,
    data: Order<'a>,
}

pub(crate) fn render(snapshot: &OrderSnapshot<'_>) -> Vec<u8> {
    body(&WebhookEvent {
        r#type: order_event_type(snapshot.event),
        data: OrderOfSession::paid(snapshot.session, snapshot.order).into(),
    })
}
