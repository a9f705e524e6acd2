//! Order events of ACP 2026-04-17 (`openapi.agentic_checkout_webhook.yaml`, schema `Order`).

use serde::Serialize;

use super::response::{Support, Total};

#[derive(Debug, Serialize)]
pub(crate) struct WebhookEvent<'a> {
    pub(crate) r#type: &'static str,
    pub(crate) data: EventDataOrder<'a>,
}

#[derive(Debug, Serialize)]
pub(crate) struct EventDataOrder<'a> {
    pub(crate) r#type: &'static str,
    pub(crate) id: &'a str,
    pub(crate) checkout_session_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) order_number: Option<&'a str>,
    pub(crate) permalink_url: &'a str,
    pub(crate) status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) estimated_delivery: Option<EstimatedDelivery>,
    pub(crate) line_items: Vec<OrderLineItem<'a>>,
    pub(crate) fulfillments: Vec<Fulfillment<'a>>,
    pub(crate) adjustments: Vec<Adjustment<'a>>,
    pub(crate) totals: Vec<Total<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) support: Option<Support<'a>>,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct EstimatedDelivery {
    pub(crate) earliest: String,
    pub(crate) latest: String,
}

#[derive(Debug, Serialize)]
pub(crate) struct OrderLineItem<'a> {
    pub(crate) id: &'a str,
    pub(crate) title: &'a str,
    pub(crate) product_id: &'a str,
    pub(crate) quantity: OrderLineItemQuantity,
    pub(crate) unit_price: i64,
    pub(crate) subtotal: i64,
    pub(crate) totals: Vec<Total<'a>>,
    pub(crate) status: &'static str,
}

#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct OrderLineItemQuantity {
    pub(crate) ordered: u32,
    pub(crate) current: u32,
    pub(crate) fulfilled: u32,
}

#[derive(Debug, Serialize)]
pub(crate) struct Fulfillment<'a> {
    pub(crate) id: &'a str,
    pub(crate) r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<&'static str>,
    pub(crate) line_items: Vec<LineItemReference<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) carrier: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) estimated_delivery: Option<EstimatedDelivery>,
    pub(crate) description: &'a str,
}

#[derive(Debug, Serialize)]
pub(crate) struct LineItemReference<'a> {
    pub(crate) id: &'a str,
    pub(crate) quantity: u32,
}

#[derive(Debug, Serialize)]
pub(crate) struct Adjustment<'a> {
    pub(crate) id: &'a str,
    pub(crate) r#type: &'static str,
    pub(crate) occurred_at: String,
    pub(crate) status: &'static str,
    pub(crate) amount: i64,
    pub(crate) currency: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<&'a str>,
}
