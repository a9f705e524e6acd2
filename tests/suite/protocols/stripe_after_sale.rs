//! What Stripe is told after the sale: order events of its own checkouts, and what becomes of the payment in its record.

use std::time::Duration;

use serde_json::{Value, json};
use tillhouse_checkout::decision::{Adjustment, Fulfillment};
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::money::{Amount, Currency, Money};
use tillhouse_checkout::order::{ChangeSource, Order, OrderChange, OrderChangeKind};
use tillhouse_checkout::refund::RefundStatus;
use tillhouse_checkout::time::{Clock, Timestamp};
use tillhouse_sandbox::Fault;
use tillhouse_sandbox::stripe::{Operation, OrderEvent, PaymentRecord};
use tillhouse_tests::eventually::{fast_timings, wait_until};
use tillhouse_tests::{Merchant, Release, TestHost};

/// When the bank says that it has changed.
const DISPUTED_AT: Timestamp = Timestamp(1_795_219_200_000);

async fn start(settings: &str) -> TestHost {
    let merchant = Merchant::named("demo").stripe_order_events(settings);
    let builder = TestHost::builder().merchant(merchant).frozen();
    builder.timings(fast_timings()).start().await
}

/// Sells two tees through Stripe's hooks.
async fn sold(host: &TestHost) -> Order {
    sold_to(host, "pm_card_visa").await
}

async fn sold_to(host: &TestHost, card: &str) -> Order {
    let stripe = host.stripe_acs();
    let checkout = stripe.ready(&[("tee-classic", 2)]).await;
    let token = host.token_of(card, checkout.total("total")).await;
    let _ = stripe.confirm(checkout.id(), &token).await.expect(200).is("completed");
    settle(host).await;
    host.order_of(checkout.id()).await
}

/// Waits until everything that the host owes is delivered. Advances the clock meanwhile, because it schedules retries.
async fn settle(host: &TestHost) {
    wait_until("everything is delivered", async || {
        host.clock.advance(Duration::from_millis(100));
        host.backlog().is_empty()
    })
    .await;
}

async fn change(host: &TestHost, order: &Order, id: &str, what: OrderChangeKind) {
    let change = OrderChange {
        source: ChangeSource::Notice,
        id: id.into(),
        at: host.clock.now(),
        what,
    };
    let ordering = host.payments().ordering();
    ordering
        .change(&MerchantId::new("demo"), &order.id, &change, |_| None)
        .await
        .unwrap();
}

fn parcel(status: &str) -> OrderChangeKind {
    OrderChangeKind::Fulfilled(Box::new(Fulfillment {
        id: "p1".into(),
        kind: "shipping".into(),
        status: status.into(),
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

fn dispute(status: &str, code: &str) -> OrderChangeKind {
    OrderChangeKind::Adjusted(Box::new(Adjustment {
        id: "dp_1".into(),
        kind: "dispute".into(),
        status: status.into(),
        lines: vec![],
        amount: Some(Money {
            amount: Amount::new(1000).unwrap(),
            currency: Currency::new("USD").unwrap(),
        }),
        reason: Some("fraudulent".into()),
        code: Some(code.into()),
        at: DISPUTED_AT,
    }))
}

fn told(host: &TestHost) -> Vec<OrderEvent> {
    host.sandbox.stripe.order_events()
}

/// Type and status of each event.
fn steps(host: &TestHost) -> Vec<(String, String)> {
    let step = |event: OrderEvent| {
        let details = event.details;
        let kind = details
            .get("type")
            .and_then(Value::as_str)
            .unwrap_or(&event.kind)
            .to_owned();
        (kind, details["status"].as_str().unwrap().to_owned())
    };
    told(host).into_iter().map(step).collect()
}

fn step(kind: &str, status: &str) -> (String, String) {
    (kind.to_owned(), status.to_owned())
}

fn record(host: &TestHost) -> PaymentRecord {
    let [record] = host.sandbox.stripe.payment_records().try_into().unwrap();
    record
}

#[tokio::test(flavor = "multi_thread")]
async fn each_change_of_an_order_is_told_once_and_in_order() {
    for encoding in ["form", "json"] {
        let host = start(&format!("encoding = \"{encoding}\"")).await;
        let order = sold(&host).await;
        for status in ["processing", "shipped", "out_for_delivery", "delivered"] {
            change(&host, &order, status, parcel(status)).await;
        }
        host.ask_refund(&order, "R1", 500).await.unwrap();
        settle(&host).await;
        let expected = [
            step("fulfillment", "confirmed"),
            step("fulfillment", "confirmed"),
            step("fulfillment", "shipped"),
            step("fulfillment", "delivered"),
            step("original_payment_refund", "completed"),
        ];
        assert_eq!(steps(&host), expected, "{encoding}");
        let events = told(&host);
        let delivered = &events[3].details;
        assert_eq!(
            (&delivered["carrier"], &delivered["tracking_number"]),
            (&json!("UPS"), &json!("1Z999"))
        );
        assert!(
            delivered["shipped_at"].is_i64() && delivered["delivered_at"].is_i64(),
            "{delivered}"
        );
        assert_eq!(delivered["line_items"][0]["quantity"], 2);
        assert_eq!(
            (&events[4].details["amount"], &events[4].details["currency"]),
            (&json!(500), &json!("usd"))
        );
        assert!(events.iter().all(|event| event.order == order.id.as_str()));
        assert!(
            events
                .iter()
                .all(|event| event.requested_session == order.session.as_str())
        );
        host.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_comes_again_until_stripe_has_it_and_never_twice() {
    let host = start("").await;
    for fault in [
        Fault::Status(429),
        Fault::Status(503),
        Fault::DropConnection,
        Fault::LoseAnswer,
    ] {
        host.sandbox.stripe.fail_next(Operation::TellOrderEvent, fault);
    }
    let order = sold(&host).await;
    change(&host, &order, "ship", parcel("shipped")).await;
    settle(&host).await;
    assert_eq!(
        steps(&host),
        [step("fulfillment", "confirmed"), step("fulfillment", "shipped")]
    );
    assert!(host.sandbox.stripe.received(Operation::TellOrderEvent) > 4);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_of_another_protocol_is_not_told() {
    let host = start("").await;
    let agent = host.acp(Release::V2026_04_17);
    let session = agent.ready(&[("tee-classic", 1)]).await;
    let token = host.token(session.total("total")).await;
    let paid = agent.complete(session.id(), &token).await.expect(200).is("completed");
    let order = host.order_of(paid.id()).await;
    change(&host, &order, "ship", parcel("shipped")).await;
    settle(&host).await;
    assert!(told(&host).is_empty());
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dispute_is_in_the_record_of_its_payment_as_it_is_in_the_order() {
    let host = start("").await;
    host.sandbox
        .stripe
        .fail_next(Operation::ReportDispute, Fault::Status(500));
    host.sandbox
        .stripe
        .fail_next(Operation::ReportDispute, Fault::LoseAnswer);
    let order = sold(&host).await;
    change(&host, &order, "d1", dispute("pending", "needs_response")).await;
    settle(&host).await;
    let [opened] = record(&host).disputes.try_into().unwrap();
    assert_eq!(
        (opened.amount.value, opened.reason.as_deref()),
        (1000, Some("fraudulent"))
    );
    assert_eq!((opened.withdrawn_at, opened.closed_at), (None, None));
    change(&host, &order, "d2", dispute("pending", "under_review")).await;
    change(&host, &order, "d3", dispute("completed", "lost")).await;
    settle(&host).await;
    let [lost] = record(&host).disputes.try_into().unwrap();
    assert_eq!(lost.dispute_reference, opened.dispute_reference);
    assert!(
        lost.withdrawn_at.is_some() && lost.closed_at == lost.withdrawn_at,
        "{lost:?}"
    );
    let disputes: Vec<_> = steps(&host).into_iter().filter(|(kind, _)| kind == "dispute").collect();
    assert_eq!(disputes, [step("dispute", "pending"), step("dispute", "completed")]);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_says_what_was_sold_and_that_the_buyer_was_there() {
    let host = start("").await;
    let order = sold(&host).await;
    let record = record(&host);
    assert_eq!(record.customer_presence.as_deref(), Some("on_session"));
    assert_eq!(
        record.metadata,
        json!({"order": order.id, "checkout_session": order.session})
    );
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_that_was_declined_is_in_the_record_and_changes_nothing_of_it() {
    let host = start("").await;
    let order = sold_to(&host, "pm_card_refundFail").await;
    let asked = host.ask_refund(&order, "R1", 500).await.unwrap();
    wait_until("the refund is over", async || {
        host.clock.advance(Duration::from_secs(1));
        let refund = host.store().refund(&asked.refund.id).await.unwrap().unwrap();
        refund.status() == RefundStatus::Declined && host.backlog().is_empty()
    })
    .await;
    let record = record(&host);
    let [failed] = record.refunds.clone().try_into().unwrap();
    assert!(failed.failed_at.is_some() && failed.refunded_at.is_none(), "{failed:?}");
    assert_eq!(failed.refund_group.as_deref(), Some(order.id.as_str()));
    assert_eq!(record.amount_refunded(), 0);
    host.stop().await;
}
