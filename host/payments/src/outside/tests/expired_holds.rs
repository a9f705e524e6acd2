//! Holds whose time is over: stock goes back, nothing fails by time alone, and the operator settles what comes late.

use tillhouse_checkout::attempt::AttemptStatus;
use tillhouse_checkout::audit::{AuditAction, AuditEntry};
use tillhouse_checkout::discrepancy::DiscrepancyKind;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::ProcessorReference;
use tillhouse_checkout::order::OrderStatus;
use tillhouse_checkout::time::Clock;

use super::{HOLD, body, paid, question, refused, session_id, with_hold};
use crate::manual_settlement::KnownOutcome;
use crate::testing::TestHost;

async fn settle(host: &TestHost, known: KnownOutcome) {
    let id = host.last_attempt().await.id;
    let at = host.clock.now();
    let entry = move |_: &_| AuditEntry {
        at,
        actor: "operator:ann".into(),
        action: AuditAction::SettleAttempt,
        subject: "pa".into(),
        detail: String::new(),
    };
    Box::pin(host.payments.recovery().settle_manually(&id, known, entry))
        .await
        .unwrap();
}

fn charged() -> KnownOutcome {
    KnownOutcome::Charged(ProcessorReference::new("psp_1"))
}

#[tokio::test]
async fn a_hold_whose_time_is_over_releases_its_stock_and_fails_nothing() {
    let host = with_hold().await;
    host.let_hold_expire().await;
    let attempt = host.last_attempt().await;
    assert_eq!(attempt.status(), AttemptStatus::NeedsReview);
    assert!(attempt.history.without_stock);
    assert_eq!(host.state().await, "held");
    assert_eq!(host.kinds().await, [DiscrepancyKind::OutcomeUnknown]);
    // However long it lasts.
    host.clock.advance(HOLD * 1000);
    host.payments.expiry().run_once().await.unwrap();
    assert_eq!(host.payments.recovery().run_once().await, 1);
    assert_eq!(host.state().await, "held");
    assert_eq!(host.last_attempt().await.status(), AttemptStatus::NeedsReview);
    assert_eq!(
        host.processor.read(|script| script.status_calls.len()),
        0,
        "there is nothing to look up"
    );
}

#[tokio::test]
async fn a_payment_after_the_time_of_its_hold_is_for_the_operator() {
    for recovered in [true, false] {
        let host = with_hold().await;
        if recovered {
            host.let_hold_expire().await;
        } else {
            host.clock.advance(HOLD);
        }
        for _ in 0..2 {
            let answer = host.report(paid("psp_1")).await;
            assert!(
                matches!(answer, Err(CheckoutError::PaidAfterEnd { state: "held" })),
                "{answer:?}"
            );
        }
        assert_eq!(
            host.kinds().await,
            [DiscrepancyKind::OutcomeUnknown, DiscrepancyKind::PaidAfterEnd]
        );
        let attempt = host.last_attempt().await;
        assert_eq!(attempt.status(), AttemptStatus::NeedsReview);
        assert_eq!(attempt.processor_reference(), Some(&ProcessorReference::new("psp_1")));
        let taken_away = [
            host.cancel_held().await,
            host.upsert().await,
            host.hold(question(&session_id())).await,
        ];
        for answer in taken_away {
            assert!(matches!(answer, Err(CheckoutError::InFlight)), "{answer:?}");
        }
        host.report(refused("psp_2")).await.unwrap();
        assert_eq!(host.last_attempt().await.status(), AttemptStatus::NeedsReview);
    }
}

#[tokio::test]
async fn an_operator_makes_the_order_of_a_late_payment_with_stock_that_is_there() {
    let host = with_hold().await;
    host.let_hold_expire().await;
    host.report(paid("psp_1")).await.unwrap_err();
    let before = host.last_attempt().await.reservation.id;
    settle(&host, charged()).await;
    let attempt = host.last_attempt().await;
    assert_eq!(
        (attempt.status(), host.state().await),
        (AttemptStatus::Approved, "completed")
    );
    assert_ne!(
        attempt.reservation.id, before,
        "a release of the hold that is repeated leaves it"
    );
    assert_eq!(host.placed().await.status(), OrderStatus::Confirmed);
    host.report(paid("psp_1")).await.unwrap();
}

#[tokio::test]
async fn an_operator_makes_the_order_of_a_late_payment_without_stock_for_review() {
    let host = with_hold().await;
    host.let_hold_expire().await;
    host.sell_out();
    settle(&host, charged()).await;
    assert_eq!(host.placed().await.status(), OrderStatus::ManualReview);
    assert_eq!(
        host.kinds().await,
        [DiscrepancyKind::OutcomeUnknown, DiscrepancyKind::Oversold]
    );
    host.restock();
}

#[tokio::test]
async fn an_operator_says_that_nothing_was_paid() {
    let host = with_hold().await;
    host.let_hold_expire().await;
    settle(&host, KnownOutcome::NotCharged).await;
    assert_eq!(
        (host.state().await, host.last_attempt().await.status()),
        ("open", AttemptStatus::Declined)
    );
    host.hold(question(&session_id())).await.unwrap();
    host.report(paid("psp_1")).await.unwrap();
    assert_eq!(host.state().await, "completed");
}

#[tokio::test]
async fn a_refusal_or_a_cancel_ends_a_hold_whose_time_is_over() {
    let host = with_hold().await;
    host.let_hold_expire().await;
    host.report(refused("psp_1")).await.unwrap();
    assert_eq!(
        (host.state().await, host.last_attempt().await.status()),
        ("open", AttemptStatus::Declined)
    );
    let host = with_hold().await;
    host.let_hold_expire().await;
    assert_eq!(body(&host.cancel_held().await.unwrap()), "canceled");
    assert_eq!(host.last_attempt().await.status(), AttemptStatus::Failed);
}

#[tokio::test]
async fn a_commit_after_the_time_of_the_hold_holds_anew() {
    let host = with_hold().await;
    host.let_hold_expire().await;
    assert_eq!(body(&host.hold(question(&session_id())).await.unwrap()), "held");
    let statuses: Vec<_> = host
        .attempts(&session_id())
        .await
        .iter()
        .map(|it| it.status())
        .collect();
    assert_eq!(statuses, [AttemptStatus::Failed, AttemptStatus::Awaiting]);
    host.report(paid("psp_1")).await.unwrap();
    assert_eq!(host.placed().await.status(), OrderStatus::Confirmed);
}
