use super::{CREATE, create, get};
use crate::settings::Limits;
use crate::testing::schemas::assert_valid;
use crate::testing::scripted::ScriptedCheckouts;
use crate::testing::{host, host_within, send, with};

#[tokio::test]
async fn what_is_too_large_is_refused_in_the_shape_of_the_protocol() {
    let limits = Limits {
        max_body_bytes: 100,
        max_uri_bytes: 200,
        max_headers: 10,
        max_header_bytes: 1000,
        ..Limits::default()
    };
    let (router, _) = host_within(ScriptedCheckouts::then([]), limits);
    let body = send(&router, create("x".repeat(101))).await;
    assert_eq!((body.status, body.code()), (413, "body_too_large"));
    let uri = send(&router, get(&format!("/checkout_sessions/{}", "x".repeat(200)))).await;
    assert_eq!((uri.status, uri.code()), (414, "uri_too_long"));
    let headers = send(&router, with(get("/x"), "x-large", &"x".repeat(1000))).await;
    assert_eq!((headers.status, headers.code()), (431, "headers_too_large"));
}

#[tokio::test]
async fn hostile_bodies_are_refused_with_a_path_and_without_a_panic() {
    let service = ScriptedCheckouts::then([]);
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
    let (router, _) = host(ScriptedCheckouts::then([]));
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
