//! Refusals that do not name their payment: they never end a newer hold than the one that they are of.

use tillhouse_checkout::discrepancy::DiscrepancyKind;
use tillhouse_checkout::money::Money;
use tillhouse_checkout::outside_payment::{OutsidePayment, OutsideResult};

use super::sessions::with_two;
use super::{paid, question, refused, session_id, with_hold};
use crate::testing::{TestHost, recorder, usd};

fn unnamed(amount: Option<Money>) -> OutsidePayment {
    OutsidePayment {
        reference: None,
        amount,
        ..refused("")
    }
}

/// The same session is held once more.
async fn held_again(host: &TestHost) {
    host.hold(question(&session_id())).await.unwrap();
    assert_eq!(host.state().await, "held");
}

#[tokio::test]
async fn the_only_hold_is_ended() {
    let host = with_hold().await;
    host.report(unnamed(None)).await.unwrap();
    assert_eq!(host.state().await, "open");
    assert!(host.discrepancies().await.is_empty());
}

#[tokio::test]
async fn one_that_may_be_of_an_earlier_hold_is_for_the_operator_once_and_ends_none() {
    for amount in [None, Some(usd(1000))] {
        let host = with_hold().await;
        host.report(unnamed(amount)).await.unwrap();
        held_again(&host).await;
        for _ in 0..2 {
            host.report(unnamed(amount)).await.unwrap();
            assert_eq!(host.state().await, "held");
        }
        assert_eq!(host.kinds().await, [DiscrepancyKind::OutcomeUnknown]);
        host.report(paid("psp_2")).await.unwrap();
        assert_eq!(host.state().await, "completed");
    }
}

#[tokio::test]
async fn an_amount_that_only_one_hold_has_names_it() {
    let host = with_hold().await;
    let outside = host.payments.outside();
    Box::pin(outside.upsert(with_two(), recorder())).await.unwrap();
    held_again(&host).await;
    host.report(unnamed(Some(usd(1000)))).await.unwrap();
    assert_eq!(host.state().await, "held", "it is of the first");
    host.report(refused("psp_1")).await.unwrap();
    assert_eq!(host.state().await, "held", "so is this one, by its amount");
    host.report(unnamed(Some(usd(2000)))).await.unwrap();
    assert_eq!(host.state().await, "open", "it is of the second");
    assert!(host.discrepancies().await.is_empty());
}

#[tokio::test]
async fn a_checkout_that_is_over_at_the_party_ends_whatever_is_held() {
    let host = with_hold().await;
    host.report(refused("psp_1")).await.unwrap();
    held_again(&host).await;
    let over = OutsidePayment {
        result: OutsideResult::Over("expired".into()),
        ..unnamed(Some(usd(1000)))
    };
    for _ in 0..2 {
        host.report(over.clone()).await.unwrap();
        assert_eq!(host.state().await, "open");
    }
    assert!(host.discrepancies().await.is_empty());
}
