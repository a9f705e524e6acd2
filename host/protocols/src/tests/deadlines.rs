use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use tokio::sync::Notify;

use super::{CREATE, STRIPE, complete, create, hook};
use crate::settings::Limits;
use crate::testing::scripted::{ScriptedCheckouts, ScriptedResult};
use crate::testing::{acp, host_within, send, with};
use tillhouse_checkout::error::CheckoutError;

/// Minimal deadlines for every operation except a payment.
fn limits() -> Limits {
    let hardly_any = Duration::from_millis(1);
    Limits {
        operation_deadline: hardly_any,
        confirm_deadline: hardly_any,
        ..Limits::default()
    }
}

/// An operation that exceeds its deadline gets 503; it still runs to its end, once, and a retry under its key gets its response.
async fn is_answered_in_time(request: impl Fn() -> Request<Body>) {
    let (began, leave) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let service = ScriptedCheckouts::then([ScriptedResult::Wait(began.clone(), leave.clone())]);
    let (router, state) = host_within(service.clone(), limits());
    let (late, ()) = tokio::join!(send(&router, request()), began.notified());
    assert_eq!((late.status, late.code()), (503, "service_unavailable"));
    assert_eq!(late.header("retry-after"), Some("1"));
    let busy = send(&router, request()).await;
    assert_eq!((busy.status, busy.code()), (409, "idempotency_in_flight"));

    leave.notify_one();
    state.tasks.close();
    state.tasks.wait().await;
    let (router, _) = host_within(service.clone(), Limits::default());
    let again = send(&router, request()).await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"), "{}", again.status);
    assert_eq!(service.count(), 1);
}

#[tokio::test]
async fn an_agent_is_answered_in_time_and_a_create_is_done_whole() {
    is_answered_in_time(|| create(CREATE)).await;
}

#[tokio::test]
async fn an_agent_is_answered_in_time_and_an_update_is_done_whole() {
    is_answered_in_time(|| acp("POST", "/checkout_sessions/cs_1", "k", "{}")).await;
}

#[tokio::test]
async fn an_agent_is_answered_in_time_and_a_cancel_is_done_whole() {
    is_answered_in_time(|| acp("POST", "/checkout_sessions/cs_1/cancel", "k", "")).await;
}

#[tokio::test]
async fn stripe_is_answered_in_time_and_a_create_is_done_whole() {
    is_answered_in_time(|| with(hook("POST", "/agentic/checkouts", STRIPE), "idempotency-key", "k")).await;
}

#[tokio::test]
async fn stripe_is_answered_in_time_and_an_update_is_done_whole() {
    let body = r#"{"fulfillment_option_id":"std"}"#;
    is_answered_in_time(|| with(hook("POST", "/agentic/checkouts/cs_1", body), "idempotency-key", "k")).await;
}

#[tokio::test]
async fn what_the_token_service_asks_for_is_passed_on_within_reason() {
    for (asked, told) in [
        (None, "1"),
        (Some(Duration::ZERO), "1"),
        (Some(Duration::from_millis(1500)), "2"),
        (Some(Duration::from_secs(30)), "30"),
        (Some(Duration::from_secs(86_400)), "300"),
        (Some(Duration::MAX), "300"),
    ] {
        let service = ScriptedCheckouts::then([ScriptedResult::Fail(CheckoutError::TokenService {
            detail: "away".to_owned(),
            retry_after: asked,
        })]);
        let (router, _) = host_within(service, Limits::default());
        let refused = send(&router, complete()).await;
        assert_eq!(
            (refused.status, refused.header("retry-after")),
            (503, Some(told)),
            "{asked:?}"
        );
    }
}
