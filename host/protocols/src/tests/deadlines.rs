use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::{CREATE, STRIPE, complete, create, hook};
use crate::deadline::run_until;
use crate::error_response::ErrorResponse;
use crate::settings::Limits;
use crate::testing::scripted::{ScriptedCheckouts, ScriptedResult};
use crate::testing::{acp, host_within, send, with};
use tillhouse_checkout::deadline::Deadline;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ports::{DecisionError, PluginFault};

/// Minimal deadlines for every operation except a payment.
fn limits() -> Limits {
    let hardly_any = Duration::from_millis(1);
    Limits {
        operation_deadline: hardly_any,
        confirm_deadline: hardly_any,
        ..Limits::default()
    }
}

/// An operation that exceeds its deadline gets 503 and commits nothing afterwards; a retry under its key is a fresh request.
async fn is_answered_in_time(request: impl Fn() -> Request<Body>) {
    let (began, leave) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let service = ScriptedCheckouts::then([ScriptedResult::Wait(began.clone(), leave.clone())]);
    let (router, state) = host_within(service.clone(), limits());
    let (late, ()) = tokio::join!(send(&router, request()), began.notified());
    assert_eq!((late.status, late.code()), (503, "service_unavailable"));
    assert_eq!(late.header("retry-after"), Some("1"));
    let busy = send(&router, request()).await;
    // It waits for the first as long as it has time itself.
    assert!(matches!(busy.status, 409 | 503), "{}", busy.status);
    assert_eq!(service.count(), 1);

    leave.notify_one();
    state.tasks.close();
    state.tasks.wait().await;
    let (router, _) = host_within(service.clone(), Limits::default());
    let again = send(&router, request()).await;
    assert_eq!(again.header("idempotent-replayed"), None, "{}", again.status);
    assert_eq!((again.status / 100, service.count()), (2, 2));
}

/// A request whose time is over while its commit is under way, which ends when `leave` is notified.
async fn committing_too_long(leave: &Arc<Notify>) -> Result<&'static str, ErrorResponse> {
    let (_, state) = host_within(ScriptedCheckouts::then([]), Limits::default());
    let deadline = Deadline::default();
    let commit = deadline.begin_commit().unwrap();
    let leave = Arc::clone(leave);
    let work = async move {
        leave.notified().await;
        commit.done();
        "committed"
    };
    run_until(&state, Some(Instant::now()), Some(&deadline), None, work).await
}

#[tokio::test]
async fn a_commit_that_was_begun_in_time_is_the_answer() {
    let leave = Arc::new(Notify::new());
    let (answer, ()) = tokio::join!(committing_too_long(&leave), async { leave.notify_one() });
    assert_eq!(answer.unwrap(), "committed");
}

#[tokio::test]
async fn a_commit_that_does_not_end_is_not_waited_for() {
    let refused = committing_too_long(&Arc::new(Notify::new())).await.unwrap_err();
    assert_eq!(
        (refused.status.as_u16(), refused.retry_after),
        (503, Some(Duration::from_secs(1)))
    );
}

#[tokio::test]
async fn a_plugin_that_takes_too_long_is_not_available_and_one_that_fails_is_an_error() {
    for (fault, status, retry_after) in [
        (PluginFault::WallClock, 503, Some("1")),
        (PluginFault::CpuBudget, 500, None),
        (PluginFault::Trap, 500, None),
    ] {
        let service = ScriptedCheckouts::then([ScriptedResult::Fail(CheckoutError::Decision(DecisionError::Fault {
            plugin: "shop".to_owned(),
            function: "fulfillment.options",
            fault,
            detail: "timed out".to_owned(),
        }))]);
        let (router, _) = host_within(service, Limits::default());
        let refused = send(&router, create(CREATE)).await;
        assert_eq!(
            (refused.status, refused.header("retry-after")),
            (status, retry_after),
            "{fault:?}"
        );
    }
}

#[tokio::test]
async fn an_agent_is_answered_in_time_and_a_create_leaves_nothing() {
    is_answered_in_time(|| create(CREATE)).await;
}

#[tokio::test]
async fn an_agent_is_answered_in_time_and_an_update_leaves_nothing() {
    is_answered_in_time(|| acp("POST", "/checkout_sessions/cs_1", "k", "{}")).await;
}

#[tokio::test]
async fn an_agent_is_answered_in_time_and_a_cancel_leaves_nothing() {
    is_answered_in_time(|| acp("POST", "/checkout_sessions/cs_1/cancel", "k", "")).await;
}

#[tokio::test]
async fn stripe_is_answered_in_time_and_a_create_leaves_nothing() {
    is_answered_in_time(|| with(hook("POST", "/agentic/checkouts", STRIPE), "idempotency-key", "k")).await;
}

#[tokio::test]
async fn stripe_is_answered_in_time_and_an_update_leaves_nothing() {
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
