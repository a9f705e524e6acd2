//! Bodies whose `Content-Length` is over the limit.

use std::time::Duration;

use super::server::{hear, say, start};
use crate::settings::Limits;
use crate::testing::KEY;
use crate::testing::scripted::ScriptedCheckouts;

const ROUTES: [&str; 7] = [
    "POST /checkout_sessions",
    "POST /m/mer/checkout_sessions/cs_1/complete",
    "POST /agentic/checkouts",
    "POST /webhooks/stripe",
    "POST /webhooks/processor",
    "GET /checkout_sessions/cs_1",
    "POST /nothing/here",
];

/// A short body timeout: waiting for the body would end in 408.
fn limits() -> Limits {
    Limits {
        max_body_bytes: 1000,
        body_timeout: Duration::from_millis(20),
        ..Limits::default()
    }
}

fn head(route: &str, fields: &str) -> String {
    format!(
        "{route} HTTP/1.1\r\nhost: mer.example\r\nauthorization: Bearer {KEY}\r\napi-version: 2026-04-17\r\n\
         idempotency-key: k\r\ncontent-type: application/json\r\n{fields}\r\n"
    )
}

#[tokio::test]
async fn a_body_that_announces_more_than_the_limit_is_refused_at_once_on_every_route() {
    let server = start(ScriptedCheckouts::then([]), limits()).await;
    for route in ROUTES {
        for length in ["1001", "300000", "9223372036854775808", "99999999999"] {
            let head = head(route, &format!("content-length: {length}\r\n"));
            let answer = hear(say(&server, &head).await).await;
            assert!(answer.starts_with("HTTP/1.1 413"), "{route} {length}: {answer}");
            assert!(answer.contains("larger than 1000 bytes"), "{answer}");
            assert!(answer.contains("connection: close"), "{answer}");
        }
    }
    assert!(server.shutdown().await);
}

#[tokio::test]
async fn a_body_over_the_limit_is_not_invited() {
    let server = start(ScriptedCheckouts::then([]), limits()).await;
    for route in ROUTES {
        let head = head(route, "content-length: 9999999999\r\nexpect: 100-continue\r\n");
        let answer = hear(say(&server, &head).await).await;
        assert!(answer.starts_with("HTTP/1.1 413"), "{route}: {answer}");
    }
    let head = head(ROUTES[0], "content-length: 1000\r\nexpect: 100-continue\r\n");
    let answer = hear(say(&server, &head).await).await;
    assert!(answer.starts_with("HTTP/1.1 100"), "{answer}");
    assert!(answer.contains("HTTP/1.1 408"), "{answer}");
    assert!(server.shutdown().await);
}

#[tokio::test]
async fn a_body_that_announces_nothing_is_read_up_to_the_limit() {
    let server = start(ScriptedCheckouts::then([]), limits()).await;
    let chunk = format!("3e9\r\n{}\r\n", "x".repeat(1001));
    let request = head(ROUTES[0], "transfer-encoding: chunked\r\n") + &chunk;
    let answer = hear(say(&server, &request).await).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert!(server.shutdown().await);
}

#[tokio::test]
async fn an_answer_reaches_a_client_that_sends_its_body_all_the_same() {
    let server = start(ScriptedCheckouts::then([]), limits()).await;
    let request = head(ROUTES[3], "content-length: 600000\r\n") + &"x".repeat(600_000);
    let answer = hear(say(&server, &request).await).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert!(server.shutdown().await);
}
