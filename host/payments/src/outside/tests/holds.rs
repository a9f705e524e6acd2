//! Commit: what is held, and what prevents it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tillhouse_checkout::attempt::AttemptStatus;
use tillhouse_checkout::deadline::Deadline;
use tillhouse_checkout::decision::RiskDecision;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::operation::{CheckoutResponse, ResponseRecorder};
use tillhouse_checkout::outside_payment::HoldRequest;
use tillhouse_checkout::payer::Payer;
use tillhouse_checkout::session::SessionState;
use tillhouse_checkout::time::Clock;

use super::{HOLD, body, paid, party, question, session_id, with_hold, with_session};
use crate::testing::{Gate, address, key, recorder, usd};

#[tokio::test]
async fn a_hold_reserves_and_identifies_the_order_and_charges_nothing() {
    let host = with_hold().await;
    let (session, attempt) = (host.held().await, host.last_attempt().await);
    let SessionState::Held {
        attempt: id,
        order,
        until,
    } = &session.state
    else {
        panic!("{:?}", session.state);
    };
    assert_eq!((id, order.as_ref()), (&attempt.id, &attempt.order));
    assert_eq!(*until, host.clock.now().after(HOLD));
    assert_eq!((attempt.status(), attempt.amount), (AttemptStatus::Awaiting, usd(1000)));
    let payer = Payer::Elsewhere {
        provider: "adyen".into(),
    };
    assert_eq!(attempt.payer, payer);
    assert_eq!(host.shop.state().assessed.len(), 1);
    assert_eq!(host.payments.recovery().run_once().await, 0, "it is left to itself");
    assert_eq!(host.processor.read(|script| script.status_calls.len()), 0);
}

#[tokio::test]
async fn a_repeated_commit_answers_the_same_and_asks_the_plugin_nothing() {
    let host = with_hold().await;
    let before = host.held().await;
    for expected in [None, Some(usd(1000))] {
        let again = HoldRequest {
            expected,
            ..question(&session_id())
        };
        assert_eq!(body(&host.hold(again).await.unwrap()), "held");
    }
    assert_eq!(host.held().await, before);
    assert_eq!(host.shop.state().drafts.len(), 1);
}

#[tokio::test]
async fn a_commit_of_another_amount_than_ours_is_refused_and_holds_nothing() {
    let host = with_session().await;
    let other = HoldRequest {
        expected: Some(usd(999)),
        ..question(&session_id())
    };
    let refused = host.hold(other.clone()).await;
    assert!(
        matches!(refused, Err(CheckoutError::TotalChanged { .. })),
        "{refused:?}"
    );
    assert_eq!(
        (host.state().await, host.attempts(&session_id()).await.len()),
        ("open", 0)
    );
    // The right amount is what the session was shown to cost.
    host.hold(question(&session_id())).await.unwrap();
    let refused = host.hold(other).await;
    assert!(
        matches!(refused, Err(CheckoutError::TotalChanged { .. })),
        "{refused:?}"
    );
    assert_eq!(host.state().await, "held");
}

#[tokio::test]
async fn a_price_that_changed_since_it_was_shown_is_refused_until_the_session_is_shown_again() {
    let host = with_session().await;
    host.shop.set(|shop| shop.price = 1200);
    for _ in 0..2 {
        let refused = host.hold(question(&session_id())).await;
        assert!(
            matches!(refused, Err(CheckoutError::TotalChanged { .. })),
            "{refused:?}"
        );
    }
    assert_eq!(host.held().await.total(), usd(1200), "the session shows it");
    host.upsert().await.unwrap();
    host.hold(question(&session_id())).await.unwrap();
    assert_eq!(host.last_attempt().await.amount, usd(1200));
}

#[tokio::test]
async fn a_billing_address_that_changes_the_tax_is_another_price() {
    let host = with_session().await;
    let german = HoldRequest {
        billing: Some(address("DE")),
        ..question(&session_id())
    };
    let refused = host.hold(german).await;
    assert!(
        matches!(refused, Err(CheckoutError::TotalChanged { .. })),
        "{refused:?}"
    );
    assert_eq!(host.state().await, "open");
}

#[tokio::test]
async fn risk_rules_and_missing_stock_hold_nothing() {
    for decision in [RiskDecision::Block("no".into()), RiskDecision::Challenge("3ds".into())] {
        let host = with_session().await;
        host.shop.set(|shop| shop.risk = decision);
        let refused = host.hold(question(&session_id())).await;
        assert!(
            matches!(&refused, Err(CheckoutError::Declined { code }) if code == "risk"),
            "{refused:?}"
        );
        assert_eq!(
            (host.state().await, host.attempts(&session_id()).await.len()),
            ("open", 0)
        );
    }
    let host = with_session().await;
    host.sell_out();
    host.shop.set(|shop| shop.offer.available = Some(0));
    let refused = host.hold(question(&session_id())).await;
    assert!(
        matches!(refused, Err(CheckoutError::NotReady(_) | CheckoutError::OutOfStock)),
        "{refused:?}"
    );
    assert_eq!(
        (host.state().await, host.attempts(&session_id()).await.len()),
        ("open", 0)
    );
}

#[tokio::test]
async fn a_commit_with_other_details_replaces_the_hold() {
    let host = with_hold().await;
    let billed = HoldRequest {
        billing: Some(address("US")),
        ..question(&session_id())
    };
    assert_eq!(body(&host.hold(billed.clone()).await.unwrap()), "held");
    let attempts = host.attempts(&session_id()).await;
    let statuses: Vec<_> = attempts.iter().map(|attempt| attempt.status()).collect();
    assert_eq!(statuses, [AttemptStatus::Failed, AttemptStatus::Awaiting]);
    assert_eq!(attempts[0].order, attempts[1].order, "the order that was shown stays");
    assert_eq!(body(&host.hold(billed).await.unwrap()), "held");
    assert_eq!(host.attempts(&session_id()).await.len(), 2);
}

#[tokio::test]
async fn a_commit_of_a_completed_session_is_answered_if_it_is_the_same_payment() {
    let host = with_hold().await;
    host.report(paid("psp_1")).await.unwrap();
    assert_eq!(body(&host.hold(question(&session_id())).await.unwrap()), "completed");
    let other = HoldRequest {
        expected: Some(usd(1)),
        ..question(&session_id())
    };
    let refused = host.hold(other).await;
    assert!(
        matches!(refused, Err(CheckoutError::InvalidState { .. })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn nothing_is_held_after_the_caller_was_told_that_there_was_no_time() {
    let host = Arc::new(with_session().await);
    let gate = Gate::default();
    host.shop.set(|shop| shop.gate = Some(gate.clone()));
    let recorder = ResponseRecorder {
        deadline: Deadline::answering(Some(Instant::now() + Duration::from_secs(5))),
        ..recorder()
    };
    let (deadline, at_work) = (recorder.deadline.clone(), Arc::clone(&host));
    let work = tokio::spawn(async move {
        let hold = at_work.payments.outside().hold(question(&session_id()), recorder);
        Box::pin(hold).await
    });
    gate.reached.notified().await;
    assert!(deadline.give_up());
    gate.opened.notify_one();
    let late = work.await.unwrap();
    assert!(matches!(late, Err(CheckoutError::DeadlineExceeded(_))), "{late:?}");
    assert_eq!(
        (host.state().await, host.attempts(&session_id()).await.len()),
        ("open", 0)
    );
}

#[tokio::test]
async fn the_answer_to_a_commit_is_recorded_with_the_hold() {
    let host = with_session().await;
    let keyed = || ResponseRecorder {
        key: Some(key("commit")),
        ..recorder()
    };
    let outside = host.payments.outside();
    let first = Box::pin(outside.hold(question(&session_id()), keyed())).await.unwrap();
    assert_eq!(body(&first), "held");
    Box::pin(outside.release(&party(), &session_id(), recorder()))
        .await
        .unwrap();
    host.payments
        .context
        .store()
        .idempotency(&key("commit").scope, host.clock.now())
        .await
        .unwrap()
        .unwrap();
    assert!(matches!(first, CheckoutResponse::Fresh(_)));
}
