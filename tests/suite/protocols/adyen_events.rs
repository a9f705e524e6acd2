//! What Adyen is told after the sale: the steps of its own orders, once and in order, and again until it has them.

use std::time::Duration;

use serde_json::{Value, json};
use tillhouse_checkout::decision::{Adjustment, Fulfillment};
use tillhouse_checkout::ids::{MerchantId, SessionId};
use tillhouse_checkout::order::{ChangeSource, OrderChange, OrderChangeKind, OrderStatus};
use tillhouse_checkout::outbox::{MessageKind, MessageRecord, MessageState};
use tillhouse_checkout::ports::MessageFilter;
use tillhouse_checkout::time::{Clock, Timestamp};
use tillhouse_sandbox::Fault;
use tillhouse_sandbox::adyen::Operation;
use tillhouse_sandbox::agent::Basket;
use tillhouse_tests::eventually::{fast_timings, wait_until};
use tillhouse_tests::{Merchant, Release, TestHost};

const THREE_DAYS: Duration = Duration::from_secs(3 * 24 * 3600);

async fn start() -> TestHost {
    let merchant = Merchant::named("shop")
        .adyen()
        .webhook("agent", Release::V2026_04_17, &[]);
    let builder = TestHost::builder().merchant(merchant).frozen();
    builder.timings(fast_timings()).start().await
}

/// Sells a tee through Adyen, which charges, and returns the session.
async fn sold(host: &TestHost) -> String {
    let purchase = host.adyen_sandbox().buy(&Basket::of("tee-classic", 2)).await;
    assert!(purchase.is_completed(), "{:#?}", purchase.exchanges);
    purchase.session_id
}

async fn change(host: &TestHost, session: &str, id: &str, what: OrderChangeKind) {
    let merchant = MerchantId::new("shop");
    let order = host.store().order(&merchant, &SessionId::new(session)).await;
    let change = OrderChange {
        source: ChangeSource::Operator,
        id: id.into(),
        at: host.clock.now(),
        what,
    };
    let ordering = host.payments().ordering();
    let order = order.unwrap().expect("the session is paid").id;
    ordering.change(&merchant, &order, &change, |_| None).await.unwrap();
}

fn parcel() -> OrderChangeKind {
    OrderChangeKind::Fulfilled(Box::new(Fulfillment {
        id: "p1".into(),
        kind: "shipping".into(),
        status: "shipped".into(),
        lines: vec![],
        carrier: Some("UPS".into()),
        tracking_number: Some("1Z999".into()),
        tracking_url: Some("https://carrier.example/1Z999".into()),
        description: None,
        destination: None,
        earliest: None,
        latest: None,
        digital: None,
        events: vec![],
        at: Timestamp(0),
    }))
}

fn delivered() -> OrderChangeKind {
    OrderChangeKind::Delivered {
        fulfillments: vec![],
        location: None,
    }
}

/// A dispute that a bank has decided: a change of the order that Adyen is not told of.
fn disputed() -> OrderChangeKind {
    OrderChangeKind::Adjusted(Box::new(Adjustment {
        id: "d1".into(),
        kind: "dispute".into(),
        status: "completed".into(),
        lines: vec![],
        amount: None,
        reason: None,
        code: None,
        at: Timestamp(0),
    }))
}

/// The messages for Adyen.
async fn messages(host: &TestHost) -> Vec<MessageRecord> {
    let filter = MessageFilter {
        kind: Some(MessageKind::OrderEvent),
        limit: 100,
        ..MessageFilter::default()
    };
    let mut messages = host.store().list_messages(&filter).await.unwrap();
    messages.retain(|record| record.message.destination.as_deref() == Some("adyen.events"));
    messages
}

/// Waits until each message for Adyen has this state. Advances the clock meanwhile, because it schedules retries.
async fn until_all_are(host: &TestHost, state: MessageState) {
    wait_until("every event is delivered or dead", async || {
        host.clock.advance(Duration::from_millis(100));
        messages(host).await.iter().all(|record| record.state == state)
    })
    .await;
}

fn told(host: &TestHost) -> Vec<Value> {
    host.sandbox
        .adyen
        .events()
        .into_iter()
        .map(|received| received.body)
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_step_of_an_order_of_adyen_is_told_once_and_in_order() {
    let host = start().await;
    let session = sold(&host).await;
    for (id, what) in [("ship", parcel()), ("dispute", disputed()), ("deliver", delivered())] {
        change(&host, &session, id, what).await;
    }
    until_all_are(&host, MessageState::Delivered).await;
    let told = told(&host);
    let steps: Vec<_> = told.iter().map(|event| (&event["type"], &event["revision"])).collect();
    assert_eq!(
        steps,
        [(&json!("shipped"), &json!(2)), (&json!("delivered"), &json!(4))]
    );
    let first = &told[0];
    assert_eq!(first["sessionId"], json!(session));
    let tracked = (
        &first["fulfillments"][0]["carrier"],
        &first["fulfillments"][0]["trackingNumber"],
    );
    assert_eq!(tracked, (&json!("UPS"), &json!("1Z999")));
    let payment = &host.sandbox.adyen.ledger().payments_of(&session)[0];
    assert_eq!(first["amount"]["value"], json!(payment.captured));
    assert_eq!(first["merchantAccount"], json!(payment.merchant_account));
    assert_eq!(payment.order.as_deref(), first["orderId"].as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn adyen_is_told_of_its_own_orders_only() {
    let host = start().await;
    let session = sold(&host).await;
    let other = host.acp(Release::V2026_04_17).buy(&[("mug-enamel", 1)]).await;
    for sold in [other.id(), &session] {
        change(&host, sold, "stop", OrderChangeKind::Status(OrderStatus::Canceled)).await;
    }
    until_all_are(&host, MessageState::Delivered).await;
    let steps: Vec<_> = told(&host).into_iter().map(|mut event| event["type"].take()).collect();
    assert_eq!(steps, [json!("canceled")]);
    // The agent's target is told of the sale too.
    let events = host.sandbox.receiver.events_of(&session);
    let kinds: Vec<_> = events.iter().map(|event| event.kind().to_owned()).collect();
    assert_eq!(kinds, ["order_create", "order_update"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_sent_again_under_its_key_until_adyen_has_it() {
    for fault in [Fault::Status(500), Fault::DropConnection, Fault::LoseAnswer] {
        let host = start().await;
        let session = sold(&host).await;
        host.sandbox.adyen.fail_next(Operation::TakeEvent, fault);
        change(&host, &session, "ship", parcel()).await;
        until_all_are(&host, MessageState::Delivered).await;
        let received = host.sandbox.adyen.received(Operation::TakeEvent);
        assert_eq!((received, told(&host).len()), (2, 1), "{fault:?}: the key is the same");
    }
}

/// A redirect is not followed: the body is for Adyen alone.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_does_not_come_or_points_elsewhere_is_no_acknowledgement() {
    for fault in [Fault::Hang, Fault::Status(301)] {
        let merchant = Merchant::named("shop").adyen().set("adyen.events.timeout_ms = 100");
        let builder = TestHost::builder().merchant(merchant).frozen();
        let host = builder.timings(fast_timings()).start().await;
        let session = sold(&host).await;
        host.sandbox.adyen.fail_next(Operation::TakeEvent, fault);
        change(&host, &session, "ship", parcel()).await;
        until_all_are(&host, MessageState::Delivered).await;
        let received = host.sandbox.adyen.received(Operation::TakeEvent);
        assert_eq!((received, told(&host).len()), (2, 1), "{fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_adyen_never_takes_is_a_dead_message() {
    let host = start().await;
    let session = sold(&host).await;
    host.sandbox.adyen.fail_next(Operation::TakeEvent, Fault::Status(500));
    change(&host, &session, "ship", parcel()).await;
    wait_until("the event was refused once", async || {
        messages(&host).await[0].tries == 1
    })
    .await;
    host.sandbox.adyen.fail_next(Operation::TakeEvent, Fault::Status(503));
    host.clock.advance(THREE_DAYS);
    until_all_are(&host, MessageState::Dead).await;
    let error = messages(&host).await.remove(0).last_error.unwrap();
    assert_eq!(error, "webhook adyen.events answered 503");
}

#[tokio::test(flavor = "multi_thread")]
async fn adyen_that_wants_no_more_events_is_not_asked_again() {
    let host = start().await;
    let session = sold(&host).await;
    host.sandbox.adyen.fail_next(Operation::TakeEvent, Fault::Status(410));
    change(&host, &session, "ship", parcel()).await;
    until_all_are(&host, MessageState::Dead).await;
    assert_eq!(host.sandbox.adyen.received(Operation::TakeEvent), 1);
}
