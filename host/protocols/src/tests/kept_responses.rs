//! Which responses are kept under an idempotency key, and so stand in the way of a corrected request with the same key: answers of
//! the domain that a retry would get again. What was refused before the domain was asked, and what time may mend, is not kept.

use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use serde_json::json;

use super::{STRIPE, hook};
use crate::testing::scripted::{ScriptedCheckouts, ScriptedResult};
use crate::testing::{acp, host, send, with};
use tillhouse_checkout::error::{CheckoutError, PaymentTokenError};
use tillhouse_checkout::ids::ItemId;
use tillhouse_checkout::money::Currency;
use tillhouse_checkout::ports::StoreError;

/// A request of a protocol: with an idempotency key and a body.
type Send = fn(&str, &str) -> Request<Body>;

/// What a protocol sends, and how it answers.
struct Door {
    name: &'static str,
    create: Send,
    /// A valid create request that says `CURRENCY` and `mug`.
    body: String,
    complete: Send,
    /// A completion with a token that can be replaced.
    payment: String,
    created: u16,
    conflict: u16,
}

fn doors() -> [Door; 3] {
    let newest = json!({"line_items": [{"id": "mug", "quantity": 1}], "currency": "usd", "capabilities": {}});
    let card = json!({"handler_id": "card_tokenized",
        "instrument": {"type": "card", "credential": {"type": "spt", "token": "spt_1"}}});
    let first = json!({"items": [{"id": "mug", "quantity": 1}]});
    let token = json!({"payment_data": {"token": "spt_1", "provider": "stripe"}}).to_string();
    [
        Door {
            name: "2026-04-17",
            create: |key, body| acp("POST", "/checkout_sessions", key, body.to_owned()),
            body: newest.to_string(),
            complete: |key, body| acp("POST", "/checkout_sessions/cs_1/complete", key, body.to_owned()),
            payment: json!({ "payment_data": card }).to_string(),
            created: 201,
            conflict: 422,
        },
        Door {
            name: "2025-09-29",
            create: |key, body| {
                with(
                    acp("POST", "/checkout_sessions", key, body.to_owned()),
                    "api-version",
                    "2025-09-29",
                )
            },
            body: first.to_string(),
            complete: |key, body| {
                let request = acp("POST", "/checkout_sessions/cs_1/complete", key, body.to_owned());
                with(request, "api-version", "2025-09-29")
            },
            payment: token.clone(),
            created: 201,
            conflict: 409,
        },
        Door {
            name: "Stripe",
            create: |key, body| keyed(hook("POST", "/agentic/checkouts", body), key),
            body: STRIPE.to_owned(),
            complete: |key, body| keyed(hook("POST", "/agentic/checkouts/cs_1/confirm", body), key),
            payment: token,
            created: 200,
            conflict: 400,
        },
    ]
}

fn keyed(mut request: Request<Body>, key: &str) -> Request<Body> {
    request.headers_mut().insert("idempotency-key", key.parse().unwrap());
    request
}

fn refusing(error: CheckoutError) -> Arc<ScriptedCheckouts> {
    ScriptedCheckouts::then([ScriptedResult::Fail(error)])
}

#[tokio::test]
async fn what_is_no_request_of_the_protocol_leaves_its_key_to_the_corrected_one() {
    for door in doors() {
        for faulty in [
            "{".to_owned(),
            String::new(),
            "[]".to_owned(),
            door.body.replace(":1}", ":2.5}"),
            door.body.replace("mug", "\\u0000"),
            door.body
                .replace("\"usd\"", "\"dollars\"")
                .replace("\"items\"", "\"things\""),
        ] {
            let service = ScriptedCheckouts::then([]);
            let (router, _) = host(service.clone());
            let refused = send(&router, (door.create)("k", &faulty)).await;
            assert_eq!(refused.status, 400, "{} {faulty}", door.name);
            assert!(!refused.body["message"].as_str().unwrap().contains("Idempotency-Key"));
            let corrected = send(&router, (door.create)("k", &door.body)).await;
            assert_eq!(corrected.status, door.created, "{} {faulty}", door.name);
            assert_eq!(service.count(), 1);
        }
    }
}

#[tokio::test]
async fn a_refusal_of_the_merchant_is_kept_and_says_that_a_corrected_request_needs_a_new_key() {
    let usd = Currency::new("USD").unwrap();
    let refusals = || {
        [
            CheckoutError::UnknownItem {
                item: ItemId::new("mug"),
            },
            CheckoutError::Currency {
                wanted: Currency::new("EUR").unwrap(),
                offered: usd,
            },
        ]
    };
    for door in doors() {
        for error in refusals() {
            let service = refusing(error);
            let (router, _) = host(service.clone());
            let refused = send(&router, (door.create)("k", &door.body)).await;
            assert_eq!(refused.status, 400, "{}", door.name);
            let told = refused.body["message"].as_str().unwrap();
            assert!(told.contains("new one") && told.contains("Idempotency-Key"), "{told}");
            let again = send(&router, (door.create)("k", &door.body)).await;
            assert_eq!((again.status, again.header("idempotent-replayed")), (400, Some("true")));
            assert_eq!(again.body, refused.body);
            let corrected = door.body.replace("mug", "cup");
            let conflict = send(&router, (door.create)("k", &corrected)).await;
            assert_eq!(
                (conflict.status, conflict.code()),
                (door.conflict, "idempotency_conflict")
            );
            assert_eq!(
                send(&router, (door.create)("k2", &corrected)).await.status,
                door.created
            );
            assert_eq!(service.count(), 2);
        }
    }
}

#[tokio::test]
async fn a_declined_payment_is_kept_and_another_token_needs_a_new_key() {
    for door in doors() {
        for (error, status) in [
            (CheckoutError::Declined { code: "05".into() }, 402),
            (CheckoutError::Token(PaymentTokenError::Expired), 400),
        ] {
            let service = refusing(error);
            let (router, _) = host(service.clone());
            let declined = send(&router, (door.complete)("k", &door.payment)).await;
            assert_eq!(declined.status, status, "{}", door.name);
            let told = declined.body["message"].as_str().unwrap();
            assert!(told.contains("Idempotency-Key"), "{told}");
            let again = send(&router, (door.complete)("k", &door.payment)).await;
            assert_eq!(
                (again.status, again.header("idempotent-replayed")),
                (status, Some("true"))
            );
            let other = door.payment.replace("spt_1", "spt_2");
            assert_eq!(send(&router, (door.complete)("k", &other)).await.status, door.conflict);
            assert_eq!(send(&router, (door.complete)("k2", &other)).await.status, 200);
            assert_eq!(service.count(), 2, "declined once, paid once");
        }
    }
}

#[tokio::test]
async fn what_time_or_the_buyer_may_mend_is_not_kept() {
    let temporary = || {
        [
            (CheckoutError::NotReady(Vec::new()), 409),
            (CheckoutError::OutOfStock, 409),
            (CheckoutError::InFlight, 409),
            (CheckoutError::Store(StoreError::new("disk")), 503),
        ]
    };
    for door in doors() {
        for (error, status) in temporary() {
            let (router, _) = host(refusing(error));
            let refused = send(&router, (door.complete)("k", &door.payment)).await;
            assert_eq!(refused.status, status, "{}", door.name);
            assert!(!refused.body["message"].as_str().unwrap().contains("Idempotency-Key"));
            let retried = send(&router, (door.complete)("k", &door.payment)).await;
            assert_eq!((retried.status, retried.header("idempotent-replayed")), (200, None));
        }
    }
}
