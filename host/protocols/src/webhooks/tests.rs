use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;

use crate::settings::Limits;
use crate::testing::scripted::{NOW, ScriptedCheckouts, ScriptedResult};
use crate::testing::{EVENT_SECRET, TestResponse, host, host_within, send, with, without};
use tillhouse_checkout::decision::{Rejection, WebhookReply};
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::message::Subject;
use tillhouse_checkout::ports::{DecisionError, StoreError};

const EVENT: &str =
    r#"{"id":"evt_1","object":"event","type":"shared_payment.granted_token.deactivated","livemode":false}"#;

fn signature(secret: &str, time: u64, body: &str) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    let mac = mac.chain_update(format!("{time}.")).chain_update(body);
    format!("t={time},v1={}", hex::encode(mac.finalize().into_bytes()))
}

fn request(path: &str, body: &str) -> Request<Body> {
    let request = Request::post(path).header("host", "mer.example");
    request.body(Body::from(body.to_owned())).unwrap()
}

fn event(body: &str) -> Request<Body> {
    let signature = signature(EVENT_SECRET, NOW.seconds(), body);
    with(request("/webhooks/stripe", body), "stripe-signature", &signature)
}

async fn given(service: &Arc<ScriptedCheckouts>, request: Request<Body>) -> TestResponse {
    let (router, _) = host(service.clone());
    send(&router, request).await
}

#[tokio::test]
async fn an_event_is_stored_unchanged_and_acknowledged_each_time() {
    let service = ScriptedCheckouts::then([]);
    for _ in 0..2 {
        let got = given(&service, event(EVENT)).await;
        assert_eq!((got.status, got.body), (200, json!({"received": true})));
    }
    let unknown = EVENT
        .replace("evt_1", "evt_2")
        .replace("shared_payment.granted_token.deactivated", "new.kind");
    assert_eq!(given(&service, event(&unknown)).await.status, 200);
    let events = service.events.lock().unwrap();
    let kept: Vec<_> = events
        .iter()
        .map(|event| (event.source.to_string(), event.id.as_str()))
        .collect();
    assert_eq!(kept, [("stripe:mer".into(), "evt_1"), ("stripe:mer".into(), "evt_2")]);
    assert_eq!((events[0].payload.as_str(), events[0].received), (EVENT, NOW));
    assert_eq!(events[1].kind, "new.kind");
}

/// An event of this type about a token, with the rest of the event.
fn token_event(id: &str, kind: &str, rest: &str) -> String {
    format!(r#"{{"id":"{id}","type":"shared_payment.granted_token.{kind}","livemode":false,{rest}}}"#)
}

#[tokio::test]
async fn a_deactivated_token_is_kept_under_its_id_with_the_reason() {
    let object = |token: &str| format!(r#""data":{{"object":{{"object":"shared_payment.granted_token",{token}}}}}"#);
    for (kind, rest, expected) in [
        (
            "deactivated",
            object(r#""id":"spt_1","deactivated_reason":"revoked""#),
            Some("revoked"),
        ),
        (
            "deactivated",
            object(r#""id":"spt_1","deactivated_at":1"#),
            Some("deactivated"),
        ),
        (
            "deactivated",
            object(r#""id":"spt_1","deactivated_reason":null"#),
            Some("deactivated"),
        ),
        (
            "deactivated",
            r#""related_object":{"id":"spt_1"}"#.to_owned(),
            Some("deactivated"),
        ),
        ("expired", object(r#""id":"spt_1""#), Some("expired")),
        (
            "used",
            object(r#""id":"spt_1","deactivated_at":1,"deactivated_reason":"consumed""#),
            Some("consumed"),
        ),
        ("used", object(r#""id":"spt_1","deactivated_at":null"#), None),
        ("updated", object(r#""id":"spt_1""#), None),
        ("deactivated", object(r#""id":"spt:1""#), None),
        ("deactivated", object(r#""id":"""#), None),
        ("deactivated", r#""data":"spt_1""#.to_owned(), None),
    ] {
        let service = ScriptedCheckouts::then([]);
        let body = token_event("evt_1", kind, &rest);
        assert_eq!(given(&service, event(&body)).await.status, 200, "{body}");
        let events = service.events.lock().unwrap();
        let about = events
            .iter()
            .find(|event| event.source.to_string() == "token:mer:spt_1");
        assert_eq!(about.map(|event| event.payload.as_str()), expected, "{body}");
        let kept = events.last().unwrap();
        assert_eq!((kept.source.to_string().as_str(), &kept.payload), ("stripe:mer", &body));
    }
}

#[tokio::test]
async fn an_event_that_is_not_signed_now_by_a_secret_of_the_merchant_is_refused() {
    let service = ScriptedCheckouts::then([]);
    let now = NOW.seconds();
    let signed = |header: &str| with(request("/webhooks/stripe", EVENT), "stripe-signature", header);
    let next = signature("whsec_events_next", now, EVENT);
    let several = format!("t={now},v1={},{}", "0".repeat(64), next.split_once(',').unwrap().1);
    for good in [
        signature(EVENT_SECRET, now - 300, EVENT),
        signature(EVENT_SECRET, now + 300, EVENT),
        next,
        several,
    ] {
        assert_eq!(given(&service, signed(&good)).await.status, 200, "{good}");
    }
    for bad in [
        signature(EVENT_SECRET, now - 301, EVENT),
        signature(EVENT_SECRET, now + 301, EVENT),
        signature("whsec_test", now, EVENT),
        signature(EVENT_SECRET, now, &EVENT.replace("evt_1", "evt_2")),
        signature(EVENT_SECRET, now, EVENT).replace("v1=", "v0="),
        String::new(),
    ] {
        let got = given(&service, signed(&bad)).await;
        assert_eq!((got.status, got.code()), (400, "invalid_signature"), "{bad}");
        assert_eq!(got.body["message"], "the signature of the event is missing or invalid");
    }
    assert_eq!(
        given(&service, without(event(EVENT), "stripe-signature")).await.status,
        400
    );
    assert_eq!(service.events.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn an_invalid_event_and_one_of_the_other_mode_are_refused() {
    let service = ScriptedCheckouts::then([]);
    for (body, code) in [
        ("{}", "invalid"),
        ("[", "invalid"),
        (r#"{"id":"","type":"x","livemode":false}"#, "invalid"),
        (r#"{"id":"a\nb","type":"x","livemode":false}"#, "invalid"),
        (r#"{"id":"e","type":"x","livemode":true}"#, "livemode_mismatch"),
    ] {
        let got = given(&service, event(body)).await;
        assert_eq!((got.status, got.code()), (400, code), "{body}");
    }
    assert!(service.events.lock().unwrap().is_empty());
}

#[tokio::test]
async fn an_event_that_cannot_be_stored_gets_503_with_retry_after() {
    let down = CheckoutError::Store(StoreError::new("disk"));
    let got = given(&ScriptedCheckouts::then([ScriptedResult::Fail(down)]), event(EVENT)).await;
    assert_eq!((got.status, got.header("retry-after")), (503, Some("5")));
}

#[tokio::test]
async fn events_are_bounded_and_only_accepted_where_configured() {
    let service = ScriptedCheckouts::then([]);
    let limits = Limits {
        max_body_bytes: 64,
        ..Limits::default()
    };
    let (router, _) = host_within(service.clone(), limits);
    assert_eq!(send(&router, event(EVENT)).await.status, 413);
    let mut elsewhere = event("{}");
    *elsewhere.uri_mut() = "/m/mute/webhooks/stripe".parse().unwrap();
    assert_eq!(send(&router, elsewhere).await.status, 404);
    let mut read = event("{}");
    *read.method_mut() = axum::http::Method::GET;
    assert_eq!(send(&router, read).await.status, 405);
}

#[tokio::test]
async fn a_webhook_reaches_the_processor_unchanged() {
    let service = ScriptedCheckouts::then([]);
    let webhook = with(request("/webhooks/processor", "\u{0}raw"), "x-signature", "abc");
    let got = given(&service, webhook).await;
    assert_eq!((got.status, got.body), (200, json!({"received": true})));
    let webhooks = service.webhooks.lock().unwrap();
    assert_eq!(webhooks[0].body, b"\0raw");
    assert!(webhooks[0].headers.contains(&("x-signature".into(), "abc".into())));
}

#[tokio::test]
async fn the_processor_gets_the_response_that_its_plugin_chose() {
    let service = ScriptedCheckouts::then([]);
    *service.webhook_reply.lock().unwrap() = Some(WebhookReply {
        status: 202,
        content_type: "application/vnd.psp+json".into(),
        body: br#"{"notificationResponse":"[accepted]"}"#.to_vec(),
    });
    let got = given(&service, request("/webhooks/processor", "{}")).await;
    assert_eq!(
        (got.status, got.header("content-type"), got.header("cache-control")),
        (202, Some("application/vnd.psp+json"), Some("no-store"))
    );
    assert_eq!(got.body, json!({"notificationResponse": "[accepted]"}));
}

#[tokio::test]
async fn the_processor_is_told_whether_to_retry_a_webhook() {
    let unavailable = |retry_after| DecisionError::Unavailable {
        plugin: "p".into(),
        function: "payments-notices.read",
        retry_after,
    };
    let rejected = |code: &str| {
        CheckoutError::Rejected(Rejection {
            code: code.into(),
            message: "secret detail".into(),
            about: Subject::Session,
        })
    };
    let unsupported = DecisionError::Unsupported {
        plugin: "p".into(),
        function: "payments-notices.read",
    };
    for (error, status, retry) in [
        (rejected("forged"), 401, None),
        (rejected("unreadable"), 400, None),
        (CheckoutError::InFlight, 503, Some("5")),
        (CheckoutError::Decision(unavailable(None)), 503, Some("5")),
        (CheckoutError::Decision(unsupported), 404, None),
    ] {
        let service = ScriptedCheckouts::then([ScriptedResult::Fail(error)]);
        let got = given(&service, request("/webhooks/processor", "{}")).await;
        assert_eq!((got.status, got.header("retry-after")), (status, retry));
        assert!(!got.body.to_string().contains("secret detail"));
    }
}

#[tokio::test]
async fn each_sender_is_told_whose_webhooks_its_endpoint_takes() {
    for (path, rejected_as, answered, whose) in [
        (
            "/webhooks/processor",
            "forged",
            (401, "forged_notice"),
            "this merchant's processor",
        ),
        (
            "/webhooks/processor",
            "unreadable",
            (400, "invalid_notice"),
            "this merchant's processor",
        ),
        (
            "/webhooks/orders",
            "forged",
            (401, "forged_notice"),
            "this merchant's own system",
        ),
    ] {
        let rejected = Rejection {
            code: rejected_as.into(),
            message: "secret detail".into(),
            about: Subject::Session,
        };
        let service = ScriptedCheckouts::then([ScriptedResult::Fail(CheckoutError::Rejected(rejected))]);
        let got = given(&service, request(path, "{}")).await;
        assert_eq!((got.status, got.code()), answered);
        assert!(got.body["message"].as_str().unwrap().ends_with(whose), "{}", got.body);
    }
}
