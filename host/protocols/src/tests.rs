//! Requests through the complete HTTP edge, with a scripted checkout service.

mod acp;
mod bodies;
mod connections;
mod content_length;
mod deadlines;
mod idempotency;
mod kept_responses;
mod out_of_service;
mod refused_requests;
mod routes;
mod server;
mod signatures;
mod stripe_acs;
mod texts;

use axum::body::Body;
use axum::http::Request;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;

use super::testing::scripted::NOW;
use super::testing::{STRIPE_SECRET, acp};

const CREATE: &str = r#"{"line_items":[{"id":"mug"}],"currency":"usd","capabilities":{}}"#;
const STRIPE: &str = r#"{"currency":"usd","line_items":[{"sku_id":"mug","quantity":1}]}"#;

fn get(path: &str) -> Request<Body> {
    acp("GET", path, "", "")
}

fn create(body: impl Into<Body>) -> Request<Body> {
    acp("POST", "/checkout_sessions", "k", body)
}

fn complete() -> Request<Body> {
    let body = json!({"payment_data": {"handler_id": "card_tokenized",
        "instrument": {"type": "card", "credential": {"type": "spt", "token": "spt_1"}}}});
    acp("POST", "/checkout_sessions/cs_1/complete", "k", body.to_string())
}

/// A signed hook request, as Stripe sends it.
fn hook(method: &str, path: &str, body: &str) -> Request<Body> {
    let mut mac = Hmac::<Sha256>::new_from_slice(STRIPE_SECRET.as_bytes()).unwrap();
    mac.update(format!("{}.{body}", NOW.seconds()).as_bytes());
    let signature = hex::encode(mac.finalize().into_bytes());
    Request::builder()
        .method(method)
        .uri(path)
        .header("host", "mer.example")
        .header("content-type", "application/json")
        .header("stripe-signature", format!("t={},v1={signature}", NOW.seconds()))
        .body(Body::from(body.to_owned()))
        .unwrap()
}
