//! A scripted shop that answers every protocol and records its requests.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::IntoResponse;
use serde_json::{Value, json};
use tillhouse_sandbox::Secret;
use tillhouse_sandbox::stripe::signature;

pub(crate) struct Seen {
    pub(crate) request: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Seen {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn is_signed_by(&self, secret: &str, timestamp: u64) -> bool {
        let expected = signature::sign(&Secret::from(secret), timestamp.try_into().unwrap(), &self.body);
        self.header(signature::HEADER) == expected
    }
}

#[derive(Clone, Default)]
pub(crate) struct Shop {
    seen: Arc<Mutex<Vec<Seen>>>,
    decline: bool,
    stuck: bool,
}

impl Shop {
    /// Refuses every payment, with an error in the flat format.
    pub(crate) fn declining() -> Self {
        Self {
            decline: true,
            ..Self::default()
        }
    }

    /// Stays in progress forever.
    pub(crate) fn stuck() -> Self {
        Self {
            stuck: true,
            ..Self::default()
        }
    }

    /// Starts the shop under a path prefix, like one of many merchants.
    pub(crate) async fn open(self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(answer).with_state(self);
        tokio::spawn(async move { axum::serve(listener, router).await });
        format!("http://{address}/m/shop/")
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        std::mem::take(&mut self.seen.lock().unwrap())
    }
}

async fn answer(
    State(shop): State<Shop>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> impl IntoResponse {
    let request = format!("{method} {}", uri.path());
    let payload: Value = serde_json::from_slice(&body).unwrap_or_default();
    let version = headers
        .get("api-version")
        .map_or("", |value| value.to_str().unwrap())
        .to_owned();
    shop.seen.lock().unwrap().push(Seen { request, headers, body });
    let path = uri.path().strip_prefix("/m/shop").unwrap();
    let (status, body) = match (method.as_str(), path) {
        ("POST", "/checkout_sessions") => (201, session(&version, "not_ready_for_payment", None)),
        ("POST", "/agentic/checkouts") => (200, session("acs", "ready_for_payment", Some("ship_std"))),
        ("POST", path) if path.ends_with("/complete") && shop.decline => (
            400,
            json!({"type": "processing_error", "code": "payment_declined", "message": "Declined."}),
        ),
        ("POST", path) if path.ends_with("/complete") => {
            (200, session(&version, in_progress(&version), Some("ship_exp")))
        }
        ("POST", path) if path.ends_with("/confirm") => (200, json!({"status": "in_progress", "order": order()})),
        ("POST", _) => {
            let option = selected(&payload).unwrap_or("ship_std");
            (200, session(&version, "ready_for_payment", Some(option)))
        }
        ("GET", _) if shop.stuck => (200, session(&version, in_progress(&version), Some("ship_exp"))),
        ("GET", path) => {
            let mut done = session(&version, "completed", Some("ship_exp"));
            // A Stripe ACS checkout need not repeat the order of its confirmation.
            if path.starts_with("/checkout_sessions") {
                done["order"] = order();
            }
            (200, done)
        }
        _ => (405, Value::Null),
    };
    (StatusCode::from_u16(status).unwrap(), body.to_string())
}

fn selected(payload: &Value) -> Option<&str> {
    let flat = payload.get("fulfillment_option_id");
    flat.or_else(|| payload.pointer("/selected_fulfillment_options/0/option_id"))?
        .as_str()
}

fn in_progress(version: &str) -> &'static str {
    if version == "2026-04-17" {
        "complete_in_progress"
    } else {
        "in_progress"
    }
}

fn order() -> Value {
    json!({"id": "o_1", "checkout_session_id": "cs_1", "permalink_url": "https://shop.example/o_1"})
}

fn session(version: &str, status: &str, option: Option<&str>) -> Value {
    let shipping = match option {
        None => 0,
        Some("ship_std") => 500,
        Some(_) => 1_500,
    };
    let mut session = json!({
        "id": "cs_1",
        "status": status,
        "currency": "usd",
        "line_items": [{"id": "li_1", "item": {"id": "sku_1"}}],
        "fulfillment_options": [],
        "totals": [{"type": "total", "display_text": "Total", "amount": 3_000 + shipping}],
        "messages": [],
        "links": [],
    });
    if version == "2026-04-17" {
        session["capabilities"] = json!({"payment": {"handlers": [
            {"id": "h_other", "psp": "other"},
            {"id": "h_stripe", "psp": "stripe"},
        ]}});
    }
    if let Some(option) = option {
        session["fulfillment_options"] = json!([
            {"type": "shipping", "id": "ship_std", "title": "Standard"},
            {"type": "shipping", "id": "ship_exp", "title": "Express"},
        ]);
        if version == "2026-04-17" {
            session["selected_fulfillment_options"] = json!([
                {"type": "shipping", "option_id": option, "item_ids": ["sku_1"]},
            ]);
        } else {
            session["fulfillment_option_id"] = json!(option);
        }
    }
    session
}
