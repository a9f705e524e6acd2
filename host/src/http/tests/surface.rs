use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;

use crate::checkout::error::{CheckoutError, TokenProblem};
use crate::checkout::money::{Amount, Currency, Money};
use crate::checkout::ports::DecisionError;
use crate::checkout::quote::BrokenRule;
use crate::http::settings::Limits;
use crate::http::testing::schemas::assert_valid;
use crate::http::testing::scripted::{Done, NOW, Next, Scripted};
use crate::http::testing::{KEY, STRIPE_SECRET, acp, host, host_within, send, with, without};

const CREATE: &str = r#"{"line_items":[{"id":"mug"}],"currency":"usd","capabilities":{}}"#;
const STRIPE: &str = r#"{"currency":"usd","line_items":[{"sku_id":"mug","quantity":1}]}"#;

fn get(path: &str) -> Request<Body> {
    acp("GET", path, "", "")
}

fn create(body: impl Into<Body>) -> Request<Body> {
    acp("POST", "/checkout_sessions", "k", body)
}

fn complete() -> Request<Body> {
    let body = json!({"payment_data": {"handler_id": "card_tokenized",
        "instrument": {"type": "card", "credential": {"type": "spt", "token": "spt_1"}}}});
    acp("POST", "/checkout_sessions/cs_1/complete", "k", body.to_string())
}

/// A hook as Stripe sends it.
fn hook(method: &str, path: &str, body: &str) -> Request<Body> {
    let mut mac = Hmac::<Sha256>::new_from_slice(STRIPE_SECRET.as_bytes()).unwrap();
    mac.update(format!("{}.{body}", NOW.seconds()).as_bytes());
    let signature = hex::encode(mac.finalize().into_bytes());
    Request::builder()
        .method(method)
        .uri(path)
        .header("host", "mer.example")
        .header("content-type", "application/json")
        .header("stripe-signature", format!("t={},v1={signature}", NOW.seconds()))
        .body(Body::from(body.to_owned()))
        .unwrap()
}

#[tokio::test]
async fn every_operation_of_acp_has_its_status() {
    let service = Scripted::then([]);
    let (router, _) = host(service.clone());
    for (request, status) in [
        (create(CREATE), 201),
        (acp("POST", "/checkout_sessions/cs_1", "k", "{}"), 200),
        (get("/checkout_sessions/cs_1"), 200),
        (complete(), 200),
        (acp("POST", "/checkout_sessions/cs_1/cancel", "k", ""), 200),
    ] {
        let got = send(&router, request).await;
        assert_eq!(got.status, status, "{}", got.body);
        assert_valid("2026-04-17", "CheckoutSession", &got.body);
        assert_eq!(got.header("content-type"), Some("application/json"));
    }
}

#[tokio::test]
async fn only_a_key_of_the_merchant_opens_a_route() {
    let service = Scripted::then([]);
    let (router, _) = host(service.clone());
    for request in [
        without(create(CREATE), "authorization"),
        with(create(CREATE), "authorization", "Bearer wrong"),
        with(create(CREATE), "authorization", &format!("Basic {KEY}")),
        without(get("/checkout_sessions/cs_1"), "authorization"),
        // Authentication comes before anything else is said about the request.
        without(without(create("{"), "authorization"), "api-version"),
    ] {
        let got = send(&router, request).await;
        assert_eq!((got.status, got.code()), (401, "unauthorized"));
        assert_eq!(got.header("www-authenticate"), Some("Bearer"));
    }
    assert_eq!(service.count(), 0);
    assert_eq!(send(&router, create(CREATE)).await.status, 201);
    assert_eq!(service.count(), 1);
}

#[tokio::test]
async fn a_release_must_be_named_and_known() {
    let (router, _) = host(Scripted::then([]));
    let missing = send(&router, without(create(CREATE), "api-version")).await;
    assert_eq!((missing.status, missing.code()), (400, "missing_api_version"));
    for version in ["2026-01-15", "latest", "", "2026-04-17, 2025-09-29"] {
        let got = send(&router, with(create(CREATE), "api-version", version)).await;
        assert_eq!((got.status, got.code()), (400, "unsupported_api_version"));
        assert_eq!(got.body["supported_versions"], json!(["2026-04-17", "2025-09-29"]));
        assert_valid("2026-04-17", "Error", &got.body);
    }
}

#[tokio::test]
async fn a_merchant_is_found_by_host_or_by_prefix() {
    let (router, _) = host(Scripted::then([]));
    let path = "/checkout_sessions/cs_1";
    assert_eq!(send(&router, get(path)).await.status, 200);
    assert_eq!(send(&router, with(get(path), "host", "MER.example")).await.status, 200);
    let by_prefix = with(get(&format!("/m/mer{path}")), "host", "127.0.0.1:3000");
    assert_eq!(send(&router, by_prefix).await.status, 200);
    for request in [
        with(get(path), "host", "nobody.example"),
        without(get(path), "host"),
        get(&format!("/m/nobody{path}")),
        get("/m/mer"),
        get("/m/mute/checkout_sessions/cs_1"),
        get("/nothing"),
        // Another merchant's session: the same as one that does not exist.
        get(&format!("/m/bear{path}")),
        get("/checkout_sessions/cs_2"),
        get("/checkout_sessions/%ff"),
        get("/checkout_sessions/%00"),
    ] {
        let uri = request.uri().clone();
        let got = send(&router, request).await;
        assert_eq!((got.status, got.code()), (404, "not_found"), "{uri}");
    }
}

#[tokio::test]
async fn a_request_is_for_one_host() {
    let (router, _) = host(Scripted::then([]));
    let path = "/checkout_sessions/cs_1";
    for second in ["mer.example:8080", "mute.example"] {
        for path in [path, "/m/mer/checkout_sessions/cs_1"] {
            let mut twice = get(path);
            twice.headers_mut().append("host", second.parse().unwrap());
            let got = send(&router, twice).await;
            assert_eq!((got.status, got.code()), (400, "invalid"), "{second} {path}");
        }
    }
    let absolute = |host: &str| with(get(&format!("http://{host}{path}")), "host", "mute.example");
    assert_eq!(send(&router, absolute("mer.example")).await.status, 200);
    let field_is_no_say = with(get(&format!("http://mute.example{path}")), "host", "mer.example");
    assert_eq!(send(&router, field_is_no_say).await.status, 404);
}

#[tokio::test]
async fn methods_that_a_route_does_not_know_are_405_with_allow() {
    let (router, _) = host(Scripted::then([]));
    for (method, path, allow) in [
        ("DELETE", "/checkout_sessions/cs_1", "GET,HEAD,POST"),
        ("GET", "/checkout_sessions", "POST"),
        ("PUT", "/agentic/checkouts/cs_1/confirm", "POST"),
    ] {
        let got = send(&router, acp(method, path, "", "")).await;
        assert_eq!((got.status, got.code()), (405, "method_not_allowed"));
        assert_eq!(got.header("allow"), Some(allow));
    }
}

#[tokio::test]
async fn a_request_is_named_in_its_answer() {
    let (router, _) = host(Scripted::then([]));
    let named = with(get("/checkout_sessions/cs_1"), "request-id", "req_mine");
    assert_eq!(send(&router, named).await.header("request-id"), Some("req_mine"));
    let unnamed = send(&router, get("/nothing")).await;
    assert_eq!(unnamed.header("request-id"), Some("req_fixed"));
}

#[tokio::test]
async fn what_is_too_large_is_refused_in_the_shape_of_the_protocol() {
    let limits = Limits {
        body: 100,
        uri: 200,
        headers: 10,
        header_bytes: 1000,
        ..Limits::default()
    };
    let (router, _) = host_within(Scripted::then([]), limits);
    let body = send(&router, create("x".repeat(101))).await;
    assert_eq!((body.status, body.code()), (413, "body_too_large"));
    let uri = send(&router, get(&format!("/checkout_sessions/{}", "x".repeat(200)))).await;
    assert_eq!((uri.status, uri.code()), (414, "uri_too_long"));
    let headers = send(&router, with(get("/x"), "x-large", &"x".repeat(1000))).await;
    assert_eq!((headers.status, headers.code()), (431, "headers_too_large"));
}

#[tokio::test]
async fn hostile_bodies_are_refused_with_a_path_and_without_a_panic() {
    let service = Scripted::then([]);
    let (router, _) = host(service.clone());
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let wide = format!(
        "{{{}}}",
        (0..10_000).map(|n| format!("\"k{n}\":1")).collect::<Vec<_>>().join(",")
    );
    for (body, code, param) in [
        (String::new(), "missing_required_field", "$"),
        ("{".into(), "invalid", "$"),
        ("null".into(), "invalid", "$"),
        ("[]".into(), "invalid", "$"),
        (deep, "invalid", "$"),
        (wide, "invalid", "$.k0"),
        (r#"{"currency":"usd","currency":"eur"}"#.into(), "invalid", "$.currency"),
        (
            r#"{"line_items":[{"id":"mug","quantity":1e999}]}"#.into(),
            "invalid",
            "$",
        ),
        (
            r#"{"line_items":[{"id":"mug","quantity":-1}]}"#.into(),
            "missing_required_field",
            "$.capabilities",
        ),
        (CREATE.replace("mug", "\\u0000"), "invalid", "$.line_items[0].id"),
    ] {
        let got = send(&router, create(body.clone())).await;
        let shown: String = body.chars().take(60).collect();
        assert_eq!(got.status, 400, "{shown}: {}", got.body);
        assert_valid("2026-04-17", "Error", &got.body);
        if !shown.contains("quantity") {
            assert_eq!(
                (got.code(), got.param().split("[0][0]").next()),
                (code, Some(param)),
                "{shown}"
            );
        }
    }
    let invalid_utf8 = send(&router, create(vec![b'"', 0xff, b'"'])).await;
    assert_eq!(invalid_utf8.status, 400);
    assert_eq!(service.count(), 0);
}

#[tokio::test]
async fn only_plain_json_is_read() {
    let (router, _) = host(Scripted::then([]));
    for request in [
        with(create(CREATE), "content-type", "text/plain"),
        with(create(CREATE), "content-encoding", "gzip"),
    ] {
        let got = send(&router, request).await;
        assert_eq!((got.status, got.code()), (415, "unsupported_media_type"));
    }
    let charset = with(create(CREATE), "content-type", "application/json; charset=utf-8");
    assert_eq!(send(&router, charset).await.status, 201);
}

fn money(minor: i64) -> Money {
    Money {
        amount: Amount::new(minor).unwrap(),
        currency: Currency::new("USD").unwrap(),
    }
}

#[tokio::test]
async fn each_refusal_of_a_payment_has_its_code_and_field() {
    let token = "$.payment_data.instrument.credential.token";
    for (error, status, code, param) in [
        (CheckoutError::Token(TokenProblem::Expired), 400, "token_expired", token),
        (
            CheckoutError::Token(TokenProblem::AmountExceeded {
                limit: money(1),
                total: money(2),
            }),
            400,
            "token_amount_exceeded",
            token,
        ),
        (
            CheckoutError::Declined {
                code: "fraud_42".into(),
            },
            402,
            "payment_declined",
            "",
        ),
        (
            CheckoutError::InvalidState {
                state: "completed",
                verb: "completed",
            },
            409,
            "invalid_state",
            "",
        ),
        (
            CheckoutError::TotalChanged {
                quoted: money(1),
                now: money(2),
            },
            409,
            "conflict",
            "",
        ),
        (CheckoutError::OutOfStock, 409, "out_of_stock", ""),
        (
            CheckoutError::AuthenticationRequired,
            400,
            "requires_3ds",
            "$.authentication_result",
        ),
    ] {
        let (router, _) = host(Scripted::then([Next::Fail(error)]));
        let got = send(&router, complete()).await;
        assert_eq!((got.status, got.code(), got.param()), (status, code, param));
        assert!(
            !got.body.to_string().contains("fraud_42"),
            "the issuer's reason is not told"
        );
        assert_valid("2026-04-17", "Error", &got.body);
    }
}

#[tokio::test]
async fn a_checkout_that_is_over_cannot_be_canceled_and_says_so_by_405() {
    let over = || {
        Next::Fail(CheckoutError::InvalidState {
            state: "completed",
            verb: "canceled",
        })
    };
    let (router, _) = host(Scripted::then([over()]));
    for replayed in [None, Some("true")] {
        let got = send(&router, acp("POST", "/checkout_sessions/cs_1/cancel", "k", "")).await;
        assert_eq!((got.status, got.header("allow")), (405, Some("GET")));
        assert_eq!(got.header("idempotent-replayed"), replayed);
    }
}

#[tokio::test]
async fn a_failing_plugin_is_never_named_to_the_agent() {
    let broken = CheckoutError::Broken(BrokenRule {
        function: "pricing.price",
        rule: "L2",
        detail: "secret detail".into(),
    });
    let trapped = CheckoutError::Decision(DecisionError::Fault {
        plugin: "acme-shop".into(),
        function: "tax.assess",
        fault: "trap",
        detail: "secret detail".into(),
    });
    for error in [broken, trapped] {
        let (router, _) = host(Scripted::then([Next::Fail(error)]));
        let got = send(&router, create(CREATE)).await;
        assert_eq!((got.status, got.code()), (500, "processing_error"));
        let text = got.body.to_string();
        assert!(
            !text.contains("secret") && !text.contains("acme") && !text.contains("price"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn stripe_is_let_in_by_its_signature() {
    let service = Scripted::then([]);
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
        assert_eq!(got.header("www-authenticate"), None, "no bearer key would help");
    }
    assert_eq!(service.count(), 2);
}

#[tokio::test]
async fn stripe_confirms_within_its_deadline() {
    let service = Scripted::then([]);
    let (router, _) = host(service.clone());
    let body = r#"{"payment_data":{"token":"spt_1","provider":"stripe"}}"#;
    let got = send(&router, hook("POST", "/agentic/checkouts/cs_1/confirm", body)).await;
    let order = json!({"id": "ord_1", "permalink_url": "https://shop.example/orders/1001"});
    assert_eq!(got.body, json!({"status": "completed", "order": order}));
    let Done::Complete(request) = service.last() else {
        panic!("not completed");
    };
    assert!(request.deadline.unwrap() <= Limits::default().confirm_time);
    assert_eq!(request.token.as_str(), "spt_1");
}

#[tokio::test]
async fn the_deadline_of_a_payment_counts_from_the_request_head() {
    let hardly_any = Duration::from_nanos(1);
    let limits = Limits {
        complete_time: hardly_any,
        confirm_time: hardly_any,
        ..Limits::default()
    };
    let service = Scripted::then([]);
    let (router, _) = host_within(service.clone(), limits);
    let body = r#"{"payment_data":{"token":"spt_1","provider":"stripe"}}"#;
    for request in [complete(), hook("POST", "/agentic/checkouts/cs_1/confirm", body)] {
        assert_eq!(send(&router, request).await.status, 200);
        let Done::Complete(request) = service.last() else {
            panic!("not completed");
        };
        assert_eq!(
            request.deadline,
            Some(Duration::ZERO),
            "reading the request took all of it"
        );
    }
}

#[tokio::test]
async fn an_update_of_stripe_merges_and_one_of_acp_replaces() {
    let service = Scripted::then([]);
    let (router, _) = host(service.clone());
    for (request, merges) in [
        (acp("POST", "/checkout_sessions/cs_1", "k", "{}"), false),
        (hook("POST", "/agentic/checkouts/cs_1", r#"{"currency":"usd"}"#), true),
    ] {
        assert_eq!(send(&router, request).await.status, 200);
        let Done::Update(edit) = service.last() else {
            panic!("not updated");
        };
        assert_eq!(edit.merge, merges);
    }
    let other = send(
        &router,
        hook("POST", "/agentic/checkouts/cs_1", r#"{"currency":"eur"}"#),
    )
    .await;
    assert_eq!((other.status, other.param()), (400, "$.currency"));
}

#[tokio::test]
async fn stripe_keys_are_optional_and_a_conflict_is_400() {
    let service = Scripted::then([]);
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
    let (router, _) = host(Scripted::then([]));
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
