//! Order events of ACP 2025-09-29 (`openapi.agentic_checkout_webhook.yaml`).

use serde::Serialize;

#[derive(Debug, Serialize)]
pub(crate) struct WebhookEvent<'a> {
    pub(crate) r#type: &'static str,
    pub(crate) data: EventDataOrder<'a>,
}

#[derive(Debug, Serialize)]
pub(crate) struct EventDataOrder<'a> {
    pub(crate) r#type: &'static str,
    pub(crate) checkout_session_id: &'a str,
    pub(crate) permalink_url: &'a str,
    pub(crate) status: &'static str,
    pub(crate) refunds: Vec<Refund>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Refund {
    pub(crate) r#type: &'static str,
    pub(crate) amount: i64,
}
