//! Requests that never reach the domain: callers, paths, methods, media types and bodies.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::http::Request;
use hyper::body::Frame;
use serde_json::{Value, json};

use super::{answered, assert_error, post};
use crate::testing::adyen::{SESSIONS, adyen, assert_dialect, changed, completion, creation, without_member};
use crate::testing::scripted::ScriptedCheckouts;
use crate::testing::{KEY, host, host_within, send, with, without};

#[tokio::test]
async fn only_a_key_of_this_dialect_in_the_header_is_a_caller() {
    let request = || adyen("POST", "", "", creation().to_string());
    let without_key = || without(request(), "authorization");
    let in_query = |name: &str| {
        let mut request = without_key();
        *request.uri_mut() = format!("{SESSIONS}?{name}=tk_adyen").parse().unwrap();
        request
    };
    for (what, request) in [
        ("no key", without_key()),
        (
            "another key",
            with(request(), "authorization", "Bearer tk_of_another_merchant"),
        ),
        (
            "a key of ACP",
            with(request(), "authorization", &format!("Bearer {KEY}")),
        ),
        ("a key in the query", in_query("api_key")),
        ("a token in the query", in_query("access_token")),
    ] {
        let answer = answered(request).await;
        assert_error(&answer, 401, "UNAUTHORIZED", "", what);
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"), "{what}");
    }
}

#[tokio::test]
async fn another_account_is_not_there() {
    for account in ["Other", "acmecompany", "..%2fAcmeCompany", "%00", "AcmeCompany%2f"] {
        for path in ["", "/cs_1", "/cs_1/complete"] {
            let mut request = adyen(if path == "/cs_1" { "GET" } else { "POST" }, "", "", "{}");
            let uri = format!("/commerce-suite/acp/v1/{account}/checkout_sessions{path}");
            *request.uri_mut() = uri.parse().unwrap();
            assert_error(&answered(request).await, 404, "NOT_FOUND", "", &uri);
        }
    }
}

#[tokio::test]
async fn refusals_of_the_router_have_messages_too() {
    for (method, path, status, code) in [
        ("PUT", "", 405, "METHOD_NOT_ALLOWED"),
        ("DELETE", "/cs_1", 405, "METHOD_NOT_ALLOWED"),
        ("PATCH", "/cs_1", 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/cs_1/cancel", 405, "METHOD_NOT_ALLOWED"),
        ("POST", "/cs_1/pay", 404, "NOT_FOUND"),
    ] {
        let answer = answered(adyen(method, path, "", "{}")).await;
        assert_error(&answer, status, code, "", path);
        assert_eq!(answer.header("allow").is_some(), status == 405, "{path}");
    }
    let mut prefixed = adyen("POST", "", "", "{}");
    *prefixed.uri_mut() = format!("/m/elsewhere{SESSIONS}").parse().unwrap();
    assert_error(&answered(prefixed).await, 404, "NOT_FOUND", "", "another merchant");
    let long = format!("?{}", "q".repeat(10_000));
    assert_error(
        &answered(adyen("POST", &long, "", "{}")).await,
        414,
        "URI_TOO_LONG",
        "",
        "uri",
    );
    let headers = with(adyen("POST", "", "", "{}"), "x-long", &"h".repeat(40_000));
    assert_error(&answered(headers).await, 431, "HEADERS_TOO_LARGE", "", "headers");
    let twice = {
        let mut request = adyen("POST", "", "", "{}");
        request
            .headers_mut()
            .append("authorization", "Bearer x".parse().unwrap());
        request
    };
    assert_dialect(&answered(twice).await);
    let outside = Request::builder()
        .method("POST")
        .uri("/nothing")
        .header("host", "mer.example")
        .body(Body::empty())
        .unwrap();
    assert_eq!(
        answered(outside).await.code(),
        "not_found",
        "other paths keep their form"
    );
}

#[tokio::test]
async fn bodies_that_are_no_json_of_this_dialect_are_refused() {
    for (what, body, code, path) in [
        ("not UTF-8", b"{\"currency\":\"\xff\"}".to_vec(), "INVALID_REQUEST", ""),
        (
            "a lone surrogate",
            br#"{"currency":"\ud800"}"#.to_vec(),
            "INVALID_REQUEST",
            "",
        ),
        (
            "the same name twice",
            br#"{"items":[],"items":[]}"#.to_vec(),
            "INVALID_REQUEST",
            "items",
        ),
        (
            "too deep",
            [b"[".repeat(33), b"]".repeat(33)].concat(),
            "INVALID_REQUEST",
            "",
        ),
        ("nothing", Vec::new(), "MISSING_FIELD", ""),
        ("a list", b"[]".to_vec(), "INVALID_REQUEST", ""),
        ("null", b"null".to_vec(), "INVALID_REQUEST", ""),
    ] {
        let answer = answered(adyen("POST", "", "k", body)).await;
        assert_eq!(answer.status, 400, "{what}: {:#}", answer.body);
        assert_dialect(&answer);
        let first = &answer.body["messages"][0];
        assert_eq!(first["code"], code, "{what}");
        if what == "the same name twice" {
            assert_eq!(first["path"], path, "{what}");
        }
    }
    let large = adyen("POST", "", "", vec![b' '; 300_000]);
    assert_error(&answered(large).await, 413, "BODY_TOO_LARGE", "", "large");
    let media = |name, value| with(adyen("POST", "", "", creation().to_string()), name, value);
    for request in [media("content-type", "text/plain"), media("content-encoding", "gzip")] {
        assert_error(&answered(request).await, 415, "UNSUPPORTED_MEDIA_TYPE", "", "media");
    }
}

/// A body of which nothing arrives.
struct Never;

impl HttpBody for Never {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Pending
    }
}

#[tokio::test]
async fn a_body_that_does_not_arrive_is_answered_in_this_dialect() {
    let limits = crate::settings::Limits {
        body_timeout: std::time::Duration::from_millis(1),
        ..crate::settings::Limits::default()
    };
    let (router, _) = host_within(Arc::new(ScriptedCheckouts::default()), limits);
    let answer = send(&router, adyen("POST", "", "", Body::new(Never))).await;
    assert_error(&answer, 408, "TIMEOUT", "", "slow");
}

/// Each wrong value of a creation, with the path that the answer names.
fn wrong_creations() -> Vec<(Value, &'static str)> {
    let long = |length: usize| json!("x".repeat(length));
    let with = |pointer: &str, value: Value| changed(creation(), pointer, value);
    let mut cases = vec![
        (without_member(creation(), "/currency"), "currency"),
        (without_member(creation(), "/items"), "items"),
        (without_member(creation(), "/items/0/quantity"), "items[0].quantity"),
        (without_member(creation(), "/items/0/id"), "items[0].id"),
        (
            without_member(creation(), "/fulfillment_address/line_one"),
            "fulfillment_address.line_one",
        ),
        (with("/items/0/extra", json!(1)), "items[0].extra"),
        (
            with("/items", json!(vec![json!({"id": "mug", "quantity": 1}); 201])),
            "items",
        ),
        (with("/fulfilment_address", json!({})), "fulfilment_address"),
        (with("/discounts", json!({"codes": null})), "discounts.codes"),
        (with("/buyer", Value::Null), "buyer"),
    ];
    for value in [json!("US"), json!("USDX"), json!(840), json!("XXZ"), Value::Null] {
        cases.push((with("/currency", value), "currency"));
    }
    let huge = json!(4_294_967_297_u64);
    for value in [json!(0), json!(-1), json!(1.5), json!("1"), Value::Null, huge] {
        cases.push((with("/items/0/quantity", value), "items[0].quantity"));
    }
    for value in [json!(""), long(257), json!("a\u{7}"), json!(7)] {
        cases.push((with("/items/0/id", value), "items[0].id"));
    }
    for (member, value) in [
        ("line_one", long(257)),
        ("line_two", long(257)),
        ("city", long(257)),
        ("name", long(257)),
        ("postal_code", long(21)),
        ("country", json!("USA")),
        ("country", json!("U1")),
        ("state", json!("")),
    ] {
        let path = match member {
            "line_one" => "fulfillment_address.line_one",
            "line_two" => "fulfillment_address.line_two",
            "city" => "fulfillment_address.city",
            "name" => "fulfillment_address.name",
            "postal_code" => "fulfillment_address.postal_code",
            "country" => "fulfillment_address.country",
            _ => "fulfillment_address.state",
        };
        cases.push((with(&format!("/fulfillment_address/{member}"), value), path));
    }
    let email = json!(format!("{}@example.com", "x".repeat(257)));
    for value in [email, json!("not an address")] {
        cases.push((with("/buyer/email", value), "buyer.email"));
    }
    for (member, value, path) in [
        ("provider", json!(""), "affiliate_attribution.provider"),
        ("touchpoint", json!("middle"), "affiliate_attribution.touchpoint"),
        ("issued_at", json!("yesterday"), "affiliate_attribution.issued_at"),
        ("source", json!({"type": "ad"}), "affiliate_attribution.source.type"),
    ] {
        let attribution = changed(json!({"provider": "x"}), &format!("/{member}"), value);
        cases.push((with("/affiliate_attribution", attribution), path));
    }
    cases
}

#[tokio::test]
async fn a_wrong_member_of_a_creation_is_named_and_nothing_is_done() {
    for (body, path) in wrong_creations() {
        let service = Arc::new(ScriptedCheckouts::default());
        let (router, _) = host(Arc::clone(&service));
        let answer = send(&router, adyen("POST", "", "k", body.to_string())).await;
        assert_eq!(answer.status, 400, "{body}: {:#}", answer.body);
        assert_dialect(&answer);
        assert_eq!(answer.body["messages"][0]["path"], path, "{body}");
        assert_eq!(service.count(), 0, "{body}");
        assert!(service.records.lock().unwrap().is_empty(), "a 400 is not kept: {body}");
    }
    let overflow = creation().to_string().replace("\"quantity\":1", "\"quantity\":1e400");
    let answer = answered(adyen("POST", "", "", overflow)).await;
    assert_eq!(
        (answer.status, super::first_message(&answer).1),
        (400, "items[0].quantity")
    );
}

#[tokio::test]
async fn missing_and_unknown_members_have_codes_of_their_own() {
    let missing = without_member(creation(), "/currency");
    assert_error(
        &answered(post("", &missing)).await,
        400,
        "MISSING_FIELD",
        "currency",
        "missing",
    );
    let unknown = changed(creation(), "/fulfilment_address", json!({}));
    let answer = answered(post("", &unknown)).await;
    assert_error(&answer, 400, "UNKNOWN_FIELD", "fulfilment_address", "unknown");
    let text = answer.body["messages"][0]["content"].as_str().unwrap();
    assert!(text.contains("fulfillment_address"), "{text}");
    let attribution = json!({"affiliate_attribution": {"provider": "x"}});
    let answer = answered(post("/cs_1", &attribution)).await;
    assert_error(&answer, 400, "UNKNOWN_FIELD", "affiliate_attribution", "an update");
}

#[tokio::test]
async fn a_wrong_member_of_a_completion_is_named() {
    let long = "x".repeat(513);
    for (body, path) in [
        (json!({}), "payment_data"),
        (
            changed(completion(), "/payment_data/token", json!("")),
            "payment_data.token",
        ),
        (
            changed(completion(), "/payment_data/token", json!(long)),
            "payment_data.token",
        ),
        (
            changed(completion(), "/payment_data/token", json!("a\u{1}")),
            "payment_data.token",
        ),
        (
            changed(completion(), "/payment_data/token", json!("caf\u{e9}")),
            "payment_data.token",
        ),
        (
            changed(completion(), "/payment_data/provider", json!("")),
            "payment_data.provider",
        ),
        (
            changed(
                completion(),
                "/payment_data/billing_address",
                json!({"line_one": "1 Main St"}),
            ),
            "payment_data.billing_address.city",
        ),
        (
            changed(
                completion(),
                "/marketing_consents",
                json!([{"channel": "email", "opted_in": "true"}]),
            ),
            "marketing_consents[0].opted_in",
        ),
        (
            changed(
                completion(),
                "/marketing_consents",
                json!([{"channel": "email", "opted_in": true}, {"channel": "email", "opted_in": false}]),
            ),
            "marketing_consents[1].channel",
        ),
    ] {
        let answer = answered(post("/cs_1/complete", &body)).await;
        assert_eq!(answer.status, 400, "{body}: {:#}", answer.body);
        assert_dialect(&answer);
        assert_eq!(answer.body["messages"][0]["path"], path, "{body}");
    }
}

#[tokio::test]
async fn a_cancellation_says_nothing() {
    for (body, status) in [
        ("", 200),
        ("{}", 200),
        ("garbage", 400),
        ("[]", 400),
        (r#"{"reason":"x"}"#, 400),
    ] {
        let answer = answered(adyen("POST", "/cs_1/cancel", "", body)).await;
        assert_eq!(answer.status, status, "{body}: {:#}", answer.body);
        assert_dialect(&answer);
    }
}
