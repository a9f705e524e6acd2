//! The revision without a handshake, whose headers say what the body says.

use super::*;

/// A request of the revision without handshake, which a test may then change.
fn modern(method: &str, name: Option<&str>, params: Value) -> Request<Body> {
    let mut params = params;
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
    let request = with(post(&body), "mcp-protocol-version", "2026-07-28");
    let request = with(request, "mcp-method", method);
    match name {
        Some(name) => with(request, "mcp-name", name),
        None => request,
    }
}

#[tokio::test]
async fn the_revision_without_a_handshake_is_served() {
    let (router, _) = host(Arc::new(ScriptedCheckouts::default()));
    let discovered = send(&router, modern("server/discover", None, json!({}))).await;
    assert_eq!(discovered.body["result"]["supportedVersions"][0], "2026-07-28");
    let listed = send(&router, modern("tools/list", None, json!({}))).await;
    assert_eq!(listed.body["result"]["resultType"], "complete");
    let arguments = json!({ "meta": { "api_version": "2026-04-17" }, "id": "cs_1" });
    let params = json!({ "name": "get_checkout_session", "arguments": arguments });
    for name in ["get_checkout_session", "=?base64?Z2V0X2NoZWNrb3V0X3Nlc3Npb24=?="] {
        let called = send(&router, modern("tools/call", Some(name), params.clone())).await;
        assert_eq!(called.body["result"]["resultType"], "complete", "{name}");
        assert!(called.body["result"]["structuredContent"]["id"].is_string());
    }
    for gone in ["ping", "get_checkout_session", "subscriptions/listen"] {
        let refused = send(&router, modern(gone, None, json!({}))).await;
        assert_eq!((refused.status, code(&refused)), (404, -32601), "{gone}");
    }
}

#[tokio::test]
async fn headers_must_say_what_the_body_says() {
    let (router, _) = host(Arc::new(ScriptedCheckouts::default()));
    let list = || modern("tools/list", None, json!({}));
    let call = || {
        modern(
            "tools/call",
            Some("get_checkout_session"),
            json!({ "name": "get_checkout_session" }),
        )
    };
    let no_meta = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" });
    for (what, request, expected) in [
        ("another method", with(list(), "mcp-method", "tools/call"), -32020),
        ("no method", without(list(), "mcp-method"), -32020),
        (
            "another name",
            with(call(), "mcp-name", "create_checkout_session"),
            -32020,
        ),
        (
            "a name that is not base64",
            with(call(), "mcp-name", "=?base64?!?="),
            -32020,
        ),
        ("no name", without(call(), "mcp-name"), -32020),
        ("no version", without(list(), "mcp-protocol-version"), -32020),
        (
            "another version",
            with(list(), "mcp-protocol-version", "2025-11-25"),
            -32020,
        ),
        (
            "an unknown version",
            with(list(), "mcp-protocol-version", "2030-01-01"),
            -32022,
        ),
        (
            "no metadata",
            with(post(&no_meta), "mcp-protocol-version", "2026-07-28"),
            -32602,
        ),
    ] {
        let refused = send(&router, request).await;
        assert_eq!((refused.status, code(&refused)), (400, expected), "{what}");
        if expected == -32022 {
            assert_eq!(refused.body["error"]["data"]["supported"][0], "2026-07-28");
            assert_eq!(refused.body["error"]["data"]["requested"], "2030-01-01");
        }
    }
}
