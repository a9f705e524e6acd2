//! Idempotency keys: optional, one answer for each, and no other body under one.

use std::sync::Arc;

use tokio::sync::Notify;

use super::assert_error;
use crate::testing::adyen::{adyen, changed, creation};
use crate::testing::scripted::{ScriptedCheckouts, ScriptedResult};
use crate::testing::{host, send, with};

#[tokio::test]
async fn a_request_that_is_sent_again_gets_the_same_answer() {
    let service = Arc::new(ScriptedCheckouts::default());
    let (router, _) = host(Arc::clone(&service));
    let request = || adyen("POST", "", "k", creation().to_string());
    let first = send(&router, request()).await;
    let again = send(&router, request()).await;
    assert_eq!((first.status, &first.body), (again.status, &again.body));
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(service.count(), 1);
    let other = changed(creation(), "/currency", "EUR".into());
    let other = send(&router, adyen("POST", "", "k", other.to_string())).await;
    assert_error(&other, 422, "IDEMPOTENCY_CONFLICT", "", "another body");
    let update = send(&router, adyen("POST", "/cs_1", "k", "{}")).await;
    assert_eq!(update.status, 200, "keys of other paths are independent");
}

#[tokio::test]
async fn a_second_request_does_not_wait_for_the_first() {
    let (began, leave) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let wait = ScriptedResult::Wait(Arc::clone(&began), Arc::clone(&leave));
    let (router, _) = host(ScriptedCheckouts::then([wait]));
    let request = || adyen("POST", "", "k", creation().to_string());
    let first = {
        let (router, request) = (router.clone(), request());
        tokio::spawn(async move { send(&router, request).await })
    };
    began.notified().await;
    let second = send(&router, request()).await;
    assert_error(&second, 409, "IN_FLIGHT", "", "in flight");
    assert!(second.header("retry-after").is_some());
    leave.notify_one();
    assert_eq!(first.await.unwrap().status, 201);
    let replay = send(&router, request()).await;
    assert_eq!(
        (replay.status, replay.header("idempotent-replayed")),
        (201, Some("true"))
    );
}

#[tokio::test]
async fn a_key_is_short_and_printable() {
    let (router, _) = host(Arc::new(ScriptedCheckouts::default()));
    let without = || adyen("POST", "", "", creation().to_string());
    assert_eq!(send(&router, without()).await.status, 201);
    for key in ["", &"k".repeat(256)] {
        let answer = send(&router, with(without(), "idempotency-key", key)).await;
        assert_error(&answer, 400, "INVALID_IDEMPOTENCY_KEY", "", key);
    }
    let mut request = without();
    let accented = axum::http::HeaderValue::from_bytes("k\u{e9}".as_bytes()).unwrap();
    request.headers_mut().insert("idempotency-key", accented);
    assert_error(
        &send(&router, request).await,
        400,
        "INVALID_IDEMPOTENCY_KEY",
        "",
        "not ASCII",
    );
}
