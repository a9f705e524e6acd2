use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use serde_json::json;
use tokio::sync::Notify;

use crate::settings::Limits;
use crate::testing::scripted::{ScriptedCheckouts, ScriptedResult};
use crate::testing::{acp, host, host_within, send, with, without};
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::ItemId;
use tillhouse_checkout::money::{Amount, Currency, Money};
use tillhouse_checkout::ports::{CommitError, StoreError};

const BODY: &str = r#"{"line_items":[{"id":"mug","quantity":1}],"currency":"usd","capabilities":{}}"#;
/// A body that is semantically equal to `BODY`, with other formatting.
const SAME: &str =
    "{ \"capabilities\": {}, \"currency\": \"usd\", \"line_items\": [ {\"quantity\": 1.0, \"id\": \"mug\"} ] }";
const OTHER: &str = r#"{"line_items":[{"id":"mug","quantity":2}],"currency":"usd","capabilities":{}}"#;

fn create(key: &str, body: &'static str) -> Request<Body> {
    acp("POST", "/checkout_sessions", key, body)
}

fn old(key: &str, body: &'static str) -> Request<Body> {
    with(create(key, body), "api-version", "2025-09-29")
}

#[tokio::test]
async fn the_same_request_is_answered_the_same_and_done_once() {
    let service = ScriptedCheckouts::then([]);
    let (router, _) = host(service.clone());
    let first = send(&router, create("k1", BODY)).await;
    assert_eq!((first.status, first.header("idempotent-replayed")), (201, None));
    let again = send(&router, create("k1", SAME)).await;
    assert_eq!((again.status, again.header("idempotent-replayed")), (201, Some("true")));
    assert_eq!(again.header("idempotency-key"), Some("k1"));
    assert_eq!(again.body, first.body);
    assert_eq!(service.count(), 1);
}

#[tokio::test]
async fn the_same_key_with_another_body_is_refused_by_the_rule_of_the_release() {
    let (router, _) = host(ScriptedCheckouts::then([]));
    send(&router, create("k1", BODY)).await;
    for _ in 0..2 {
        let conflict = send(&router, create("k1", OTHER)).await;
        assert_eq!((conflict.status, conflict.code()), (422, "idempotency_conflict"));
        assert_eq!(conflict.body["type"], "invalid_request");
    }
    send(&router, old("k2", r#"{"items":[{"id":"mug","quantity":1}]}"#)).await;
    let conflict = send(&router, old("k2", r#"{"items":[{"id":"mug","quantity":2}]}"#)).await;
    assert_eq!((conflict.status, conflict.code()), (409, "idempotency_conflict"));
    assert_eq!(conflict.body["type"], "request_not_idempotent");
}

#[tokio::test]
async fn null_and_absence_are_different_bodies() {
    let (router, _) = host(ScriptedCheckouts::then([]));
    let path = "/checkout_sessions/cs_1/cancel";
    send(&router, acp("POST", path, "k", "{}")).await;
    let with_null = send(&router, acp("POST", path, "k", r#"{"intent_trace":null}"#)).await;
    assert_eq!(with_null.status, 422);
    let without_body = send(&router, acp("POST", path, "k", "")).await;
    assert_eq!(without_body.status, 422);
}

#[tokio::test]
async fn a_key_is_its_own_for_each_agent_and_path() {
    let service = ScriptedCheckouts::then([]);
    let (router, _) = host(service.clone());
    send(&router, create("k", BODY)).await;
    let other_agent = with(create("k", BODY), "authorization", "Bearer tk_other");
    assert_eq!(send(&router, other_agent).await.header("idempotent-replayed"), None);
    for id in ["a", "b"] {
        let path = format!("/checkout_sessions/{id}");
        assert_eq!(send(&router, acp("POST", &path, "k", "{}")).await.status, 200);
    }
    assert_eq!(service.count(), 4);
}

#[tokio::test]
async fn a_key_is_its_own_for_each_release() {
    let service = ScriptedCheckouts::then([]);
    let (router, _) = host(service.clone());
    let path = "/checkout_sessions/cs_1";
    send(&router, acp("POST", path, "k", "{}")).await;
    let older = with(acp("POST", path, "k", "{}"), "api-version", "2025-09-29");
    let answer = send(&router, older).await;
    assert_eq!(answer.header("idempotent-replayed"), None);
    assert!(
        answer.body.get("capabilities").is_none(),
        "a response in the older release"
    );
    assert_eq!(service.count(), 2);
}

#[tokio::test]
async fn a_refusal_that_only_a_look_lifts_is_kept_under_its_key() {
    let usd = |minor| Money {
        amount: Amount::new(minor).unwrap(),
        currency: Currency::new("USD").unwrap(),
    };
    let (shown, now) = (usd(1), usd(2));
    for error in [CheckoutError::TotalChanged { shown, now }, CheckoutError::MustReadAgain] {
        let service = ScriptedCheckouts::then([ScriptedResult::Fail(error)]);
        let (router, _) = host(service.clone());
        let first = send(&router, create("k", BODY)).await;
        assert_eq!((first.status, first.header("retry-after")), (409, None));
        let told = first.body["message"].as_str().unwrap();
        assert!(told.contains("new Idempotency-Key"), "{told}");
        let again = send(&router, create("k", BODY)).await;
        assert_eq!((again.status, again.header("idempotent-replayed")), (409, Some("true")));
        assert_eq!(service.count(), 1);
    }
}

#[tokio::test]
async fn a_refusal_that_the_buyer_can_mend_is_not_kept_under_its_key() {
    for error in [
        CheckoutError::NotReady(Vec::new()),
        CheckoutError::OutOfStock,
        CheckoutError::Conflict(CommitError::Insufficient { key: "mug".into() }),
        CheckoutError::Conflict(CommitError::Session),
    ] {
        let name = format!("{error:?}");
        let service = ScriptedCheckouts::then([ScriptedResult::Fail(error)]);
        let (router, _) = host(service.clone());
        assert_eq!(send(&router, create("k", BODY)).await.status, 409, "{name}");
        let again = send(&router, create("k", BODY)).await;
        assert_eq!(
            (again.status, again.header("idempotent-replayed")),
            (201, None),
            "{name}"
        );
        assert_eq!(service.count(), 2);
    }
}

#[tokio::test]
async fn the_prefix_of_a_merchant_is_not_part_of_the_path() {
    let service = ScriptedCheckouts::then([]);
    let (router, _) = host(service.clone());
    send(&router, create("k", BODY)).await;
    let prefixed = without(acp("POST", "/m/mer/checkout_sessions", "k", BODY), "host");
    assert_eq!(
        send(&router, prefixed).await.header("idempotent-replayed"),
        Some("true")
    );
    assert_eq!(service.count(), 1);
}

#[tokio::test]
async fn only_the_release_that_requires_a_key_refuses_a_post_without_one() {
    let (router, _) = host(ScriptedCheckouts::then([]));
    let missing = send(&router, create("", BODY)).await;
    assert_eq!((missing.status, missing.code()), (400, "idempotency_key_required"));
    let older = send(&router, old("", r#"{"items":[{"id":"mug","quantity":1}]}"#)).await;
    assert_eq!(older.status, 201);
    let long = send(&router, create(&"k".repeat(256), BODY)).await;
    assert_eq!((long.status, long.code()), (400, "invalid_idempotency_key"));
}

#[tokio::test]
async fn a_refusal_of_the_domain_is_kept_and_a_failure_is_not() {
    let unknown = CheckoutError::UnknownItem {
        item: ItemId::new("mug"),
    };
    let service = ScriptedCheckouts::then([
        ScriptedResult::Fail(unknown),
        ScriptedResult::Fail(CheckoutError::Store(StoreError::new("disk"))),
        ScriptedResult::Fail(CheckoutError::InFlight),
    ]);
    let (router, _) = host(service.clone());
    let refused = send(&router, create("k1", BODY)).await;
    assert_eq!((refused.status, refused.code()), (400, "invalid_item_id"));
    assert_eq!(refused.param(), "$.line_items[0].id");
    let again = send(&router, create("k1", BODY)).await;
    assert_eq!((again.status, again.header("idempotent-replayed")), (400, Some("true")));

    let failed = send(&router, create("k2", BODY)).await;
    assert_eq!((failed.status, failed.header("retry-after")), (503, Some("1")));
    let busy = send(&router, create("k2", BODY)).await;
    assert_eq!((busy.status, busy.code()), (409, "in_flight"));
    assert_eq!(send(&router, create("k2", BODY)).await.status, 201);
    assert_eq!(service.count(), 4);
}

#[tokio::test]
async fn a_body_that_cannot_be_read_leaves_its_key_free() {
    let (router, _) = host(ScriptedCheckouts::then([]));
    for body in ["{", r#"{"line_items":[]}"#] {
        assert_eq!(send(&router, create("k", body)).await.status, 400);
    }
    assert_eq!(send(&router, create("k", BODY)).await.status, 201);
}

#[tokio::test]
async fn a_payment_that_goes_on_is_not_kept_under_the_key() {
    let service = ScriptedCheckouts::then([ScriptedResult::InProgress]);
    let (router, _) = host(service.clone());
    let payment = json!({"payment_data": {"handler_id": "card_tokenized",
        "instrument": {"type": "card", "credential": {"type": "spt", "token": "spt_1"}}}});
    let complete = || acp("POST", "/checkout_sessions/cs_1/complete", "k", payment.to_string());
    assert_eq!(send(&router, complete()).await.status, 200);
    assert_eq!(send(&router, complete()).await.header("idempotent-replayed"), None);
    assert_eq!(service.count(), 2);
}

#[tokio::test]
async fn a_client_that_hangs_up_neither_stops_the_work_nor_frees_the_key() {
    let (began, leave) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let service = ScriptedCheckouts::then([ScriptedResult::Wait(began.clone(), leave.clone())]);
    let (router, state) = host(service.clone());
    let client = tokio::spawn({
        let router = router.clone();
        async move { send(&router, create("k", BODY)).await }
    });
    began.notified().await;
    client.abort();
    assert!(client.await.unwrap_err().is_cancelled());

    let other = send(&router, create("k", OTHER)).await;
    assert_eq!(
        (other.status, other.code()),
        (422, "idempotency_conflict"),
        "not the same request"
    );
    let duplicate = tokio::spawn({
        let router = router.clone();
        async move { send(&router, create("k", SAME)).await }
    });

    leave.notify_one();
    state.tasks.close();
    state.tasks.wait().await;
    for answered in [duplicate.await.unwrap(), send(&router, create("k", BODY)).await] {
        assert_eq!(
            (answered.status, answered.header("idempotent-replayed")),
            (201, Some("true"))
        );
    }
    assert_eq!(service.count(), 1);
}

#[tokio::test]
async fn a_duplicate_waits_no_longer_than_its_protocol_allows() {
    let (began, leave) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let service = ScriptedCheckouts::then([ScriptedResult::Wait(began.clone(), leave.clone())]);
    let limits = Limits {
        complete_deadline: Duration::ZERO,
        ..Limits::default()
    };
    let (router, _) = host_within(service.clone(), limits);
    let payment = json!({"payment_data": {"handler_id": "card_tokenized",
        "instrument": {"type": "card", "credential": {"type": "spt", "token": "spt_1"}}}});
    let complete = move || acp("POST", "/checkout_sessions/cs_1/complete", "k", payment.to_string());
    let first = tokio::spawn({
        let (router, request) = (router.clone(), complete());
        async move { send(&router, request).await }
    });
    began.notified().await;
    // The domain answers it: by the session that is being paid.
    assert_eq!(send(&router, complete()).await.status, 200);
    assert_eq!(service.count(), 2);
    leave.notify_one();
    assert_eq!(first.await.unwrap().status, 200);
}

#[tokio::test]
async fn a_panic_is_a_500_and_frees_the_key() {
    let service = ScriptedCheckouts::then([ScriptedResult::Panic]);
    let (router, _) = host(service.clone());
    let failed = send(&router, create("k", BODY)).await;
    assert_eq!((failed.status, failed.code()), (500, "processing_error"));
    assert_eq!(send(&router, create("k", BODY)).await.status, 201);
}
