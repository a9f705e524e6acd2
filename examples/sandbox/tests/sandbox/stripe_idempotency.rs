use std::time::Duration;

use axum::http::Method;
use serde_json::json;
use tillhouse_sandbox::Fault;
use tillhouse_sandbox::stripe::Operation;

use crate::client::{ISSUE, Raw, issue, resolve_path, sandbox};

const LIMITS: [(&str, &str); 3] = [
    ("payment_method", "pm_card_visa"),
    ("usage_limits[currency]", "usd"),
    ("usage_limits[max_amount]", "100"),
];

#[tokio::test]
async fn the_same_key_with_other_parameters_or_another_path_is_an_idempotency_error() {
    let sandbox = sandbox().await;
    let stripe = Raw::stripe(&sandbox);
    assert_eq!(stripe.form(ISSUE, Some("k"), &LIMITS).await.status, 200);
    let mut other = LIMITS;
    other[2].1 = "101";
    let token = issue(&stripe, "pm_card_visa").await;
    let replies = [
        stripe.form(ISSUE, Some("k"), &other).await,
        stripe.form(&resolve_path(&token), Some("k"), &[]).await,
    ];
    for reply in replies {
        assert_eq!(
            (reply.status, &reply.error()["type"]),
            (400, &json!("idempotency_error"))
        );
    }
}

#[tokio::test]
async fn the_order_of_parameters_does_not_change_the_request() {
    let sandbox = sandbox().await;
    let stripe = Raw::stripe(&sandbox);
    let first = stripe.form(ISSUE, Some("k"), &LIMITS).await;
    let mut reversed = LIMITS;
    reversed.reverse();
    let again = stripe.form(ISSUE, Some("k"), &reversed).await;
    assert!(again.replayed);
    assert_eq!(again.body, first.body);
    assert_eq!(sandbox.stripe.tokens().len(), 1);
}

#[tokio::test]
async fn a_request_in_flight_holds_its_key() {
    let sandbox = sandbox().await;
    let stripe = Raw::stripe(&sandbox);
    let path = resolve_path(&issue(&stripe, "pm_card_visa").await);
    let hold = sandbox.stripe.hold(Operation::Resolve);
    let first = tokio::spawn({
        let (stripe, path) = (stripe.clone(), path.clone());
        async move { stripe.form(&path, Some("k"), &[]).await }
    });
    hold.arrived(1).await;
    let second = stripe.form(&path, Some("k"), &[]).await;
    assert_eq!(
        (second.status, &second.error()["code"]),
        (409, &json!("idempotency_key_in_use"))
    );
    hold.release();
    assert_eq!(first.await.unwrap().status, 200);
    assert!(stripe.form(&path, Some("k"), &[]).await.replayed);
}

#[tokio::test]
async fn a_500_is_replayed_and_a_new_key_finds_nothing_done() {
    let sandbox = sandbox().await;
    let stripe = Raw::stripe(&sandbox);
    let path = resolve_path(&issue(&stripe, "pm_card_visa").await);
    sandbox.stripe.fail_next(Operation::Resolve, Fault::Status(500));
    let failed = stripe.form(&path, Some("k"), &[]).await;
    assert_eq!((failed.status, &failed.error()["type"]), (500, &json!("api_error")));
    let replay = stripe.form(&path, Some("k"), &[]).await;
    assert_eq!((replay.status, replay.replayed), (500, true));
    assert_eq!(stripe.form(&path, Some("k2"), &[]).await.status, 200);
}

/// Stripe rejects with 503 before it executes a request.
#[tokio::test]
async fn a_503_leaves_the_key_free() {
    let sandbox = sandbox().await;
    let stripe = Raw::stripe(&sandbox);
    let path = resolve_path(&issue(&stripe, "pm_card_visa").await);
    sandbox.stripe.fail_next(Operation::Resolve, Fault::Status(503));
    assert_eq!(stripe.form(&path, Some("k"), &[]).await.status, 503);
    let again = stripe.form(&path, Some("k"), &[]).await;
    assert_eq!((again.status, again.replayed), (200, false));
}

#[tokio::test]
async fn validation_and_rate_limits_leave_the_key_free() {
    let sandbox = sandbox().await;
    let stripe = Raw::stripe(&sandbox);
    assert_eq!(stripe.form(ISSUE, Some("k"), &LIMITS[1..]).await.status, 400);
    sandbox.stripe.fail_next(Operation::Issue, Fault::Status(429));
    assert_eq!(
        stripe.form(ISSUE, Some("k"), &LIMITS).await.error()["code"],
        "rate_limit"
    );
    assert_eq!(stripe.form(ISSUE, Some("k"), &LIMITS).await.status, 200);
}

#[tokio::test]
async fn an_error_of_the_execution_is_replayed() {
    let sandbox = sandbox().await;
    let stripe = Raw::stripe(&sandbox);
    let path = resolve_path(&issue(&stripe, "pm_card_visa").await);
    stripe.form(&path, Some("k1"), &[]).await;
    assert!(!stripe.form(&path, Some("k2"), &[]).await.replayed);
    assert!(stripe.form(&path, Some("k2"), &[]).await.replayed);
}

#[tokio::test]
async fn a_lost_answer_is_stored_under_its_key() {
    let sandbox = sandbox().await;
    let stripe = Raw::stripe(&sandbox);
    let path = resolve_path(&issue(&stripe, "pm_card_visa").await);
    sandbox.stripe.fail_next(Operation::Resolve, Fault::LoseAnswer);
    assert!(
        stripe
            .try_send(Method::POST, &path, Some("k"), String::new())
            .await
            .is_err()
    );
    let replay = stripe.form(&path, Some("k"), &[]).await;
    assert_eq!((replay.status, replay.replayed), (200, true));
    assert!(replay.body["payment_method_details"]["card"]["credentials"].is_object());
}

#[tokio::test]
async fn a_dropped_connection_has_no_effect() {
    let sandbox = sandbox().await;
    let stripe = Raw::stripe(&sandbox);
    let path = resolve_path(&issue(&stripe, "pm_card_visa").await);
    sandbox.stripe.fail_next(Operation::Resolve, Fault::DropConnection);
    assert!(
        stripe
            .try_send(Method::POST, &path, Some("k"), String::new())
            .await
            .is_err()
    );
    let fresh = stripe.form(&path, Some("k"), &[]).await;
    assert_eq!((fresh.status, fresh.replayed), (200, false));
}

#[tokio::test]
async fn keys_expire_after_a_day_and_have_a_maximum_length() {
    let sandbox = sandbox().await;
    let stripe = Raw::stripe(&sandbox);
    let long = "k".repeat(256);
    assert_eq!(stripe.form(ISSUE, Some(&long), &LIMITS).await.status, 400);
    assert_eq!(stripe.form(ISSUE, Some(&long[..255]), &LIMITS).await.status, 200);
    sandbox.advance(Duration::from_secs(24 * 60 * 60));
    assert!(!stripe.form(ISSUE, Some(&long[..255]), &LIMITS).await.replayed);
    assert_eq!(sandbox.stripe.tokens().len(), 2);
}
