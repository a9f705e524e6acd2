//! `plugins/adyen-processor` against the sandbox's Adyen: a charge whose answer is lost, refunds and voids that only a webhook ends.

use std::time::Duration;

use tillhouse_checkout::attempt::AttemptStatus;
use tillhouse_checkout::discrepancy::DiscrepancyKind;
use tillhouse_checkout::refund::RefundStatus;
use tillhouse_payments::Timings;
use tillhouse_sandbox::Fault;
use tillhouse_sandbox::adyen::{Modification, Operation};
use tillhouse_tests::eventually::{fast_timings, wait_until};
use tillhouse_tests::{AdyenSandbox, Merchant, TestHost};

const ITEM: &[(&str, u32)] = &[("print-last", 1)];

async fn start(timings: Timings) -> TestHost {
    let builder = TestHost::builder().merchant(Merchant::named("demo").adyen());
    builder.timings(timings).frozen().start().await
}

async fn wait_for(host: &TestHost, session: &str, status: &str) {
    wait_until(&format!("the session is {status}"), async || {
        host.clock.advance(Duration::from_millis(20));
        host.adyen().retrieve(session).await["status"] == status
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_charge_whose_answer_is_lost_is_settled_by_the_webhook() {
    let timings = Timings {
        status_checks: vec![Duration::from_secs(6 * 3600)],
        review_after: Duration::from_secs(24 * 3600),
        ..fast_timings()
    };
    let host = start(timings).await;
    let agent = host.adyen();
    let session = agent.ready(ITEM).await;
    let total = session.total("total");
    let token = agent.token_of("pm_card_adyen", session.id(), total).await;
    host.sandbox.adyen.fail_next(Operation::Pay, Fault::LoseAnswer);
    let _ = agent.complete(session.id(), &token).await.expect(200).is("in_progress");
    let adyen = host.adyen_sandbox();
    let payments = adyen.payments_of(session.id());
    for _ in 0..2 {
        adyen.tell(&payments[0].psp_reference).await;
    }
    wait_for(&host, session.id(), "completed").await;
    assert_eq!(host.sandbox.adyen.received(Operation::Pay), 1, "it was not sent again");
    let payments = adyen.payments_of(session.id());
    assert_eq!((payments.len(), payments[0].captured), (1, total));
}

/// Where the webhook does not come, the same request is sent again under its key.
#[tokio::test(flavor = "multi_thread")]
async fn a_charge_whose_answer_is_lost_is_sent_again_under_its_key() {
    let host = start(fast_timings()).await;
    let agent = host.adyen();
    let session = agent.ready(ITEM).await;
    let total = session.total("total");
    let token = agent.token_of("pm_card_adyen", session.id(), total).await;
    host.sandbox.adyen.fail_next(Operation::Pay, Fault::LoseAnswer);
    let _ = agent.complete(session.id(), &token).await.expect(200);
    wait_for(&host, session.id(), "completed").await;
    let payments = host.adyen_sandbox().payments_of(session.id());
    assert_eq!((payments.len(), payments[0].captured), (1, total));
}

/// The first change that Adyen was asked for.
async fn first_change(host: &TestHost, adyen: &AdyenSandbox<'_>) -> Modification {
    wait_until("Adyen is asked", async || {
        host.clock.advance(Duration::from_millis(20));
        !adyen.changes().is_empty()
    })
    .await;
    adyen.changes().remove(0)
}

/// That a refund was made is believed. That it was not leaves it open, for the operator: Adyen has no request that looks it up.
#[tokio::test(flavor = "multi_thread")]
async fn a_refund_ends_with_its_webhook() {
    for (card, is_later, is_made) in [
        ("pm_card_adyen", false, true),
        ("pm_card_pendingRefund", true, true),
        ("pm_card_refundFail", false, false),
    ] {
        let host = start(fast_timings()).await;
        let adyen = host.adyen_sandbox();
        let agent = host.adyen();
        let session = agent.ready(ITEM).await;
        let token = agent.token_of(card, session.id(), session.total("total")).await;
        let paid = agent.complete(session.id(), &token).await.expect(200).is("completed");
        let order = host.order_of(paid.id()).await;
        let asked = host.ask_refund(&order, "R1", 300).await.expect("it can be refunded");
        let refund = first_change(&host, &adyen).await;
        if is_later {
            let settled = host.sandbox.adyen.settle_modification(&refund.psp_reference, true);
            assert!(settled.is_some(), "{refund:?}");
        }
        for _ in 0..2 {
            adyen.tell(&refund.psp_reference).await;
        }
        let status = host.store().refund(&asked.refund.id).await.unwrap().unwrap().status();
        let went_back = if is_made { 300 } else { 0 };
        assert_eq!(
            (status == RefundStatus::Done, status.is_open()),
            (is_made, !is_made),
            "{card}"
        );
        assert_eq!(adyen.payments_of(session.id())[0].refunded, went_back, "{card}");
        assert_eq!(host.order_of(paid.id()).await.refunded().amount.minor(), went_back);
        assert_eq!(adyen.changes().len(), 1, "{card}: it is asked for once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_charge_whose_order_cannot_be_made_is_voided() {
    let host = start(fast_timings()).await;
    let adyen = host.adyen_sandbox();
    let agent = host.adyen();
    let session = agent.ready(ITEM).await;
    let token = agent
        .token_of("pm_card_adyen", session.id(), session.total("total"))
        .await;
    let charge = host.sandbox.adyen.hold(Operation::Pay);
    let paying = tokio::spawn(agent.completion(session.id(), &token).try_send());
    charge.arrived(1).await;
    let attempt = host.attempts_of(session.id()).await.remove(0);
    host.take_order_id_of(&attempt).await;
    charge.release();
    let answer = paying.await.unwrap().unwrap();
    assert_ne!(answer["status"], "completed", "{}", answer.text());
    let reversal = first_change(&host, &adyen).await;
    adyen.tell(&reversal.psp_reference).await;
    wait_for(&host, session.id(), "ready_for_payment").await;
    let ended = host.store().attempt(&attempt.id).await.unwrap().unwrap();
    assert_eq!(ended.status(), AttemptStatus::Voided);
    let payments = adyen.payments_of(session.id());
    assert_eq!(payments.len(), 1);
    assert!(payments[0].canceled && payments[0].captured == 0, "{payments:#?}");
    let found = host.store().list_discrepancies(10).await.unwrap();
    assert_eq!(found[0].kind, DiscrepancyKind::ChargedWithoutOrder);
}
