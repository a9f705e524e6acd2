//! A charge whose order cannot be created is refunded, and agent and Stripe are notified.

use tillhouse_checkout::attempt::AttemptStatus;
use tillhouse_checkout::discrepancy::DiscrepancyKind;
use tillhouse_sandbox::acquirer;
use tillhouse_sandbox::stripe::ReportedOutcome;
use tillhouse_tests::{Release, TestHost};

use super::eventually::{fast_timings, wait_for_payment_records, wait_for_released_stock, wait_for_status};

#[tokio::test]
async fn a_charge_whose_order_exists_already_is_reversed_and_reported_as_canceled() {
    let host = TestHost::builder().timings(fast_timings()).start().await;
    let agent = host.acp(Release::V2026_04_17);
    let session = agent.ready(&[("print-last", 1)]).await;
    let token = host.token(session.total("total")).await;
    let charge = host.sandbox.acquirer.hold(acquirer::Operation::Charge);
    let paying = tokio::spawn(agent.completion(session.id(), &token).try_send());
    charge.arrived(1).await;
    let store = host.store();
    let attempt = host.attempts_of(session.id()).await.remove(0);
    host.take_order_id_of(&attempt).await;
    charge.release();
    let answer = paying.await.unwrap().unwrap();
    assert_ne!(answer.json["status"], "completed", "{}", answer.text());

    let open = wait_for_status(&host, session.id(), "ready_for_payment").await;
    let _ = open.told("payment was canceled, and the buyer is not charged");
    let ended = store.attempt(&attempt.id).await.unwrap().unwrap();
    assert_eq!(ended.status(), AttemptStatus::Voided);
    let ledger = host.sandbox.acquirer.ledger();
    let kept = ledger.captured_total() - ledger.refunded_total();
    assert_eq!(kept, 0, "{:#?}", ledger.charges());
    let reported = wait_for_payment_records(&host, 1).await;
    assert_eq!(reported[0].outcome, ReportedOutcome::Canceled);
    assert_eq!(reported[0].reason.as_deref(), Some("merchant_canceled"));
    let breaks = store.list_discrepancies(10).await.unwrap();
    assert_eq!(breaks.len(), 1);
    assert_eq!(breaks[0].kind, DiscrepancyKind::ChargedWithoutOrder);
    wait_for_released_stock(&host).await;
}
