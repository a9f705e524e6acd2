//! What a payment owes to others (reports, webhook events) is committed together with its outcome, or neither is.

use rusqlite::Connection;
use tillhouse_sandbox::stripe::ReportedOutcome;
use tillhouse_tests::{HttpResponse, Release, TestHost};

use super::eventually::{
    assert_charged_once, assert_not_charged, fast_timings, wait_for_payment_records, wait_for_released_stock,
    wait_for_status,
};

/// Opens the database of a host directly.
fn store(host: &TestHost) -> Connection {
    Connection::open(host.store_folder().join("tillhouse.db")).unwrap()
}

/// Makes the store reject messages of this kind from now on.
fn reject_messages_of_kind(host: &TestHost, kind: &str) {
    let trigger = format!(
        "CREATE TRIGGER refuse BEFORE INSERT ON outbox WHEN NEW.kind = '{kind}' BEGIN SELECT RAISE(ABORT, 'full'); END"
    );
    store(host).execute_batch(&trigger).unwrap();
}

/// Decides a payment while the store rejects messages of this kind; then the host crashes, and starts again on a store that
/// accepts them.
async fn pay_without(kind: &str, card: &str) -> (TestHost, HttpResponse) {
    let mut host = TestHost::builder().timings(fast_timings()).start().await;
    let agent = host.acp(Release::V2026_04_17);
    let session = agent.ready(&[("print-last", 1)]).await;
    let token = host.token_of(card, session.total("total")).await;
    reject_messages_of_kind(&host, kind);
    let told = agent.complete(session.id(), &token).await;
    assert_ne!(told["status"], "completed", "{kind}: {}", told.text());
    let _ = agent.retrieve(session.id()).await.is("complete_in_progress");
    assert_eq!(host.charges(), 1);
    host.kill();
    store(&host).execute_batch("DROP TRIGGER refuse").unwrap();
    host.start_again().await;
    (host, session)
}

#[tokio::test]
async fn there_is_no_order_without_its_report_and_its_notice() {
    for kind in ["stripe.report_payment", "orders.notify"] {
        let (host, session) = pay_without(kind, "pm_card_visa").await;
        let _ = wait_for_status(&host, session.id(), "completed").await;
        assert_charged_once(&host, session.total("total")).await;
        let _ = wait_for_payment_records(&host, 1).await;
    }
}

#[tokio::test]
async fn there_is_no_decline_without_its_report() {
    let (host, session) = pay_without("stripe.report_payment", "pm_card_chargeDeclined").await;
    let _ = wait_for_status(&host, session.id(), "ready_for_payment").await;
    assert_not_charged(&host);
    wait_for_released_stock(&host).await;
    let reported = wait_for_payment_records(&host, 1).await;
    assert_eq!(reported[0].outcome, ReportedOutcome::Failed);
}
