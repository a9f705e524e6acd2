#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use serde_json::json;

use crate::testing::scripted::ScriptedCheckouts;
use crate::testing::{TestResponse, host, send};

fn router() -> Router {
    host(Arc::new(ScriptedCheckouts::default())).0
}

async fn get(host: &str, path: &str) -> TestResponse {
    let request = Request::get(path).header("host", host).body(Body::empty()).unwrap();
    send(&router(), request).await
}

#[tokio::test]
async fn anybody_may_read_what_a_merchant_speaks_and_keep_it() {
    let found = get("mer.example", "/.well-known/acp.json").await;
    assert_eq!(found.status, 200);
    assert_eq!(found.header("cache-control"), Some("public, max-age=3600"));
    assert_eq!(found.header("content-type"), Some("application/json"));
    let versions = found.body["protocol"]["supported_versions"].as_array().unwrap();
    assert_eq!(versions.first().unwrap(), "2025-09-29");
    assert_eq!(versions.last().unwrap(), &found.body["protocol"]["version"]);
    assert!(versions.is_sorted_by_key(|version| version.as_str().unwrap().to_owned()));
    assert_eq!(found.body["transports"], json!(["rest", "mcp"]));
    assert_eq!(found.body["capabilities"]["supported_currencies"], json!(["usd"]));
}

#[tokio::test]
async fn the_address_is_one_that_the_client_did_not_make_up() {
    for (host, path, url) in [
        ("mer.example", "/.well-known/acp.json", "https://mer.example"),
        ("MER.example:8443", "/.well-known/acp.json", "https://mer.example"),
        (
            "localhost:8080",
            "/m/mer/.well-known/acp.json",
            "http://localhost:8080/m/mer",
        ),
        (
            "mer.example",
            "/m/mer/.well-known/acp.json",
            "https://mer.example/m/mer",
        ),
    ] {
        assert_eq!(get(host, path).await.body["api_base_url"], url, "{host} {path}");
    }
    for host in ["evil.example", "bear.example", "mer.example.evil.example"] {
        assert_eq!(get(host, "/m/mer/.well-known/acp.json").await.status, 404, "{host}");
    }
}

#[tokio::test]
async fn a_merchant_that_does_not_speak_acp_has_no_document() {
    assert_eq!(get("mute.example", "/.well-known/acp.json").await.status, 404);
    assert_eq!(get("nobody.example", "/.well-known/acp.json").await.status, 404);
}
