//! What the party is about to take, where that is not what the merchant asks for.

use tillhouse_checkout::discrepancy::DiscrepancyKind;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::money::Money;
use tillhouse_checkout::outside_payment::{AmountDifference, HoldRequest, OutsidePayment};

use super::{paid, question, session_id, with_session};
use crate::testing::usd;

fn about_to_take(minor: i64, difference: AmountDifference) -> HoldRequest {
    HoldRequest {
        expected: Some(usd(minor)),
        difference,
        ..question(&session_id())
    }
}

fn paid_with(amount: Money) -> OutsidePayment {
    OutsidePayment {
        amount: Some(amount),
        ..paid("pi_1")
    }
}

#[tokio::test]
async fn another_amount_is_not_held() {
    for minor in [0, 999, 1001] {
        let host = with_session().await;
        let refused = host.hold(about_to_take(minor, AmountDifference::Refuse)).await;
        assert!(
            matches!(refused, Err(CheckoutError::TotalChanged { .. })),
            "{refused:?}"
        );
        assert!(host.attempts(&session_id()).await.is_empty());
        assert!(host.discrepancies().await.is_empty(), "nothing is paid");
    }
}

#[tokio::test]
async fn where_it_is_reported_the_order_is_of_what_is_taken_and_the_operator_has_the_difference_once() {
    let host = with_session().await;
    for _ in 0..2 {
        host.hold(about_to_take(900, AmountDifference::Report)).await.unwrap();
    }
    assert_eq!(host.last_attempt().await.amount, usd(900));
    assert_eq!(host.kinds().await, [DiscrepancyKind::AmountDiffers]);
    let another = host.report(paid_with(usd(1000))).await;
    assert!(
        matches!(another, Err(CheckoutError::PaidAmountDiffers { .. })),
        "{another:?}"
    );
    host.report(paid_with(usd(900))).await.unwrap();
    assert_eq!(host.placed().await.total, usd(900));
}

#[tokio::test]
async fn what_is_due_is_held_whatever_is_done_of_differences() {
    for difference in [AmountDifference::Refuse, AmountDifference::Report] {
        let host = with_session().await;
        host.hold(about_to_take(1000, difference)).await.unwrap();
        assert_eq!(host.last_attempt().await.amount, usd(1000));
        assert!(host.discrepancies().await.is_empty());
    }
}
