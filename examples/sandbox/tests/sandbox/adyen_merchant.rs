//! A scripted merchant that Adyen calls, and that charges over the Checkout API in the advanced flow.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tillhouse_sandbox::Sandbox;
use tillhouse_sandbox::adyen::{MERCHANT_ACCOUNT, MerchantAuth, MerchantConnection};

use crate::client::Raw;

/// Total of every session, in minor units.
pub(crate) const TOTAL: i64 = 38_666;

/// What the merchant was sent.
#[derive(Clone)]
pub(crate) struct Call {
    /// The part of the path after the session, such as `commit`; empty for the session itself.
    pub(crate) route: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Call {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

#[derive(Default)]
struct Script {
    calls: Vec<Call>,
    /// Answers that replace the usual ones, once each.
    answers: Vec<(&'static str, u16, Value)>,
}

/// A merchant with one item of 349.00.
#[derive(Clone)]
pub(crate) struct AdyenMerchant {
    script: Arc<Mutex<Script>>,
    checkout: Raw,
    pub(crate) webhook_url: String,
    base_url: String,
}

impl AdyenMerchant {
    /// Starts the merchant, and connects it to the sandbox's Adyen; `change` may change the connection.
    pub(crate) async fn open(sandbox: &Sandbox, change: impl FnOnce(MerchantConnection) -> MerchantConnection) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let merchant = Self {
            script: Arc::default(),
            checkout: Raw::checkout(sandbox),
            webhook_url: format!("http://{address}/webhooks"),
            base_url: format!("http://{address}/m/shop/"),
        };
        let router = Router::new().fallback(answer).with_state(merchant.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        merchant.connect(sandbox, change);
        merchant
    }

    /// Connects the merchant with another connection.
    pub(crate) fn connect(&self, sandbox: &Sandbox, change: impl FnOnce(MerchantConnection) -> MerchantConnection) {
        let auth = MerchantAuth::Bearer("merchant_key".into());
        sandbox
            .adyen
            .connect(change(MerchantConnection::new(self.base_url.as_str(), auth)));
    }

    /// Answers the next call of this route differently.
    pub(crate) fn answer_next(&self, route: &'static str, status: u16, body: Value) {
        self.script.lock().unwrap().answers.push((route, status, body));
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        self.script.lock().unwrap().calls.clone()
    }

    /// The routes that were called, in order.
    pub(crate) fn routes(&self) -> Vec<String> {
        self.calls().into_iter().map(|call| call.route).collect()
    }

    fn planned(&self, route: &str) -> Option<(u16, Value)> {
        let answers = &mut self.script.lock().unwrap().answers;
        let position = answers.iter().position(|(planned, ..)| *planned == route)?;
        let (_, status, body) = answers.remove(position);
        Some((status, body))
    }

    /// Charges the token of the advanced flow; the idempotency key is that of the session.
    async fn charge(&self, session: &str, body: &Value) -> Response {
        let payment = json!({
            "amount": body["amount"], "merchantAccount": MERCHANT_ACCOUNT, "reference": format!("pa_{session}"),
            "merchantOrderReference": "ORD-2026-001", "returnUrl": "https://shop.example/orders/ORD-2026-001",
            "paymentMethod": {"type": "scheme", "storedPaymentMethodId": body["payment_data"]["token"]},
        });
        let paid = self.checkout.json("/v72/payments", session, payment).await;
        if paid.body["resultCode"] == "Authorised" {
            return StatusCode::NO_CONTENT.into_response();
        }
        let message = json!({"type": "error", "code": "PAYMENT_DECLINED", "content": "No.", "content_type": "plain"});
        refused(422, json!({"messages": [message]}))
    }
}

async fn answer(State(merchant): State<AdyenMerchant>, headers: HeaderMap, uri: Uri, body: Bytes) -> Response {
    let path = uri.path();
    let (session, route) = match path.strip_prefix("/m/shop/agentic/sessions/") {
        Some(below) => below.split_once('/').unwrap_or((below, "")),
        None => ("", path.trim_start_matches('/')),
    };
    let call = Call {
        route: route.to_owned(),
        headers,
        body,
    };
    let json = call.json();
    merchant.script.lock().unwrap().calls.push(call);
    if let Some((status, body)) = merchant.planned(route) {
        return refused(status, body);
    }
    match route {
        "" | "cancel" => axum::Json(shown(session, "ready_for_payment")).into_response(),
        "commit" => {
            let mut committed = shown(session, "in_progress");
            committed["order"] = json!({
                "id": "ORD-2026-001", "checkout_session_id": session, "permalink_url": "https://shop.example/orders/ORD-2026-001",
            });
            axum::Json(committed).into_response()
        }
        "finalize" => StatusCode::NO_CONTENT.into_response(),
        "payment" => merchant.charge(session, &json).await,
        _ => "[accepted]".into_response(),
    }
}

fn refused(status: u16, body: Value) -> Response {
    let status = StatusCode::from_u16(status).unwrap();
    if body.is_null() {
        return status.into_response();
    }
    (status, axum::Json(body)).into_response()
}

/// A session of this merchant.
pub(crate) fn shown(session: &str, status: &str) -> Value {
    json!({
        "id": session, "status": status, "currency": "USD",
        "line_items": [{
            "id": "01", "item": {"id": "01", "quantity": 1}, "base_amount": 34_900, "discount": 0, "subtotal": 34_900,
            "tax": 2_967, "total": 37_867,
        }],
        "fulfillment_options": [{
            "id": "ship_standard", "type": "shipping", "title": "Standard Shipping", "subtotal": 799, "tax": 0, "total": 799,
        }],
        "totals": [
            {"type": "subtotal", "amount": 34_900, "display_text": "Subtotal"},
            {"type": "total", "amount": TOTAL, "display_text": "Order Total"},
        ],
        "messages": [], "links": [], "marketing_consent_options": [],
        "discounts": {"codes": [], "applied": [], "rejected": []},
    })
}
