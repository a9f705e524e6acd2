//! Money goes back once, whatever the acquirer answers and whenever the host dies, and every ledger says how much.

use std::time::Duration;

use tillhouse_checkout::ids::RefundId;
use tillhouse_checkout::refund::RefundStatus;
use tillhouse_payments::{AskRefundError, AskedRefund};
use tillhouse_sandbox::Fault;
use tillhouse_sandbox::acquirer::{Operation, RefundStatus as AcquirerStatus};
use tillhouse_tests::{HttpResponse, Merchant, Release, TestHost};

use super::eventually::{LOOKUP, fast_timings, wait_until};

const RELEASE: Release = Release::V2026_04_17;

/// A host with an order that this card has paid, and the session.
async fn sold(card: &str) -> (TestHost, HttpResponse) {
    let merchant = Merchant::named("demo").webhook("agent", RELEASE, &[]);
    let host = TestHost::builder()
        .merchant(merchant)
        .frozen()
        .timings(fast_timings())
        .start()
        .await;
    let agent = host.acp(RELEASE);
    let session = agent.ready(&[("print-last", 1)]).await;
    let token = host.token_of(card, session.total("total")).await;
    let paid = agent.complete(session.id(), &token).await.expect(200).is("completed");
    wait_until("the payment is recorded", async || {
        host.clock.advance(Duration::from_millis(100));
        host.backlog().is_empty()
    })
    .await;
    (host, paid)
}

async fn ask(host: &TestHost, paid: &HttpResponse, name: &str, minor: i64) -> Result<AskedRefund, AskRefundError> {
    let order = host.order_of(paid.id()).await;
    host.ask_refund(&order, name, minor).await
}

async fn asked(host: &TestHost, paid: &HttpResponse, name: &str, minor: i64) -> RefundId {
    ask(host, paid, name, minor)
        .await
        .expect("it can be refunded")
        .refund
        .id
}

async fn status(host: &TestHost, id: &RefundId) -> RefundStatus {
    host.store().refund(id).await.unwrap().unwrap().status()
}

/// Waits until the refund is over and its messages were delivered. Advances the clock meanwhile, because lookups are scheduled by it.
async fn wait_until_over(host: &TestHost, id: &RefundId, pace: Duration) -> RefundStatus {
    wait_until("the refund is over", async || {
        host.clock.advance(pace);
        !status(host, id).await.is_open() && host.backlog().is_empty()
    })
    .await;
    status(host, id).await
}

/// The acquirer, the order, Stripe and the receiver of order events say that so much went back, in so many refunds.
async fn assert_refunded(host: &TestHost, paid: &HttpResponse, refunds: &[i64]) {
    let total: i64 = refunds.iter().sum();
    let ledger = host.sandbox.acquirer.ledger();
    assert_eq!(ledger.refunded_total(), total, "{:#?}", ledger.refunds());
    let order = host.order_of(paid.id()).await;
    assert_eq!(order.refunded().amount.minor(), total, "{order:#?}");
    let records = host.sandbox.stripe.payment_records();
    assert_eq!(records.len(), 1, "{records:#?}");
    let made = records[0].refunds.iter().filter(|refund| refund.refunded_at.is_some());
    let reported: Vec<i64> = made.map(|refund| refund.amount.value).collect();
    assert_eq!(reported, refunds);
    let events = host.sandbox.receiver.events();
    let updates = events.iter().filter(|event| event.kind() == "order_update").count();
    assert_eq!(updates, refunds.len(), "{events:#?}");
}

#[tokio::test]
async fn a_refund_moves_money_once_and_everybody_is_told() {
    let (mut host, paid) = sold("pm_card_visa").await;
    let first = asked(&host, &paid, "R1", 300).await;
    assert_eq!(wait_until_over(&host, &first, LOOKUP).await, RefundStatus::Done);
    let again = ask(&host, &paid, "R1", 300).await.unwrap();
    assert!(!again.is_new, "the same name is the same refund");
    host.restart().await;
    let second = asked(&host, &paid, "R2", 200).await;
    assert_eq!(wait_until_over(&host, &second, LOOKUP).await, RefundStatus::Done);
    let more = ask(&host, &paid, "R3", paid.total("total") - 499).await.unwrap_err();
    assert!(more.to_string().contains("can still be refunded"), "{more}");
    assert_refunded(&host, &paid, &[300, 200]).await;
    assert_eq!(host.sandbox.acquirer.received(Operation::Refund), 2);
}

#[tokio::test]
async fn a_refund_whose_answer_is_lost_is_looked_up_and_not_made_again() {
    let (host, paid) = sold("pm_card_refundUnknown").await;
    let id = asked(&host, &paid, "R1", 300).await;
    assert_eq!(wait_until_over(&host, &id, LOOKUP).await, RefundStatus::Done);
    assert_refunded(&host, &paid, &[300]).await;
    assert_eq!(host.sandbox.acquirer.received(Operation::Refund), 1);
}

#[tokio::test]
async fn a_refund_that_never_arrived_is_made_once_its_absence_is_certain() {
    let (host, paid) = sold("pm_card_visa").await;
    host.sandbox
        .acquirer
        .fail_next(Operation::Refund, Fault::DropConnection);
    let id = asked(&host, &paid, "R1", 300).await;
    wait_until("the outcome is unknown", async || {
        status(&host, &id).await == RefundStatus::Unknown
    })
    .await;
    assert_eq!(
        wait_until_over(&host, &id, Duration::from_secs(1)).await,
        RefundStatus::Done
    );
    assert_refunded(&host, &paid, &[300]).await;
    assert_eq!(host.sandbox.acquirer.received(Operation::Refund), 2);
}

#[tokio::test]
async fn a_host_that_dies_during_the_call_refunds_once() {
    for fault in [Fault::Hang, Fault::LoseAnswer] {
        let (mut host, paid) = sold("pm_card_visa").await;
        let hold = host.sandbox.acquirer.hold(Operation::ListRefunds);
        host.sandbox.acquirer.fail_next(Operation::Refund, fault);
        let id = asked(&host, &paid, "R1", 300).await;
        wait_until("the call was made", async || {
            host.sandbox.acquirer.received(Operation::Refund) == 1
        })
        .await;
        host.kill();
        drop(hold);
        host.start_again().await;
        assert_eq!(
            wait_until_over(&host, &id, Duration::from_secs(1)).await,
            RefundStatus::Done,
            "{fault:?}"
        );
        assert_refunded(&host, &paid, &[300]).await;
    }
}

#[tokio::test]
async fn what_the_acquirer_refuses_can_be_refunded_again_and_leaves_the_order_as_it_was() {
    let (host, paid) = sold("pm_card_refundFail").await;
    let id = asked(&host, &paid, "R1", 300).await;
    assert_eq!(wait_until_over(&host, &id, LOOKUP).await, RefundStatus::Declined);
    assert_refunded(&host, &paid, &[]).await;
    let all = ask(&host, &paid, "R2", paid.total("total")).await;
    assert!(all.is_ok(), "{all:?}");
}

#[tokio::test]
async fn a_pending_refund_is_done_by_the_webhook_of_the_acquirer() {
    let (host, paid) = sold("pm_card_pendingRefund").await;
    let hold = host.sandbox.acquirer.hold(Operation::ListRefunds);
    let id = asked(&host, &paid, "R1", 300).await;
    wait_until("the refund is pending", async || {
        status(&host, &id).await == RefundStatus::Pending
    })
    .await;
    let settled = host.sandbox.acquirer.settle_refund(id.as_str(), true).unwrap();
    assert_eq!(settled.status, AcquirerStatus::Succeeded);
    let webhook = host.sandbox.acquirer.signed_webhook(id.as_str()).unwrap();
    let url = format!("{}/webhooks/processor", host.url());
    for _ in 0..2 {
        let answered = host.sandbox.acquirer.send(&webhook, &url).await.unwrap();
        assert!((200..300).contains(&answered), "{answered}");
    }
    drop(hold);
    assert_eq!(wait_until_over(&host, &id, LOOKUP).await, RefundStatus::Done);
    assert_refunded(&host, &paid, &[300]).await;
}
