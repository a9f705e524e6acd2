//! Payments that take their time: the buyer has paid, and the money comes later or not at all.

use std::time::Duration;

use tillhouse_checkout::attempt::AttemptStatus;
use tillhouse_checkout::discrepancy::DiscrepancyKind;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::outside_payment::{OutsidePayment, OutsideResult};
use tillhouse_checkout::session::SessionState;
use tillhouse_checkout::time::{Clock, Timestamp};

use super::{HOLD, paid, question, refused, session_id, with_hold, with_session};
use crate::testing::{TestHost, usd};

const DAY: Duration = Duration::from_secs(86_400);

fn pending(time: Duration) -> OutsidePayment {
    OutsidePayment {
        result: OutsideResult::Pending(time),
        ..paid("pi_1")
    }
}

/// Until when the session and its attempt say that the stock is held.
async fn held_until(host: &TestHost) -> Timestamp {
    let until = host.last_attempt().await.held_until().unwrap();
    let SessionState::Held { until: shown, .. } = host.held().await.state else {
        panic!("it is not held")
    };
    assert_eq!(shown, until);
    until
}

#[tokio::test]
async fn the_stock_is_held_from_the_report_on_and_never_for_less_than_before() {
    let host = with_hold().await;
    let begun = held_until(&host).await;
    host.report(pending(Duration::from_secs(1))).await.unwrap();
    assert_eq!(held_until(&host).await, begun, "a shorter time takes nothing away");
    host.clock.advance(HOLD / 2);
    for _ in 0..2 {
        host.report(pending(DAY)).await.unwrap();
        assert_eq!(held_until(&host).await, host.clock.now().after(DAY));
    }
    host.clock.advance(HOLD);
    assert_eq!(host.payments.recovery().run_once().await, 0, "recovery leaves it alone");
    host.report(paid("pi_1")).await.unwrap();
    assert_eq!(host.state().await, "completed");
    assert!(host.discrepancies().await.is_empty());
}

#[tokio::test]
async fn a_longer_hold_ends_by_its_own_time_or_by_a_refusal() {
    let host = with_hold().await;
    host.report(pending(DAY)).await.unwrap();
    host.report(refused("pi_1")).await.unwrap();
    assert_eq!(host.state().await, "open");
    host.hold(question(&session_id())).await.unwrap();
    host.report(pending(DAY)).await.unwrap();
    host.clock.advance(DAY);
    assert_eq!(host.payments.recovery().run_once().await, 1);
    assert_eq!(host.last_attempt().await.status(), AttemptStatus::NeedsReview);
}

#[tokio::test]
async fn a_hold_that_is_over_is_not_begun_again() {
    for recovery_was_first in [true, false] {
        let host = with_hold().await;
        host.clock.advance(HOLD);
        if recovery_was_first {
            assert_eq!(host.payments.recovery().run_once().await, 1);
        }
        host.report(pending(DAY)).await.unwrap();
        assert_eq!(host.last_attempt().await.status(), AttemptStatus::NeedsReview);
        assert_eq!(host.kinds().await, [DiscrepancyKind::OutcomeUnknown]);
        let late = host.report(paid("pi_1")).await;
        assert!(matches!(late, Err(CheckoutError::PaidAfterEnd { .. })), "{late:?}");
    }
}

#[tokio::test]
async fn nothing_is_held_for_a_payment_of_an_open_or_a_paid_session() {
    let host = with_session().await;
    host.report(pending(DAY)).await.unwrap();
    assert_eq!(host.state().await, "open");
    host.report(paid("pi_1")).await.unwrap();
    host.report(pending(DAY)).await.unwrap();
    assert_eq!(host.state().await, "completed");
    assert!(host.discrepancies().await.is_empty());
}

#[tokio::test]
async fn another_amount_is_for_the_operator_before_it_is_paid() {
    let host = with_hold().await;
    let begun = held_until(&host).await;
    let other = OutsidePayment {
        amount: Some(usd(999)),
        ..pending(DAY)
    };
    let differs = host.report(other).await;
    assert!(
        matches!(differs, Err(CheckoutError::PaidAmountDiffers { .. })),
        "{differs:?}"
    );
    assert_eq!(held_until(&host).await, begun);
    assert_eq!(host.kinds().await, [DiscrepancyKind::AmountDiffers]);
}
