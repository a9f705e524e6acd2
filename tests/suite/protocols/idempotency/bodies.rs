//! When two bodies count as the same: they are compared as JSON values, not as bytes.

use tillhouse_tests::{HttpResponse, Release, Request};

use crate::protocols::host;

/// Sends both bodies under one key, one after the other; returns the second response.
async fn both(create: Request, first: &str, second: &str) -> HttpResponse {
    let one = create.clone().body(first.to_owned()).send().await.expect(201);
    let two = create.body(second.to_owned()).send().await;
    if two.is_replay() {
        assert_eq!(one.body, two.body);
    }
    two
}

async fn create() -> Request {
    host().await.acp(Release::V2026_04_17).post("/checkout_sessions")
}

const BODY: &str = r#"{"line_items":[{"id":"tee-classic","quantity":1},{"id":"mug-enamel","quantity":2}],
    "currency":"usd","capabilities":{},"metadata":{"n":1}}"#;

#[tokio::test]
async fn order_of_keys_white_space_escapes_and_the_form_of_numbers_mean_nothing() {
    for same in [
        r#"{"capabilities":{},"metadata":{"n":1},"currency":"usd",
            "line_items":[{"quantity":1,"id":"tee-classic"},{"quantity":2,"id":"mug-enamel"}]}"#,
        &BODY.replace([' ', '\n'], ""),
        &BODY
            .replace("\"quantity\":1", "\"quantity\":1.0")
            .replace("\"quantity\":2", "\"quantity\":20e-1"),
        &BODY.replace("usd", "\\u0075sd"),
    ] {
        assert!(both(create().await, BODY, same).await.expect(201).is_replay(), "{same}");
    }
}

#[tokio::test]
async fn order_of_items_values_and_extra_fields_mean_something() {
    for other in [
        BODY.replace("\"quantity\":2", "\"quantity\":3"),
        BODY.replace("usd", "USD"),
        BODY.replace("\"n\":1", "\"n\":\"1\""),
        BODY.replace("\"n\":1", "\"n\":9007199254740993"),
        BODY.replace("{\"n\":1}", "{\"n\":1,\"m\":null}"),
        r#"{"line_items":[{"id":"mug-enamel","quantity":2},{"id":"tee-classic","quantity":1}],
            "currency":"usd","capabilities":{},"metadata":{"n":1}}"#
            .to_owned(),
    ] {
        let _ = both(create().await, BODY, &other)
            .await
            .refused(422, "idempotency_conflict");
    }
}

#[tokio::test]
async fn null_is_not_the_same_as_nothing() {
    let stripe = host().await.stripe_acs();
    let create = stripe.post("/agentic/checkouts").key("null-or-nothing");
    let nothing = r#"{"currency":"usd","line_items":[{"sku_id":"tee-classic","quantity":1}]}"#;
    let null = r#"{"currency":"usd","line_items":[{"sku_id":"tee-classic","quantity":1}],"buyer":null}"#;
    let _ = create.clone().body(nothing).send().await.expect(200);
    let _ = create.body(null).send().await.refused(400, "idempotency_conflict");
}

#[tokio::test]
async fn large_numbers_are_compared_exactly() {
    let exact = BODY.replace("\"n\":1", "\"n\":9007199254740992");
    let next = BODY.replace("\"n\":1", "\"n\":9007199254740993");
    let _ = both(create().await, &exact, &next)
        .await
        .refused(422, "idempotency_conflict");
}
