//! Calls of Adyen at a merchant, made by a test itself: it can send one again, at another host, or leave it.

use serde_json::{Value, json};
use tillhouse_sandbox::adyen::MerchantCall;

use crate::adyen::{cart, delivery};
use crate::client::{Client, Request};
use crate::fixtures::{self, Items};

/// A signed call about a session, not sent yet. A null body is sent as an empty one.
///
/// # Panics
/// For a webhook, which is not about a session.
pub fn merchant_call(client: &Client, call: MerchantCall, session: &str, body: &Value) -> Request {
    let below = match call {
        MerchantCall::Session => "",
        MerchantCall::Commit => "/commit",
        MerchantCall::Finalize => "/finalize",
        MerchantCall::Cancel => "/cancel",
        MerchantCall::Token => "/payment",
        MerchantCall::Webhook => panic!("a webhook has an address of its own"),
    };
    let request = client.post(&format!("/agentic/sessions/{session}{below}"));
    let request = if body.is_null() { request } else { request.json(body) };
    request.signed_by_adyen()
}

/// The body of a call that creates a session which can be paid: items, Jane and her address.
#[must_use]
pub fn merchant_session(items: Items<'_>) -> Value {
    fixtures::with(cart(items), &delivery(&fixtures::address()))
}

/// The body of a finalize call: a payment that Adyen has made.
#[must_use]
pub fn paid_elsewhere(reference: &str, cents: i64) -> Value {
    json!({"pspReference": reference, "resultCode": "Authorised", "amount": {"value": cents, "currency": "USD"}})
}

/// The body of a finalize call: a payment that was refused.
#[must_use]
pub fn refused_elsewhere(reference: &str) -> Value {
    json!({"pspReference": reference, "resultCode": "Refused", "refusalReason": "Not enough balance"})
}
