//! What the party reports later of its payments, before and after their orders are made.

use std::sync::Arc;

use tillhouse_checkout::decision::Adjustment;
use tillhouse_checkout::discrepancy::DiscrepancyKind;
use tillhouse_checkout::ids::{MerchantId, ProcessorReference};
use tillhouse_checkout::inbox::{EventSource, InboxEvent};
use tillhouse_checkout::order::Order;
use tillhouse_checkout::outside_payment::{AdjustmentReport, OutsideAdjustment};
use tillhouse_checkout::ports::{OperatorQueries, Store};
use tillhouse_checkout::time::Clock;

use super::{paid, with_hold};
use crate::testing::{TestHost, completion, merchant, usd};

fn event(host: &TestHost, id: &str) -> InboxEvent {
    InboxEvent {
        source: EventSource::Stripe(merchant()),
        id: id.into(),
        merchant: merchant(),
        kind: "refund.created".into(),
        payload: "{}".into(),
        received: host.clock.now(),
    }
}

fn refund(host: &TestHost, names: &[&str], id: &str, minor: i64) -> OutsideAdjustment {
    let names = names.iter().map(|name| ProcessorReference::new(*name));
    OutsideAdjustment {
        merchant: merchant(),
        names: names.collect(),
        what: AdjustmentReport::Adjustment(Adjustment {
            id: id.into(),
            kind: "refund".into(),
            status: "completed".into(),
            lines: Vec::new(),
            amount: Some(usd(minor)),
            reason: None,
            code: None,
            at: host.clock.now(),
        }),
    }
}

async fn told(host: &TestHost, id: &str, report: OutsideAdjustment) -> bool {
    let ordering = host.payments.ordering();
    ordering.take_payer_reports(event(host, id), &[report]).await.unwrap()
}

/// The payment is reported, as by an event of the party.
async fn pay(host: &TestHost, reference: &str) {
    let outside = host.payments.outside();
    let (payment, event) = (paid(reference), event(host, &format!("paid_{reference}")));
    Box::pin(outside.finalize_by_event(event, &payment, true))
        .await
        .unwrap();
    let reference = payment.reference.unwrap();
    let ordering = host.payments.ordering();
    ordering.take_kept_reports(&merchant(), &reference).await.unwrap();
}

fn refunded(order: &Order) -> i64 {
    order.refunded().amount.minor()
}

#[tokio::test]
async fn an_early_report_waits_for_its_order_and_is_taken_once() {
    let host = with_hold().await;
    for is_new in [true, false] {
        let report = refund(&host, &["pi_1", "ch_1"], "re_1", 300);
        assert_eq!(told(&host, "evt_1", report).await, is_new);
    }
    told(&host, "evt_2", refund(&host, &["pi_other"], "re_2", 300)).await;
    for _ in 0..2 {
        pay(&host, "pi_1").await;
        assert_eq!(refunded(&host.placed().await), 300);
        assert_eq!(host.placed().await.revision(), 2);
    }
    assert!(host.discrepancies().await.is_empty());
}

#[tokio::test]
async fn reports_that_share_a_name_are_of_one_payment() {
    let host = with_hold().await;
    told(&host, "evt_1", refund(&host, &["ch_1"], "re_1", 100)).await;
    told(&host, "evt_2", refund(&host, &["pi_1", "ch_1"], "re_2", 100)).await;
    pay(&host, "pi_1").await;
    assert_eq!(refunded(&host.placed().await), 200);
    told(&host, "evt_3", refund(&host, &["ch_1"], "re_3", 100)).await;
    assert_eq!(refunded(&host.placed().await), 300);
}

#[tokio::test]
async fn the_reports_of_another_merchant_are_not_of_this_one() {
    let host = with_hold().await;
    let theirs = OutsideAdjustment {
        merchant: MerchantId::new("other"),
        ..refund(&host, &["pi_1"], "re_1", 300)
    };
    told(&host, "evt_1", theirs.clone()).await;
    pay(&host, "pi_1").await;
    told(&host, "evt_2", theirs).await;
    assert_eq!(refunded(&host.placed().await), 0);
}

#[tokio::test]
async fn what_the_order_does_not_allow_is_for_the_operator_once() {
    let host = with_hold().await;
    told(&host, "evt_1", refund(&host, &["pi_1"], "re_1", 1001)).await;
    for _ in 0..2 {
        pay(&host, "pi_1").await;
    }
    assert_eq!(refunded(&host.placed().await), 0);
    assert_eq!(host.kinds().await, [DiscrepancyKind::OrderDiffers]);
}

#[tokio::test]
async fn a_payment_that_the_host_charged_is_refunded_by_the_word_of_its_processor_only() {
    let host = TestHost::start();
    let id = host.session().await;
    host.complete(completion(&id)).await.unwrap();
    let attempt = host.attempts(&id).await.pop().unwrap();
    let charge = attempt.processor_reference().unwrap().to_string();
    told(&host, "evt_1", refund(&host, &[&charge, "ch_1"], "re_1", 100)).await;
    let order = host.store.order(&merchant(), &id).await.unwrap().unwrap();
    assert_eq!((refunded(&order), order.revision()), (0, 1));
    let kept = EventSource::Payment(merchant(), ProcessorReference::new("ch_1"));
    assert_eq!(host.store.list_events(&kept, 0, 10).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_refund_and_its_payment_at_once_are_both_in_the_order() {
    for _ in 0..20 {
        let host = Arc::new(with_hold().await);
        let (refunding, paying) = (Arc::clone(&host), Arc::clone(&host));
        let report = refund(&host, &["pi_1", "ch_1"], "re_1", 300);
        let refund = tokio::spawn(async move { told(&refunding, "evt_1", report).await });
        let payment = tokio::spawn(async move { pay(&paying, "pi_1").await });
        refund.await.unwrap();
        payment.await.unwrap();
        assert_eq!(refunded(&host.placed().await), 300);
    }
}
