//! Limits and timeouts of the requests of a plugin.

use std::time::{Duration, Instant};

use tokio::net::TcpListener;

use super::*;
use crate::guest::call_abort_error::CallAbortError;

/// A request that differs from a small one in this way.
fn changed(change: impl FnOnce(&mut egress::Request)) -> egress::Request {
    let mut request = request();
    change(&mut request);
    request
}

fn signed(headers: usize, parts: Vec<egress::HmacPart>) -> egress::Request {
    let header = || {
        let spec = egress::HmacSpec {
            secret: "key".into(),
            algorithm: "sha256".into(),
            encoding: "hex".into(),
            parts: parts.clone(),
        };
        ("x-signature".to_owned(), egress::Fill::Hmac(spec))
    };
    changed(|request| request.headers = (0..headers).map(|_| header()).collect())
}

fn texts(count: usize, text: &str) -> Vec<(String, String)> {
    (0..count).map(|_| ("n".to_owned(), text.to_owned())).collect()
}

#[tokio::test]
async fn lists_of_a_request_are_limited_and_the_error_names_the_limit() {
    let text = || egress::HmacPart::Text("x".into());
    let body = || egress::HmacPart::Body;
    let headers = |count| {
        let plain = ("a".to_owned(), egress::Fill::Text("b".into()));
        changed(|request| request.headers = vec![plain; count])
    };
    let fields = |count| {
        let field = ("a".to_owned(), egress::Fill::Text("b".into()));
        changed(|request| {
            request.method = "POST".into();
            request.body = egress::Body::Form(vec![field; count]);
        })
    };
    let query = |count| changed(|request| request.query = texts(count, "x"));
    for (within, beyond, limit) in [
        (
            signed(1, vec![text(); 16]),
            signed(1, vec![text(); 17]),
            "at most 16 parts, not 17",
        ),
        (
            signed(1, vec![text()]),
            signed(1, vec![body(); 15_000]),
            "at most 16 parts, not 15000",
        ),
        (
            signed(1, vec![body()]),
            signed(1, vec![body(); 2]),
            "the body at most once",
        ),
        (
            signed(4, vec![body()]),
            signed(5, vec![body()]),
            "at most 4 headers with an hmac, not 5",
        ),
        (headers(64), headers(65), "at most 64 headers"),
        (fields(256), fields(257), "at most 256 fields"),
        (query(256), query(20_000), "at most 256 query parameters, not 20000"),
    ] {
        let mut state = state(Function::Options).await;
        let error = refused(&mut state, beyond).await;
        assert_eq!((error.code.as_str(), error.sent), ("invalid", false), "{limit}");
        assert!(error.message.contains(limit), "{limit}: {}", error.message);
        let error = refused(&mut state, within).await;
        assert_eq!(error.code, "denied", "the upstream is not granted: {}", error.message);
    }
}

#[tokio::test]
async fn every_text_of_a_request_counts_towards_its_size() {
    let huge = || "x".repeat(300 << 10);
    for request in [
        changed(|request| request.path = huge()),
        changed(|request| request.upstream = huge()),
        changed(|request| request.query = texts(1, &huge())),
        signed(1, vec![egress::HmacPart::Text(huge())]),
        signed(1, vec![egress::HmacPart::Text("x".repeat(20 << 10)); 16]),
    ] {
        let error = refused(&mut state(Function::Options).await, request).await;
        assert_eq!(error.code, "invalid");
        assert_eq!(error.message, "the request is larger than 262144 bytes");
    }
    let strange = changed(|request| request.method = huge());
    let error = refused(&mut state(Function::Options).await, strange).await;
    assert!(error.message.len() < 200, "{}", error.message.len());
}

/// An upstream that accepts connections and never answers.
async fn silent() -> (TcpListener, Upstream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut upstream = Upstream::new("psp", &format!("http://{}", listener.local_addr().unwrap())).unwrap();
    (upstream.allow_http, upstream.allow_private) = (true, true);
    (listener, upstream)
}

#[tokio::test]
async fn a_plugin_sees_the_timeout_of_its_upstream_before_its_own_time_is_over() {
    let (_held, upstream) = silent().await;
    let limits = CallLimits {
        wall: Duration::from_millis(400),
        http_timeout: Duration::from_secs(10),
        ..CallLimits::effect()
    };
    for (time, sooner) in [(None, "its timeout"), (Some(Duration::from_millis(300)), "its caller")] {
        let mut state = granted(Function::Options, None, Some(upstream.clone())).await;
        let until = time.map(|time| Instant::now() + time);
        state.begin(Function::Options, limits.clone(), until);
        let error = send(&mut state).await;
        assert_eq!(error.code, "timeout", "{sooner}: {}", error.message);
        assert!(state.time_left() > Duration::ZERO, "{sooner}");
        state.check_time().unwrap();
    }
}

#[tokio::test]
async fn a_refund_that_was_sent_and_not_answered_is_remembered_and_a_question_is_not() {
    for (method, is_unanswered) in [("POST", true), ("GET", false)] {
        let (_held, upstream) = silent().await;
        let limits = CallLimits {
            wall: Duration::from_millis(400),
            ..CallLimits::effect()
        };
        let mut state = granted(Function::Refund, None, Some(upstream)).await;
        state.begin(Function::Refund, limits, None);
        let request = egress::Request {
            method: method.into(),
            ..request()
        };
        let error = refused(&mut state, request).await;
        assert!(error.sent, "{}", error.message);
        let traffic = state.call_state.unwrap().traffic;
        assert_eq!(traffic.unanswered, is_unanswered, "{method}");
    }
}

#[tokio::test]
async fn a_request_for_which_no_time_is_left_times_out_and_is_not_sent() {
    let (_held, upstream) = silent().await;
    let mut state = granted(Function::Options, None, Some(upstream)).await;
    state.begin(Function::Options, CallLimits::effect(), Some(Instant::now()));
    let error = send(&mut state).await;
    assert_eq!(
        (error.code.as_str(), error.sent),
        ("timeout", false),
        "{}",
        error.message
    );
    assert!(!state.call_state.as_ref().unwrap().traffic.used);
    assert!(matches!(state.check_time(), Err(CallAbortError::CallerDeadline)));
}

#[tokio::test]
async fn a_request_keeps_the_timeout_that_is_shorter_than_what_is_left() {
    let state = state(Function::Options).await;
    let wanted = Duration::from_millis(100);
    let mut state = state;
    state.begin(
        Function::Options,
        CallLimits {
            http_timeout: wanted,
            ..CallLimits::effect()
        },
        None,
    );
    assert_eq!(state.request_time(), wanted);
}
