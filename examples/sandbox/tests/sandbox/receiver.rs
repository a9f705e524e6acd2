use axum::body::Bytes;
use axum::http::Request;
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tillhouse_sandbox::stripe::signature;
use tillhouse_sandbox::{Fault, Sandbox, Secret};

use crate::client::{NOW, sandbox};

const BODY: &str = r#"{"type":"order_create","data":{"checkout_session_id":"cs_1"}}"#;

/// Posts an event and returns the status, or `None` if the connection was closed.
async fn post(sandbox: &Sandbox, id: &str, secret: &str, body: &str) -> Option<u16> {
    let now = i64::try_from(NOW).unwrap();
    let request = Request::post(sandbox.receiver.url())
        .header(
            "merchant-signature",
            signature::sign(&Secret::from(secret), now, body.as_bytes()),
        )
        .header("request-id", id)
        .body(Full::new(Bytes::from(body.to_owned())))
        .unwrap();
    let client = Client::builder(TokioExecutor::new()).build_http();
    client
        .request(request)
        .await
        .ok()
        .map(|answer| answer.status().as_u16())
}

#[tokio::test]
async fn an_event_is_stored_once_however_often_it_arrives() {
    let sandbox = sandbox().await;
    let good = sandbox.receiver.secret();
    for _ in 0..2 {
        assert_eq!(post(&sandbox, "evt_1", good.reveal(), BODY).await, Some(200));
    }
    assert_eq!(
        post(&sandbox, "evt_1", good.reveal(), "{}").await,
        Some(400),
        "a different body"
    );
    assert_eq!(post(&sandbox, "evt_2", "whsec_wrong", BODY).await, Some(401));
    assert_eq!(post(&sandbox, "", good.reveal(), BODY).await, Some(400));
    let [event] = &sandbox.receiver.events_of("cs_1")[..] else {
        panic!("one event");
    };
    assert_eq!((event.kind(), event.arrivals.len()), ("order_create", 2));
    assert_eq!(sandbox.receiver.received(), 5);
}

#[tokio::test]
async fn an_answer_can_be_refused_or_lost() {
    let sandbox = sandbox().await;
    let good = sandbox.receiver.secret();
    sandbox.receiver.fail_next(Fault::Status(503));
    sandbox.receiver.fail_next(Fault::LoseAnswer);
    assert_eq!(post(&sandbox, "evt_1", good.reveal(), BODY).await, Some(503));
    assert!(sandbox.receiver.events().is_empty());
    assert_eq!(post(&sandbox, "evt_1", good.reveal(), BODY).await, None);
    assert_eq!(sandbox.receiver.events().len(), 1, "accepted, but the answer was lost");
    sandbox.receiver.answer_all_with(Some(410));
    assert_eq!(post(&sandbox, "evt_2", good.reveal(), BODY).await, Some(410));
    sandbox.receiver.answer_all_with(None);
    sandbox.receiver.set_secret("whsec_next");
    assert_eq!(post(&sandbox, "evt_2", "whsec_next", BODY).await, Some(200));
}
