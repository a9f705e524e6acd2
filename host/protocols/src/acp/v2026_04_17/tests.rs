//! Requests, responses and their parts, held against the official schema.

mod buyer;
mod capabilities;
mod discounts;
mod fulfillment;
mod messages;
mod nulls;
mod requests;
mod responses;

use serde_json::{Value, json};

use super::requests as bodies;
use crate::acp::Release;
use crate::json::{BodyError, BodyErrorKind, parse};
use crate::rendering::RequestKind;
use crate::testing::{acp_settings, rendering};
use tillhouse_checkout::session::Session;

fn rendered(session: &Session) -> Value {
    rendering::rendered(Release::V2026_04_17, session)
}

fn rendered_on(session: &Session, request_kind: RequestKind) -> Value {
    rendering::rendered_on(Release::V2026_04_17, session, request_kind)
}

fn create_body() -> Value {
    json!({
        "line_items": [{"id": "mug", "quantity": 2}, {"id": "shirt", "name": "Shirt", "unit_amount": 1500}],
        "currency": "usd",
        "capabilities": {"interventions": {"supported": ["3ds", "telepathy"]}, "extensions": ["discount"]},
        "buyer": {"email": "jane@example.com", "full_name": "Jane Doe", "account_type": "guest",
                  "company": {"name": "Acme"}},
        "fulfillment_details": {"name": "Jane Doe", "address": {"name": "Jane Doe", "line_one": "123 Main St",
            "city": "San Francisco", "state": "CA", "country": "us", "postal_code": "94105"}},
        "affiliate_attribution": {"provider": "impact.com", "token": "t", "unheard_of": 1},
        "discounts": {"codes": ["TEN"]}, "coupons": ["OLD"],
        "locale": "en-US", "timezone": "America/New_York", "quote_id": "offer_1", "metadata": {"gift_wrap": true, "deep": {"x": 1}},
        "order_notes": "Ring twice"
    })
}

fn body_error(result: Result<impl std::fmt::Debug, BodyError>) -> (BodyErrorKind, String) {
    let error = result.unwrap_err();
    (error.kind, error.path())
}

fn changed(mut body: Value, pointer: &str, value: Value) -> Value {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let parent = body.pointer_mut(parent).unwrap();
    match key.parse::<usize>() {
        Ok(index) => parent[index] = value,
        Err(_) => parent[key] = value,
    }
    body
}

fn create(body: &Value) -> Result<crate::acp::Creation, BodyError> {
    bodies::create(&parse(body.to_string().as_bytes()).unwrap())
}

fn complete(body: &Value) -> Result<crate::acp::Completion, BodyError> {
    bodies::complete(&parse(body.to_string().as_bytes()).unwrap(), &acp_settings())
}

/// What a complete request pays with.
fn payment() -> Value {
    json!({"handler_id": "card_tokenized",
        "instrument": {"type": "card", "credential": {"type": "spt", "token": "spt_123"}, "more": 1}})
}
