use std::time::Duration;

use axum::body::Body;
use serde_json::json;

use super::{STRIPE, complete, hook};
use crate::settings::Limits;
use crate::testing::scripted::{RecordedCall, ScriptedCheckouts};
use crate::testing::{KEY, acp, host, host_within, send, with, without};
use tillhouse_checkout::cart::Change;
use tillhouse_checkout::contact::RecipientEdit;

#[tokio::test]
async fn stripe_is_let_in_by_its_signature() {
    let service = ScriptedCheckouts::then([]);
    let (router, _) = host(service.clone());
    let created = send(&router, hook("POST", "/agentic/checkouts", STRIPE)).await;
    assert_eq!(
        (created.status, &created.body["status"]),
        (200, &json!("ready_for_payment"))
    );
    let read = send(&router, hook("GET", "/agentic/checkouts/cs_1", "")).await;
    assert_eq!((read.status, &read.body["id"]), (200, &json!("cs_1")));
    let updated = hook("POST", "/agentic/checkouts/cs_1", r#"{"fulfillment_option_id":"std"}"#);
    assert_eq!(send(&router, updated).await.status, 200);

    let mut forged = hook("POST", "/agentic/checkouts", STRIPE);
    *forged.body_mut() = Body::from(STRIPE.replace(":1}", ":9}"));
    for request in [
        forged,
        without(hook("GET", "/agentic/checkouts/cs_1", ""), "stripe-signature"),
    ] {
        let got = send(&router, request).await;
        assert_eq!((got.status, got.code()), (401, "invalid_signature"));
        assert_eq!(got.header("www-authenticate"), None, "a bearer key does not help here");
    }
    assert_eq!(service.count(), 2);
}

#[tokio::test]
async fn stripe_confirms_within_its_deadline() {
    let service = ScriptedCheckouts::then([]);
    let (router, _) = host(service.clone());
    let body = r#"{"payment_data":{"token":"spt_1","provider":"stripe"}}"#;
    let got = send(&router, hook("POST", "/agentic/checkouts/cs_1/confirm", body)).await;
    let order = json!({"id": "ord_1", "permalink_url": "https://shop.example/orders/1001"});
    assert_eq!(got.body, json!({"status": "completed", "order": order}));
    let RecordedCall::Complete(request) = service.last() else {
        panic!("not completed");
    };
    assert!(request.deadline.unwrap() <= Limits::default().confirm_deadline);
    assert_eq!(request.token.id.as_str(), "spt_1");
}

#[tokio::test]
async fn the_deadline_of_a_payment_counts_from_the_request_head() {
    let hardly_any = Duration::from_nanos(1);
    let limits = Limits {
        complete_deadline: hardly_any,
        confirm_deadline: hardly_any,
        ..Limits::default()
    };
    let service = ScriptedCheckouts::then([]);
    let (router, _) = host_within(service.clone(), limits);
    let body = r#"{"payment_data":{"token":"spt_1","provider":"stripe"}}"#;
    for request in [complete(), hook("POST", "/agentic/checkouts/cs_1/confirm", body)] {
        assert_eq!(send(&router, request).await.status, 200);
        let RecordedCall::Complete(request) = service.last() else {
            panic!("not completed");
        };
        assert_eq!(
            request.deadline,
            Some(Duration::ZERO),
            "reading the request used up the deadline"
        );
    }
}

#[tokio::test]
async fn an_update_of_stripe_replaces_the_recipient_in_parts_and_one_of_acp_whole() {
    let service = ScriptedCheckouts::then([]);
    let (router, _) = host(service.clone());
    let whole = r#"{"fulfillment_details":{"name":"Jane"}}"#;
    let part = r#"{"fulfillment_details":{"contact":{"name":"Jane"}}}"#;
    for (request, in_parts) in [
        (acp("POST", "/checkout_sessions/cs_1", "k", whole), false),
        (hook("POST", "/agentic/checkouts/cs_1", part), true),
    ] {
        assert_eq!(send(&router, request).await.status, 200);
        let RecordedCall::Update(edit) = service.last() else {
            panic!("not updated");
        };
        assert_eq!(
            matches!(edit.recipient, Change::Set(RecipientEdit::Parts { .. })),
            in_parts
        );
    }
}

#[tokio::test]
async fn an_update_of_stripe_cannot_change_the_currency() {
    let (router, _) = host(ScriptedCheckouts::then([]));
    let same = send(
        &router,
        hook("POST", "/agentic/checkouts/cs_1", r#"{"currency":"usd"}"#),
    )
    .await;
    assert_eq!(same.status, 200);
    let other = send(
        &router,
        hook("POST", "/agentic/checkouts/cs_1", r#"{"currency":"eur"}"#),
    )
    .await;
    assert_eq!((other.status, other.param()), (400, "$.currency"));
}

#[tokio::test]
async fn stripe_keys_are_optional_and_a_conflict_is_400() {
    let service = ScriptedCheckouts::then([]);
    let (router, _) = host(service.clone());
    let keyed = |body: &str| with(hook("POST", "/agentic/checkouts", body), "idempotency-key", "k");
    send(&router, keyed(STRIPE)).await;
    assert_eq!(
        send(&router, keyed(STRIPE)).await.header("idempotent-replayed"),
        Some("true")
    );
    let conflict = send(&router, keyed(&STRIPE.replace(":1}", ":2}"))).await;
    assert_eq!((conflict.status, conflict.code()), (400, "idempotency_conflict"));
}

#[tokio::test]
async fn a_merchant_may_let_stripe_in_by_bearer_key() {
    let (router, _) = host(ScriptedCheckouts::then([]));
    let hook = |key: &str| {
        let request = acp("POST", "/m/bear/agentic/checkouts", "", STRIPE);
        with(request, "authorization", &format!("Bearer {key}"))
    };
    assert_eq!(send(&router, hook("tk_stripe")).await.status, 200);
    assert_eq!(
        send(&router, hook(KEY)).await.status,
        401,
        "an agent's key is not Stripe's"
    );
}

#[tokio::test]
async fn an_agent_has_the_label_of_a_key_and_none_where_stripe_signs_for_all() {
    let service = ScriptedCheckouts::then([]);
    let (router, _) = host(service.clone());
    let keyed = acp("POST", "/m/bear/agentic/checkouts", "", STRIPE);
    for (request, label) in [
        (hook("POST", "/agentic/checkouts", STRIPE), None),
        (with(keyed, "authorization", "Bearer tk_stripe"), Some("stripe")),
    ] {
        assert_eq!(send(&router, request).await.status, 200);
        let RecordedCall::Create(request) = service.last() else {
            panic!("not created");
        };
        assert_eq!(
            (request.caller.principal.as_deref(), request.agent.proven),
            (label, false)
        );
    }
}
