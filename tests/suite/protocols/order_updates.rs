//! What becomes of an order after it was placed: each change reaches every webhook target once, in order and as the whole order.

use std::time::Duration;

use serde_json::Value;
use tillhouse_checkout::decision::Adjustment;
use tillhouse_checkout::order::{Order, OrderChangeKind};
use tillhouse_checkout::outbox::{MessageKind, MessageState};
use tillhouse_checkout::ports::MessageFilter;
use tillhouse_checkout::time::Timestamp;
use tillhouse_tests::eventually::{fast_timings, wait_until};
use tillhouse_tests::orders::{parcel, units};
use tillhouse_tests::{Merchant, Release, Request, TestHost, witness};

const CART: &[(&str, u32)] = &[("tee-classic", 3), ("mug-enamel", 1)];
const NEWEST: Release = Release::V2026_04_17;

async fn start() -> TestHost {
    let merchant = Merchant::named("demo").webhook("older", Release::V2025_09_29, &[]);
    let merchant = merchant.webhook("newest", NEWEST, &[]);
    TestHost::builder()
        .merchant(merchant)
        .frozen()
        .timings(fast_timings())
        .start()
        .await
}

fn cancellation(lines: &[(&str, u32)]) -> OrderChangeKind {
    OrderChangeKind::Adjusted(Box::new(Adjustment {
        id: "c1".into(),
        kind: "cancellation".into(),
        status: "completed".into(),
        lines: units(lines),
        amount: None,
        reason: Some("Sold out.".into()),
        code: Some("out_of_stock".into()),
        at: Timestamp(0),
    }))
}

fn delivered() -> OrderChangeKind {
    OrderChangeKind::Delivered {
        fulfillments: vec![],
        location: None,
    }
}

/// Waits until no events are pending. Advances the clock meanwhile, because it schedules retries.
async fn until_all_is_told(host: &TestHost) {
    let filter = MessageFilter {
        kind: Some(MessageKind::OrderEvent),
        limit: 100,
        ..MessageFilter::default()
    };
    wait_until("no webhook events are pending", async || {
        host.clock.advance(Duration::from_millis(100));
        let messages = host.store().list_messages(&filter).await.unwrap();
        messages.iter().all(|message| message.state == MessageState::Delivered)
    })
    .await;
}

/// The bodies that the target of the newest release, or that of the oldest, got for a session, in their order.
fn told(host: &TestHost, session: &str, newest: bool) -> Vec<Value> {
    let events = host.sandbox.receiver.events_of(session).into_iter();
    let bodies = events.map(|event| {
        assert_eq!(event.arrivals.len(), 1, "each event arrives once");
        event.body
    });
    bodies.filter(|body| body["data"]["id"].is_string() == newest).collect()
}

fn statuses(bodies: &[Value]) -> Vec<String> {
    let status = |body: &Value| format!("{} {}", body["type"], body["data"]["status"]).replace('"', "");
    bodies.iter().map(status).collect()
}

#[tokio::test]
async fn two_parcels_a_delivery_and_a_cancellation_are_told_in_order_and_whole() {
    let host = start().await;
    let session = host.acp(NEWEST).buy(CART).await.id().to_owned();
    let order = host.order_of(&session).await;
    host.change_order(&order, "1", parcel("p1", &[("tee-classic", 2)]))
        .await;
    host.change_order(&order, "2", cancellation(&[("tee-classic", 1)]))
        .await;
    host.change_order(&order, "3", parcel("p2", &[])).await;
    host.change_order(&order, "4", delivered()).await;
    until_all_is_told(&host).await;

    let newest = told(&host, &session, true);
    let expected = [
        "order_create confirmed",
        "order_update processing",
        "order_update processing",
        "order_update shipped",
        "order_update completed",
    ];
    assert_eq!(statuses(&newest), expected);
    let last = &newest[4]["data"];
    assert_eq!(last["fulfillments"].as_array().map(Vec::len), Some(2));
    assert_eq!(last["fulfillments"][0]["tracking_number"], "1Z999");
    assert_eq!(last["adjustments"][0]["type"], "cancellation");
    let tee = last["line_items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|line| line["id"] == "tee-classic")
        .unwrap();
    assert_eq!(
        tee["quantity"],
        serde_json::json!({"ordered": 3, "current": 2, "fulfilled": 2})
    );
    let older = [
        "order_create confirmed",
        "order_update confirmed",
        "order_update confirmed",
        "order_update shipped",
        "order_update fulfilled",
    ];
    assert_eq!(statuses(&told(&host, &session, false)), older);
}

#[tokio::test]
async fn a_completed_session_shows_the_order_as_it_is_now() {
    let host = start().await;
    let agent = host.acp(NEWEST);
    let session = agent.buy(CART).await.id().to_owned();
    let order = host.order_of(&session).await;
    host.change_order(&order, "1", parcel("p1", &[])).await;
    let shown = agent.retrieve(&session).await.expect(200);
    assert_eq!(shown.json["order"]["status"], "shipped", "{}", shown.json);
}

#[tokio::test]
async fn a_change_whose_events_were_not_delivered_is_told_once_after_a_restart() {
    let mut host = start().await;
    let session = host.acp(NEWEST).buy(CART).await.id().to_owned();
    until_all_is_told(&host).await;
    host.sandbox.receiver.answer_all_with(Some(503));
    let order = host.order_of(&session).await;
    host.change_order(&order, "1", parcel("p1", &[])).await;
    host.restart().await;
    host.sandbox.receiver.answer_all_with(None);
    until_all_is_told(&host).await;
    let events = host.sandbox.receiver.events_of(&session);
    assert_eq!(events.len(), 4, "created and updated, to two targets: {events:#?}");
    assert_eq!(host.order_of(&session).await.revision(), 2);
}

/// A host whose plugin reads notices of the merchant's own system, and an order.
async fn noticed() -> (TestHost, Order) {
    let merchant = witness::merchant("demo", "notice-key = \"n0tice\"");
    let host = witness::builder().merchant(merchant).start().await;
    let session = host.acp(NEWEST).buy(CART).await.id().to_owned();
    let order = host.order_of(&session).await;
    (host, order)
}

fn notice(host: &TestHost, key: &str, body: String) -> Request {
    let request = host.client().post("/webhooks/orders").body(body);
    request.header("witness-signature", key)
}

#[tokio::test]
async fn a_notice_of_the_merchants_system_changes_the_order_once() {
    let (host, order) = noticed().await;
    for _ in 0..2 {
        let body = format!("n1 {0} p1 shipped tee-classic:3\nn2 {0} p1 delivered", order.id);
        let answer = notice(&host, "n0tice", body).send().await.expect(200);
        assert_eq!(answer.body, b"[accepted]");
    }
    let now = host.order_of(order.session.as_str()).await;
    assert_eq!((now.revision(), now.lines()[0].fulfilled), (3, 3));
}

#[tokio::test]
async fn a_forged_notice_changes_nothing() {
    let (host, order) = noticed().await;
    let forged = notice(&host, "guess", format!("n1 {} canceled", order.id)).send().await;
    let _ = forged.refused(401, "forged_notice");
    assert_eq!(host.order_of(order.session.as_str()).await.revision(), 1);
}

#[tokio::test]
async fn where_no_plugin_reads_notices_there_is_nothing() {
    let host = start().await;
    let answer = host.client().post("/webhooks/orders").body("{}").send().await;
    let _ = answer.expect(404);
}
