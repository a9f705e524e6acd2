#![allow(clippy::unwrap_used, reason = "tests")]

mod without_handshake;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use crate::settings::Limits;
use crate::testing::scripted::{RecordedCall, ScriptedCheckouts, ScriptedResult};
use crate::testing::{TestResponse, acp, host, host_within, send, with, without};
use tillhouse_checkout::error::CheckoutError;

const COMPLETE: &str = r#"{"payment_data":{"handler_id":"card_tokenized","instrument":{"type":"card",
    "credential":{"type":"spt","token":"spt_1"}}}}"#;

fn post(body: &Value) -> Request<Body> {
    without(acp("POST", "/mcp", "", body.to_string()), "api-version")
}

fn call(tool: &str, arguments: &Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": tool, "arguments": arguments } })
}

fn complete(key: Option<&str>) -> Value {
    let mut arguments = json!({
        "meta": { "api_version": "2026-04-17" },
        "id": "cs_1",
        "payload": serde_json::from_str::<Value>(COMPLETE).unwrap(),
    });
    if let Some(key) = key {
        arguments["meta"]["idempotency_key"] = json!(key);
    }
    call("complete_checkout_session", &arguments)
}

fn completions(service: &ScriptedCheckouts) -> usize {
    let done = service.done.lock().unwrap();
    done.iter()
        .filter(|call| matches!(call, RecordedCall::Complete(_)))
        .count()
}

async fn sent(router: &Router, body: &Value) -> TestResponse {
    send(router, post(body)).await
}

fn code(response: &TestResponse) -> i64 {
    response.body["error"]["code"].as_i64().unwrap_or_default()
}

#[tokio::test]
async fn a_client_of_an_older_revision_opens_with_a_handshake_and_gets_no_session() {
    let (router, _) = host(Arc::new(ScriptedCheckouts::default()));
    for (asked, agreed) in [
        ("2025-06-18", "2025-06-18"),
        ("2025-11-25", "2025-11-25"),
        ("2026-07-28", "2025-11-25"),
        ("1999-01-01", "2025-11-25"),
    ] {
        let params =
            json!({ "protocolVersion": asked, "capabilities": {}, "clientInfo": { "name": "c", "version": "1" } });
        let opened = sent(
            &router,
            &json!({ "jsonrpc": "2.0", "id": "a", "method": "initialize", "params": params }),
        )
        .await;
        assert_eq!((opened.status, &opened.body["id"]), (200, &json!("a")));
        assert_eq!(opened.body["result"]["protocolVersion"], agreed);
        assert_eq!(opened.body["result"]["capabilities"], json!({ "tools": {} }));
        assert_eq!(opened.header("mcp-session-id"), None);
    }
    let notified = sent(
        &router,
        &json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }),
    )
    .await;
    assert_eq!((notified.status, notified.body), (202, Value::Null));
    let pinged = sent(&router, &json!({ "jsonrpc": "2.0", "id": 2, "method": "ping" })).await;
    assert_eq!(pinged.body, json!({ "jsonrpc": "2.0", "id": 2, "result": {} }));
}

#[tokio::test]
async fn the_result_of_a_call_is_the_body_that_the_same_request_has_over_http() {
    let (router, _) = host(Arc::new(ScriptedCheckouts::default()));
    let over_http = send(&router, acp("GET", "/checkout_sessions/cs_1", "", "")).await;
    let arguments = json!({ "meta": { "api_version": "2026-04-17", "request_id": "r1" }, "id": "cs_1" });
    let called = sent(&router, &call("get_checkout_session", &arguments)).await;
    let result = &called.body["result"];
    assert_eq!(result["structuredContent"], over_http.body);
    let text = result["content"][0]["text"].as_str().unwrap();
    assert_eq!(serde_json::from_str::<Value>(text).unwrap(), over_http.body);
    assert_eq!(result["isError"], false);
    assert_eq!(result["_meta"], json!({ "tillhouse/request_id": "r1" }));
    let by_name = json!({ "jsonrpc": "2.0", "id": 1, "method": "get_checkout_session", "params": arguments });
    assert_eq!(
        sent(&router, &by_name).await.body["result"],
        over_http.body,
        "as the OpenRPC document says"
    );
}

#[tokio::test]
async fn an_idempotency_key_is_good_for_both_bindings() {
    let service = Arc::new(ScriptedCheckouts::default());
    let (router, _) = host(Arc::clone(&service));
    let paid = sent(&router, &complete(Some("k1"))).await;
    let again = sent(&router, &complete(Some("k1"))).await;
    assert_eq!(
        again.body["result"]["structuredContent"],
        paid.body["result"]["structuredContent"]
    );
    assert_eq!(again.body["result"]["_meta"]["tillhouse/idempotent_replayed"], true);
    let over_http = send(&router, acp("POST", "/checkout_sessions/cs_1/complete", "k1", COMPLETE)).await;
    assert_eq!(over_http.header("idempotent-replayed"), Some("true"));
    assert_eq!(over_http.body, paid.body["result"]["structuredContent"]);
    assert_eq!(completions(&service), 1);

    let first = send(&router, acp("POST", "/checkout_sessions/cs_2/cancel", "k2", "")).await;
    let arguments = json!({ "meta": { "api_version": "2026-04-17", "idempotency_key": "k2" }, "id": "cs_2" });
    let called = sent(&router, &call("cancel_checkout_session", &arguments)).await;
    assert_eq!(called.body["result"]["structuredContent"], first.body);
}

#[tokio::test]
async fn a_key_is_not_required_and_another_body_under_one_is_a_conflict() {
    let service = Arc::new(ScriptedCheckouts::default());
    let (router, _) = host(Arc::clone(&service));
    assert!(sent(&router, &complete(None)).await.body["result"].is_object());
    sent(&router, &complete(Some("k"))).await;
    let mut other = complete(Some("k"));
    other["params"]["arguments"]["payload"]["payment_data"]["instrument"]["credential"]["token"] = json!("spt_2");
    let refused = sent(&router, &other).await;
    assert_eq!((refused.status, code(&refused)), (200, -32000));
    assert_eq!(refused.body["error"]["data"]["code"], "idempotency_conflict");
    assert_eq!(completions(&service), 2);
}

#[tokio::test]
async fn errors_of_acp_have_one_code_and_their_object_as_data() {
    let create = |payload: Value| {
        let meta = json!({ "api_version": "2026-04-17", "idempotency_key": "k" });
        call("create_checkout_session", &json!({ "meta": meta, "payload": payload }))
    };
    let with_meta = |meta: Value| call("get_checkout_session", &json!({ "meta": meta, "id": "cs_1" }));
    for (body, acp_code, param) in [
        (create(json!({})), "missing_required_field", Some("$.line_items")),
        (
            create(json!({ "line_items": [{ "id": "mug", "quantity": 0 }], "currency": "usd", "capabilities": {} })),
            "invalid",
            Some("$.line_items[0].quantity"),
        ),
        (with_meta(json!({})), "missing_api_version", None),
        (
            with_meta(json!({ "api_version": "2020-01-01" })),
            "unsupported_api_version",
            None,
        ),
        (complete(Some(&"k".repeat(256))), "invalid_idempotency_key", None),
        (complete(Some("")), "invalid_idempotency_key", None),
    ] {
        let (router, _) = host(Arc::new(ScriptedCheckouts::default()));
        let refused = sent(&router, &body).await;
        assert_eq!((refused.status, code(&refused)), (200, -32000), "{body}");
        let error = &refused.body["error"];
        assert_eq!(error["data"]["code"], acp_code, "{body}");
        assert_eq!(error["data"]["param"].as_str(), param, "{body}");
        assert_eq!(error["data"]["message"], error["message"], "{body}");
    }
}

#[tokio::test]
async fn carts_have_tools_like_sessions() {
    let service = Arc::new(ScriptedCheckouts::default());
    let (router, _) = host(Arc::clone(&service));
    let meta = json!({ "api_version": "2026-04-17", "idempotency_key": "k" });
    let content = json!({ "line_items": [{ "id": "mug" }] });
    let created = sent(
        &router,
        &call("create_cart", &json!({ "meta": meta, "payload": content })),
    )
    .await;
    let cart = &created.body["result"]["structuredContent"];
    for (tool, arguments) in [
        (
            "update_cart",
            json!({ "meta": meta, "id": cart["id"], "payload": content }),
        ),
        ("get_cart", json!({ "meta": meta, "id": cart["id"] })),
        ("cancel_cart", json!({ "meta": meta, "id": cart["id"] })),
    ] {
        let called = sent(&router, &call(tool, &arguments)).await;
        assert_eq!(called.body["result"]["structuredContent"], *cart, "{tool}");
    }
    let old = json!({ "api_version": "2025-09-29" });
    let refused = sent(&router, &call("get_cart", &json!({ "meta": old, "id": cart["id"] }))).await;
    assert_eq!(refused.body["error"]["data"]["code"], "unsupported_api_version");
}

#[tokio::test]
async fn ids_cannot_reach_another_operation() {
    let service = Arc::new(ScriptedCheckouts::default());
    let (router, _) = host(Arc::clone(&service));
    for id in ["cs_1/complete", "", "../cs_1", "cs_1\u{202e}"] {
        let arguments = json!({ "meta": { "api_version": "2026-04-17" }, "id": id, "payload": {} });
        let refused = sent(&router, &call("update_checkout_session", &arguments)).await;
        assert_eq!(refused.body["error"]["data"]["code"], "not_found", "{id}");
    }
    assert_eq!(service.done.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn a_kept_refusal_is_an_error_again() {
    let declined = || {
        ScriptedResult::Fail(CheckoutError::Declined {
            code: "do_not_honor".into(),
        })
    };
    let (router, _) = host(ScriptedCheckouts::then([declined()]));
    let first = sent(&router, &complete(Some("k"))).await;
    let again = sent(&router, &complete(Some("k"))).await;
    for refused in [first, again] {
        assert_eq!(code(&refused), -32000);
        assert_eq!(refused.body["error"]["data"]["code"], "payment_declined");
        assert_eq!(
            refused.body["error"]["message"],
            refused.body["error"]["data"]["message"]
        );
    }
}

#[tokio::test]
async fn malformed_envelopes_are_refused_and_reach_nothing() {
    let service = Arc::new(ScriptedCheckouts::default());
    let (router, _) = host(Arc::clone(&service));
    let request =
        |method: &str, params: Value| json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
    for (body, status, expected) in [
        ("".to_owned(), 400, -32700),
        ("{".to_owned(), 400, -32700),
        (
            r#"{"jsonrpc":"2.0","jsonrpc":"2.0","id":1,"method":"ping"}"#.to_owned(),
            400,
            -32700,
        ),
        ("[".repeat(40) + &"]".repeat(40), 400, -32700),
        ("[]".to_owned(), 400, -32600),
        (r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#.to_owned(), 400, -32600),
        (request("resources/list", json!({})).to_string(), 200, -32601),
        (request("tools/call", json!({})).to_string(), 200, -32602),
        (request("tools/call", json!({ "name": "buy" })).to_string(), 200, -32602),
        (
            request("tools/call", json!({ "name": "get_checkout_session", "arguments": [] })).to_string(),
            200,
            -32602,
        ),
        (
            request("tools/call", json!({ "name": "get_checkout_session" })).to_string(),
            200,
            -32602,
        ),
        (request("tools/list", json!({ "cursor": "x" })).to_string(), 200, -32602),
        (request("initialize", json!({})).to_string(), 200, -32602),
    ] {
        let refused = send(&router, without(acp("POST", "/mcp", "", body.clone()), "api-version")).await;
        assert_eq!((refused.status, code(&refused)), (status, expected), "{body}");
    }
    assert_eq!(service.done.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn one_message_in_a_body_unless_the_revision_has_batches() {
    let service = Arc::new(ScriptedCheckouts::default());
    let (router, _) = host(Arc::clone(&service));
    let ping = |id: u32| json!({ "jsonrpc": "2.0", "id": id, "method": "ping" });
    let silent = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    let batch = json!([ping(1), silent, ping(2), 7]);
    let answered = sent(&router, &batch).await;
    let ids: Vec<&Value> = answered.body.as_array().unwrap().iter().map(|one| &one["id"]).collect();
    assert_eq!(ids, [&json!(1), &json!(2), &Value::Null]);
    assert_eq!(sent(&router, &json!([silent])).await.status, 202);
    for revision in ["2025-06-18", "2025-11-25", "2026-07-28"] {
        let refused = send(&router, with(post(&batch), "mcp-protocol-version", revision)).await;
        assert_eq!((refused.status, code(&refused)), (400, -32600), "{revision}");
    }
    let many: Vec<Value> = (0..17).map(ping).collect();
    assert_eq!(code(&sent(&router, &json!(many)).await), -32600);
}

#[tokio::test]
async fn a_call_needs_a_key_of_the_merchant_and_no_web_page_can_make_one() {
    let (router, _) = host(Arc::new(ScriptedCheckouts::default()));
    let ping = || post(&json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" }));
    for request in [
        without(ping(), "authorization"),
        with(ping(), "authorization", "Bearer nobody's"),
    ] {
        let refused = send(&router, request).await;
        assert_eq!((refused.status, code(&refused)), (401, -32000));
        assert_eq!(refused.header("www-authenticate"), Some("Bearer"));
        assert_eq!(refused.body["error"]["data"]["code"], "unauthorized");
    }
    for origin in ["https://evil.example", "null", "https://mer.example:8080"] {
        let refused = send(&router, with(ping(), "origin", origin)).await;
        assert_eq!((refused.status, code(&refused)), (403, -32000), "{origin}");
    }
    assert_eq!(
        send(&router, with(ping(), "origin", "https://agent.example"))
            .await
            .status,
        200
    );
    for method in ["GET", "DELETE"] {
        let refused = send(&router, without(acp(method, "/mcp", "", ""), "api-version")).await;
        assert_eq!(
            (refused.status, refused.header("allow")),
            (405, Some("POST")),
            "{method}"
        );
    }
    let mute = with(ping(), "host", "mute.example");
    assert_eq!(send(&router, mute).await.status, 404);
}

#[tokio::test]
async fn a_body_is_bounded_as_over_http() {
    let limits = Limits {
        max_body_bytes: 100,
        ..Limits::default()
    };
    let (router, _) = host_within(Arc::new(ScriptedCheckouts::default()), limits);
    let padded = json!({ "jsonrpc": "2.0", "id": 1, "method": "ping", "params": { "pad": "x".repeat(200) } });
    let refused = sent(&router, &padded).await;
    assert_eq!((refused.status, refused.header("connection")), (413, Some("close")));
    let typed = with(
        post(&json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" })),
        "content-type",
        "text/plain",
    );
    let refused = send(&router, typed).await;
    assert_eq!((refused.status, code(&refused)), (415, -32700));
}
