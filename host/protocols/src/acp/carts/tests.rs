#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use serde_json::{Value, json};

use crate::acp::Release;
use crate::testing::scripted::{RecordedCall, ScriptedCheckouts, ScriptedResult};
use crate::testing::{acp, host, send, with};
use tillhouse_checkout::cart::Change;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::SavedCartId;

const CART: &str =
    r#"{"line_items":[{"id":"mug","quantity":2}],"buyer":{"email":"jane@example.com"},"locale":"de-DE"}"#;
const CONTENT: &str = r#"{"line_items":[{"id":"mug"}]}"#;

#[tokio::test]
async fn a_cart_shows_what_the_schema_of_carts_has_and_nothing_else() {
    let (router, _) = host(Arc::new(ScriptedCheckouts::default()));
    let created = send(&router, acp("POST", "/carts", "k1", CART)).await;
    assert_eq!(created.status, 201);
    let id = created.body["id"].as_str().unwrap().to_owned();
    let path = format!("/carts/{id}");
    let read = send(&router, acp("GET", &path, "", "")).await;
    let replaced = send(&router, acp("PUT", &path, "k2", CONTENT)).await;
    let posted = send(&router, acp("POST", &path, "k3", CONTENT)).await;
    let canceled = send(&router, acp("POST", &format!("{path}/cancel"), "k4", "{}")).await;
    for response in [read, replaced, posted, canceled] {
        assert_eq!(response.status, 200);
        assert_eq!(response.body, created.body);
    }
    let session = send(&router, acp("GET", &format!("/checkout_sessions/{id}"), "", "")).await;
    for member in ["line_items", "totals", "currency", "buyer", "expires_at"] {
        assert_eq!(created.body[member], session.body[member], "{member}");
    }
    for member in [
        "status",
        "capabilities",
        "fulfillment_options",
        "links",
        "order",
        "discounts",
    ] {
        assert_eq!(created.body[member], Value::Null, "{member}");
    }
}

#[tokio::test]
async fn an_update_replaces_what_it_leaves_out() {
    let service = Arc::new(ScriptedCheckouts::default());
    let (router, _) = host(Arc::clone(&service));
    send(&router, acp("POST", "/carts", "k1", CART)).await;
    send(
        &router,
        acp("PUT", "/carts/cart_1", "k2", CART.replace(r#","locale":"de-DE""#, "")),
    )
    .await;
    send(
        &router,
        acp(
            "PUT",
            "/carts/cart_1",
            "k3",
            r#"{"line_items":[{"id":"mug"}],"buyer":null}"#,
        ),
    )
    .await;
    let done = service.done.lock().unwrap();
    let [
        RecordedCall::CreateCart(created),
        RecordedCall::ReplaceCart(first),
        RecordedCall::ReplaceCart(second),
    ] = done.as_slice()
    else {
        panic!("{done:?}")
    };
    assert_eq!(created.edit.locale.as_deref(), Some("de-DE"));
    assert_eq!(first.items.as_ref().unwrap().first().unwrap().quantity, 2);
    assert!(matches!(first.buyer, Change::Set(_)));
    assert_eq!(second.items.as_ref().unwrap().first().unwrap().quantity, 1);
    assert_ne!(second.buyer, first.buyer);
}

#[tokio::test]
async fn keys_are_demanded_and_put_and_post_share_them() {
    let service = Arc::new(ScriptedCheckouts::default());
    let (router, _) = host(Arc::clone(&service));
    for (method, path) in [
        ("POST", "/carts"),
        ("PUT", "/carts/cart_1"),
        ("POST", "/carts/cart_1/cancel"),
    ] {
        let refused = send(&router, acp(method, path, "", CONTENT)).await;
        assert_eq!(
            (refused.status, refused.code()),
            (400, "idempotency_key_required"),
            "{method} {path}"
        );
    }
    send(&router, acp("PUT", "/carts/cart_1", "k", CONTENT)).await;
    let again = send(&router, acp("POST", "/carts/cart_1", "k", CONTENT)).await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    let other = send(&router, acp("PUT", "/carts/cart_1", "k", CART)).await;
    assert_eq!((other.status, other.code()), (422, "idempotency_conflict"));
    assert_eq!(service.done.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn bad_bodies_are_refused_at_the_field_and_change_nothing() {
    let service = Arc::new(ScriptedCheckouts::default());
    let (router, _) = host(Arc::clone(&service));
    let item = |item: &str| format!(r#"{{"line_items":[{item}]}}"#);
    for (body, code, param) in [
        (String::new(), "missing_required_field", "$"),
        ("{}".to_owned(), "missing_required_field", "$.line_items"),
        (r#"{"line_items":null}"#.to_owned(), "invalid", "$.line_items"),
        (r#"{"line_items":{}}"#.to_owned(), "invalid", "$.line_items"),
        (item("{}"), "missing_required_field", "$.line_items[0].id"),
        (item(r#"{"id":""}"#), "invalid", "$.line_items[0].id"),
        (item(r#"{"id":7}"#), "invalid", "$.line_items[0].id"),
        (
            item(r#"{"id":"mug","quantity":0}"#),
            "invalid",
            "$.line_items[0].quantity",
        ),
        (
            item(r#"{"id":"mug","quantity":1.5}"#),
            "invalid",
            "$.line_items[0].quantity",
        ),
        (
            item(r#"{"id":"mug","quantity":1e9}"#),
            "invalid",
            "$.line_items[0].quantity",
        ),
        (item(r#"{"id":"mug","sku":"x"}"#), "invalid", "$.line_items[0].sku"),
        (item(r#"{"id":"mug","id":"mug"}"#), "invalid", "$.line_items[0].id"),
        (
            format!(r#"{{"line_items":[{{"id":"{}"}}]}}"#, "x".repeat(257)),
            "invalid",
            "$.line_items[0].id",
        ),
        (
            r#"{"line_items":[{"id":"mug"}],"buyer":{}}"#.to_owned(),
            "missing_required_field",
            "$.buyer.email",
        ),
        (
            r#"{"line_items":[{"id":"mug"}],"buyer":{"email":"x"}}"#.to_owned(),
            "invalid",
            "$.buyer.email",
        ),
        (
            r#"{"line_items":[{"id":"mug"}],"currency":"usd"}"#.to_owned(),
            "invalid",
            "$.currency",
        ),
        (
            r#"{"line_items":[{"id":"mug"}],"capabilities":{}}"#.to_owned(),
            "invalid",
            "$.capabilities",
        ),
    ] {
        for (method, path) in [("POST", "/carts"), ("PUT", "/carts/cart_1")] {
            let refused = send(&router, acp(method, path, "k", body.clone())).await;
            assert_eq!(
                (refused.status, refused.code(), refused.param()),
                (400, code, param),
                "{method} {body}"
            );
        }
    }
    let locale = send(&router, acp("PUT", "/carts/cart_1", "k", CART)).await;
    assert_eq!(
        (locale.status, locale.param()),
        (400, "$.locale"),
        "only a create has it"
    );
    assert_eq!(service.done.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn errors_of_carts_have_the_status_that_the_release_declares() {
    let unknown = || CheckoutError::UnknownCart(SavedCartId::new("cart_1"));
    let service = ScriptedCheckouts::then([
        ScriptedResult::Fail(unknown()),
        ScriptedResult::Fail(CheckoutError::NothingAvailable),
        ScriptedResult::Fail(CheckoutError::TooManyCarts { limit: 3 }),
    ]);
    let (router, _) = host(service);
    for (status, code) in [(404, "not_found"), (422, "out_of_stock"), (429, "rate_limited")] {
        let refused = send(&router, acp("POST", "/carts", code, CART)).await;
        assert_eq!((refused.status, refused.code()), (status, code));
    }
    let read = send(&router, acp("GET", "/carts/cart_gone", "", "")).await;
    assert_eq!((read.status, read.code()), (404, "not_found"));
    let anonymous = crate::testing::without(acp("GET", "/carts/cart_1", "", ""), "authorization");
    assert_eq!(send(&router, anonymous).await.status, 401);
}

#[tokio::test]
async fn only_the_release_that_brought_carts_has_them() {
    let (router, _) = host(Arc::new(ScriptedCheckouts::default()));
    for release in ["2025-09-29", "2026-04-16"] {
        for (method, path) in [("POST", "/carts"), ("GET", "/carts/cart_1"), ("PUT", "/carts/cart_1")] {
            let body = if method == "GET" { "" } else { CONTENT };
            let refused = send(&router, with(acp(method, path, "k", body), "api-version", release)).await;
            assert_eq!(
                (refused.status, refused.code()),
                (400, "unsupported_api_version"),
                "{method} {release}"
            );
        }
    }
    let old = with(acp("GET", "/carts/cart_1", "", ""), "api-version", "2025-09-29");
    let refused = send(&router, old).await;
    assert_eq!(refused.body["supported_versions"], json!(["2026-04-17"]));
}

#[tokio::test]
async fn a_checkout_is_begun_with_the_id_of_a_cart() {
    let service = Arc::new(ScriptedCheckouts::default());
    let (router, _) = host(Arc::clone(&service));
    let body = r#"{"cart_id":"cart_1","line_items":[],"currency":"usd","capabilities":{}}"#;
    assert_eq!(
        send(&router, acp("POST", "/checkout_sessions", "k", body)).await.status,
        201
    );
    let done = service.done.lock().unwrap();
    let [RecordedCall::Create(request)] = done.as_slice() else {
        panic!("{done:?}")
    };
    assert_eq!(request.saved_cart, Some(SavedCartId::new("cart_1")));
}

#[test]
fn the_releases_that_an_error_names_are_those_with_carts() {
    let has_carts = |date: &&&str| {
        let mut headers = axum::http::HeaderMap::new();
        headers.insert("api-version", date.parse().unwrap());
        Release::of(&headers).unwrap().carts().is_some()
    };
    let with_carts: Vec<&str> = Release::supported().iter().filter(has_carts).copied().collect();
    assert_eq!(Release::with_carts(), with_carts);
}
