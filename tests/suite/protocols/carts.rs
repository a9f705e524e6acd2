//! Carts of ACP: items with estimated prices, and the checkout that is begun with them.

use serde_json::{Value, json};
use tillhouse_tests::{HttpResponse, Release, fixtures};

use crate::protocols::host;

const RELEASE: Release = Release::V2026_04_17;

fn items(quantity: u32) -> Value {
    json!({ "line_items": [{ "id": "tee-classic", "quantity": quantity }] })
}

async fn created(content: &Value) -> HttpResponse {
    let acp = host().await.acp(RELEASE);
    acp.post("/carts").json(content).send().await.expect(201)
}

fn path(cart: &HttpResponse) -> String {
    format!("/carts/{}", cart.id())
}

#[tokio::test]
async fn a_cart_is_created_read_replaced_and_canceled() {
    let acp = host().await.acp(RELEASE);
    let cart = created(&items(2)).await;
    assert_eq!(cart.total("subtotal"), 5000);
    assert_eq!(acp.get(&path(&cart)).send().await.expect(200).json, cart.json);
    let put = acp.client.request(hyper::Method::PUT, &path(&cart));
    let replaced = put
        .acp(RELEASE)
        .key("replace-the-cart")
        .json(&items(3))
        .send()
        .await
        .expect(200);
    assert_eq!(replaced.total("subtotal"), 7500);
    let canceled = acp.post(&format!("{}/cancel", path(&cart))).send().await.expect(200);
    assert_eq!(canceled["line_items"], replaced["line_items"], "the cart as it was");
    let _ = acp.get(&path(&cart)).send().await.refused(404, "not_found");
    let _ = acp
        .post(&path(&cart))
        .json(&items(1))
        .send()
        .await
        .refused(404, "not_found");
}

/// What a checkout asks for and a cart does not need is not among the messages of a cart.
#[tokio::test]
async fn a_cart_of_goods_needs_no_address() {
    let cart = created(&items(1)).await;
    assert_eq!(cart["messages"], json!([]));
    let acp = host().await.acp(RELEASE);
    let session = acp.open(&[("tee-classic", 1)]).await;
    assert_ne!(session["messages"], json!([]));
}

#[tokio::test]
async fn a_cart_becomes_a_checkout_that_can_be_paid() {
    let host = host().await;
    let acp = host.acp(RELEASE);
    let mut content = items(2);
    content["buyer"] = json!({ "email": "jane@example.com" });
    let cart = created(&content).await;
    let begin = fixtures::with(
        json!({ "cart_id": cart.id(), "line_items": [], "currency": "usd", "capabilities": {} }),
        &fixtures::delivery(RELEASE, &fixtures::address()),
    );
    let session = acp.create(&begin).await.expect(201).is("ready_for_payment");
    assert_eq!(session.total("subtotal"), cart.total("subtotal"));
    assert_eq!(session["buyer"]["email"], "jane@example.com");
    let again = acp.create(&begin).await.expect(201);
    assert_eq!(again.id(), session.id(), "one checkout of a cart at a time");
    let token = host.token(session.total("total")).await;
    let _ = acp.complete(session.id(), &token).await.expect(200).is("completed");
    let next = acp.create(&begin).await.expect(201);
    assert_ne!(next.id(), session.id());
}

#[tokio::test]
async fn a_cart_of_another_agent_or_merchant_does_not_exist() {
    let host = host().await;
    let cart = created(&items(1)).await;
    let acme = host.acp_at("acme", RELEASE);
    let _ = acme.get(&path(&cart)).send().await.refused(404, "not_found");
    let theirs = acme.post("/carts").json(&items(1)).send().await.expect(201);
    let other = host.acp_at("acme", RELEASE).with_key("key_second");
    let _ = other.get(&path(&theirs)).send().await.refused(404, "not_found");
    let begin = json!({ "cart_id": theirs.id(), "line_items": [], "currency": "usd", "capabilities": {} });
    let _ = other.create(&begin).await.refused(404, "not_found");
}

#[tokio::test]
async fn an_unknown_item_and_items_that_are_sold_out_are_refused() {
    let acp = host().await.acp(RELEASE);
    let unknown = json!({ "line_items": [{ "id": "no-such-item" }] });
    let refused = acp.post("/carts").json(&unknown).send().await;
    let _ = refused.refused(400, "invalid_item_id").about("$.line_items[0].id");
}
