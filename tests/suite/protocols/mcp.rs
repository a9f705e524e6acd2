//! The MCP binding of ACP, judged by a client that others have written.

pub(super) mod client;

use serde_json::{Value, json};
use tillhouse_tests::{Acp, Release, TestHost, fixtures};

use crate::protocols::host;
use client::{McpAgent, Opening, meta};

const RELEASE: Release = Release::V2026_04_17;

fn total(session: &Value) -> i64 {
    let totals = session["totals"].as_array().unwrap();
    totals.iter().find(|total| total["type"] == "total").unwrap()["amount"]
        .as_i64()
        .unwrap()
}

fn creation(quantity: u32) -> Value {
    let cart = fixtures::cart(RELEASE, &[("bottle-steel", quantity)]);
    fixtures::with(cart, &fixtures::delivery(RELEASE, &fixtures::address()))
}

async fn created(agent: &McpAgent, key: &str, quantity: u32) -> Value {
    let arguments = json!({ "meta": meta(key), "payload": creation(quantity) });
    let session = agent.call("create_checkout_session", &arguments).await;
    assert_eq!(session["status"], "ready_for_payment");
    session
}

fn completion(session: &Value, key: &str, token: &str) -> Value {
    json!({ "meta": meta(key), "id": session["id"], "payload": fixtures::payment(RELEASE, token) })
}

/// How many charges of this amount the acquirer has seen. No other test buys for it.
fn charges(host: &TestHost, amount: i64) -> usize {
    let ledger = host.sandbox.acquirer.ledger();
    ledger.charges().iter().filter(|charge| charge.amount == amount).count()
}

#[tokio::test]
async fn a_client_finds_the_tools_and_buys_whichever_way_it_opens() {
    let host = host().await;
    for (opening, revision, quantity) in [
        (Opening::Handshake, "2025-11-25", 7),
        (Opening::Discovery, "2026-07-28", 8),
    ] {
        let agent = McpAgent::open(&host.acp(RELEASE), opening).await;
        assert_eq!(agent.revision(), revision);
        let tools = agent.tools().await;
        let names: Vec<&str> = tools.iter().map(|tool| tool.name.as_ref()).collect();
        let of_sessions =
            ["create", "get", "update", "complete", "cancel"].map(|verb| format!("{verb}_checkout_session"));
        assert_eq!(names[..5], of_sessions);
        assert_eq!(names[5..], ["create_cart", "get_cart", "update_cart", "cancel_cart"]);

        let session = created(&agent, &format!("create-{revision}"), quantity).await;
        let get = json!({ "meta": { "api_version": "2026-04-17" }, "id": session["id"] });
        assert_eq!(total(&agent.call("get_checkout_session", &get).await), total(&session));
        let token = host.token(total(&session)).await;
        let paid = completion(&session, &format!("pay-{revision}"), &token);
        let done = agent.call("complete_checkout_session", &paid).await;
        assert_eq!(done["status"], "completed");
        assert_eq!(done["order"]["checkout_session_id"], session["id"]);
        assert_eq!(charges(host, total(&session)), 1);
        let cancel = json!({ "meta": meta("cancel"), "id": session["id"] });
        let refused = agent.refusal("cancel_checkout_session", &cancel).await;
        assert_eq!(refused["type"], "invalid_request");
    }
}

/// The order of a completion over HTTP.
async fn order_over_http(acp: &Acp<'_>, session: &Value, key: &str, token: &str) -> Value {
    let id = session["id"].as_str().unwrap();
    let answer = acp.completion(id, token).key(key).send().await.expect(200);
    answer["order"].clone()
}

#[tokio::test]
async fn a_lost_reply_and_any_retry_charge_once_and_get_the_first_order() {
    let host = host().await;
    let acp = host.acp(RELEASE);
    for (opening, quantity) in [(Opening::Handshake, 11), (Opening::Discovery, 12)] {
        let agent = McpAgent::open(&acp, opening).await;
        let key = |name: &str| format!("{name}-{quantity}");
        let session = created(&agent, &key("create"), quantity).await;
        let token = host.token(total(&session)).await;

        agent.lose_next_answer();
        let paid = completion(&session, &key("pay"), &token);
        assert!(agent.try_call("complete_checkout_session", &paid).await.is_err());

        let again = agent.call("complete_checkout_session", &paid).await;
        let order = &again["order"];
        assert_eq!(again["status"], "completed");
        let with_new_key = completion(&session, &key("pay-again"), &token);
        let renewed = agent.call("complete_checkout_session", &with_new_key).await;
        assert_eq!(renewed["order"], *order, "a new key");
        let mut without_key = with_new_key.clone();
        without_key["meta"] = json!({ "api_version": "2026-04-17" });
        let keyless = agent.call("complete_checkout_session", &without_key).await;
        assert_eq!(keyless["order"], *order, "no key");
        assert_eq!(
            order_over_http(&acp, &session, &key("pay"), &token).await,
            *order,
            "the same key over HTTP"
        );
        assert_eq!(
            order_over_http(&acp, &session, &key("http"), &token).await,
            *order,
            "a new key over HTTP"
        );

        let other = host.token(total(&session)).await;
        let refused = agent
            .refusal(
                "complete_checkout_session",
                &completion(&session, &key("other"), &other),
            )
            .await;
        assert_eq!(refused["code"], "invalid_state", "another token");
        assert_eq!(charges(host, total(&session)), 1);
    }
}

#[tokio::test]
async fn a_lost_reply_over_http_is_found_over_mcp() {
    let host = host().await;
    let acp = host.acp(RELEASE);
    let agent = McpAgent::open(&acp, Opening::Discovery).await;
    let session = created(&agent, "http-first", 13).await;
    let token = host.token(total(&session)).await;
    let order = order_over_http(&acp, &session, "shared-key", &token).await;
    let done = agent
        .call("complete_checkout_session", &completion(&session, "shared-key", &token))
        .await;
    assert_eq!(done["order"], order);
    assert_eq!(charges(host, total(&session)), 1);
}

#[tokio::test]
async fn a_merchant_may_turn_the_binding_off() {
    let merchant = tillhouse_tests::Merchant::named("rest-only").set("acp.mcp = false\nacp.carts = false");
    let host = TestHost::builder().merchant(merchant).start().await;
    let acp = host.acp(RELEASE);
    let ping = json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" });
    let _ = acp.client.post("/mcp").acp_key().json(&ping).send().await.expect(404);
    let _ = acp
        .post("/carts")
        .json(&json!({ "line_items": [{ "id": "tee-classic" }] }))
        .send()
        .await
        .expect(404);
    let begun = json!({ "cart_id": "cart_1", "line_items": [], "currency": "usd", "capabilities": {} });
    let _ = acp.create(&begun).await.refused(400, "unsupported").about("$.cart_id");
}
