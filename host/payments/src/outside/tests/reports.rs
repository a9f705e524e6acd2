//! Finalize, from every state of a session.

use tillhouse_checkout::attempt::{AttemptState, AttemptStatus, Paid};
use tillhouse_checkout::decision::OrderIdentity;
use tillhouse_checkout::discrepancy::DiscrepancyKind;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::{ProcessorReference, SessionId};
use tillhouse_checkout::order::OrderStatus;
use tillhouse_checkout::outside_payment::{HoldRequest, OutsidePayment};
use tillhouse_checkout::ports::{MessageFilter, OperatorQueries};
use tillhouse_checkout::session::SessionState;

use super::{creation_of, paid, party, question, refused, session_id, with_hold, with_session};
use crate::testing::{recorder, usd};

#[tokio::test]
async fn a_payment_of_a_held_session_makes_its_order_once() {
    let host = with_hold().await;
    let shown = host.last_attempt().await.order;
    for _ in 0..2 {
        host.report(paid("psp_1")).await.unwrap();
    }
    let (order, attempt) = (host.placed().await, host.last_attempt().await);
    assert_eq!(
        (order.id.as_str(), order.status()),
        (shown.id.as_str(), OrderStatus::Confirmed)
    );
    let charge = Paid::Charge(ProcessorReference::new("psp_1"));
    assert!(matches!(attempt.state, AttemptState::Approved { paid, .. } if paid == charge));
    assert!(host.discrepancies().await.is_empty());
    let filter = MessageFilter {
        limit: 10,
        ..MessageFilter::default()
    };
    assert_eq!(
        host.store.list_messages(&filter).await.unwrap().len(),
        1,
        "the plugin is told once"
    );
}

#[tokio::test]
async fn a_payment_without_a_reference_or_an_amount_is_taken_as_it_is() {
    let host = with_hold().await;
    let bare = OutsidePayment {
        reference: None,
        amount: None,
        ..paid("")
    };
    for _ in 0..2 {
        host.report(bare.clone()).await.unwrap();
    }
    let attempt = host.last_attempt().await;
    assert!(matches!(
        attempt.state,
        AttemptState::Approved {
            paid: Paid::Unreferenced,
            ..
        }
    ));
    assert!(host.discrepancies().await.is_empty());
}

#[tokio::test]
async fn a_payment_of_an_open_session_makes_its_order_if_there_is_stock() {
    let host = with_session().await;
    host.report(paid("psp_1")).await.unwrap();
    assert_eq!(host.placed().await.status(), OrderStatus::Confirmed);
    assert!(!host.last_attempt().await.history.without_stock);
    assert!(host.discrepancies().await.is_empty());
}

#[tokio::test]
async fn a_payment_of_an_open_session_without_stock_makes_an_order_to_review() {
    let host = with_session().await;
    host.sell_out();
    for _ in 0..2 {
        host.report(paid("psp_1")).await.unwrap();
    }
    assert_eq!(host.placed().await.status(), OrderStatus::ManualReview);
    assert_eq!(host.kinds().await, [DiscrepancyKind::Oversold]);
}

#[tokio::test]
async fn a_payment_of_a_session_that_was_refused_for_stock_is_not_lost() {
    let host = with_session().await;
    host.shop.set(|shop| shop.offer.available = Some(0));
    host.hold(question(&session_id())).await.unwrap_err();
    host.report(paid("psp_1")).await.unwrap();
    assert_eq!(host.placed().await.status(), OrderStatus::ManualReview);
    assert_eq!(host.kinds().await, [DiscrepancyKind::Oversold]);
}

#[tokio::test]
async fn an_open_session_is_paid_at_the_total_that_was_shown() {
    let host = with_session().await;
    host.shop.set(|shop| shop.price = 1200);
    host.report(paid("psp_1")).await.unwrap();
    assert_eq!(host.placed().await.total, usd(1000));
}

#[tokio::test]
async fn a_payment_whose_order_cannot_be_identified_is_kept_until_it_can() {
    let host = with_session().await;
    let broken = OrderIdentity {
        id: String::new(),
        number: None,
        permalink: "https://shop.example/orders/1".into(),
        confirmation: None,
    };
    host.shop.set(|shop| shop.identity = Some(broken));
    let answer = host.report(paid("psp_1")).await;
    assert!(matches!(answer, Err(CheckoutError::Contract(_))), "{answer:?}");
    assert_eq!(host.kinds().await, [DiscrepancyKind::ChargedWithoutOrder]);
    host.shop.set(|shop| shop.identity = None);
    host.report(paid("psp_1")).await.unwrap();
    assert_eq!(host.placed().await.status(), OrderStatus::Confirmed);
}

#[tokio::test]
async fn a_report_that_a_crash_interrupted_is_taken_again() {
    let host = with_session().await;
    let (held, party) = (host.held().await, party());
    let begun = host.payments.paying().hold_paid(&held, &party, "adyen");
    Box::pin(begun).await.unwrap();
    assert_eq!(host.state().await, "held");
    let host = host.restarted().await;
    host.report(paid("psp_1")).await.unwrap();
    assert_eq!(host.placed().await.status(), OrderStatus::Confirmed);
    assert!(host.discrepancies().await.is_empty());
}

#[tokio::test]
async fn another_amount_than_was_held_makes_no_order_and_is_for_the_operator() {
    for host in [with_session().await, with_hold().await] {
        let before = host.state().await;
        let other = OutsidePayment {
            amount: Some(usd(900)),
            ..paid("psp_1")
        };
        for _ in 0..2 {
            let answer = host.report(other.clone()).await;
            assert!(
                matches!(answer, Err(CheckoutError::PaidAmountDiffers { paid, due }) if (paid, due) == (usd(900), usd(1000))),
                "{answer:?}"
            );
        }
        assert_eq!(host.state().await, before);
        assert_eq!(host.kinds().await, [DiscrepancyKind::AmountDiffers]);
    }
}

#[tokio::test]
async fn a_second_payment_of_an_order_is_for_the_operator() {
    let host = with_hold().await;
    host.report(paid("psp_1")).await.unwrap();
    for _ in 0..2 {
        host.report(paid("psp_2")).await.unwrap();
    }
    let found = host.discrepancies().await;
    assert_eq!(found.len(), 1);
    assert_eq!(
        (&found[0].kind, found[0].subject.as_str()),
        (&DiscrepancyKind::PaidTwice, "psp_2")
    );
    assert_eq!(found[0].attempt, Some(host.last_attempt().await.id));
}

#[tokio::test]
async fn a_payment_after_the_end_of_a_session_is_for_the_operator() {
    for (is_held, end) in [(false, "canceled"), (true, "canceled"), (false, "expired")] {
        let host = if is_held {
            with_hold().await
        } else {
            with_session().await
        };
        if end == "canceled" {
            host.cancel_held().await.unwrap();
        } else {
            host.clock.advance(std::time::Duration::from_secs(3600));
        }
        for _ in 0..2 {
            let answer = host.report(paid("psp_1")).await;
            assert!(
                matches!(answer, Err(CheckoutError::PaidAfterEnd { state }) if state == end),
                "{answer:?}"
            );
        }
        assert_eq!(host.kinds().await, [DiscrepancyKind::PaidAfterEnd]);
        assert!(host.held().await.order().is_none());
    }
}

#[tokio::test]
async fn a_refused_payment_opens_the_session_again_and_releases_its_stock() {
    let host = with_hold().await;
    for _ in 0..2 {
        host.report(refused("psp_1")).await.unwrap();
    }
    let session = host.held().await;
    assert_eq!(session.state, SessionState::Open);
    let message = session.last_payment_error.unwrap();
    assert_eq!(message.code.as_deref(), Some("payment_declined"));
    assert_eq!(host.last_attempt().await.status(), AttemptStatus::Declined);
    host.hold(question(&session_id())).await.unwrap();
    host.report(paid("psp_2")).await.unwrap();
    assert_eq!(host.state().await, "completed");
    assert!(host.discrepancies().await.is_empty());
}

#[tokio::test]
async fn a_refusal_of_the_payment_that_made_the_order_is_for_the_operator() {
    let host = with_hold().await;
    host.report(paid("psp_1")).await.unwrap();
    host.report(refused("psp_2")).await.unwrap();
    assert!(host.discrepancies().await.is_empty(), "another try");
    host.report(refused("psp_1")).await.unwrap();
    assert_eq!(host.kinds().await, [DiscrepancyKind::MissingAtProcessor]);
    assert_eq!(host.state().await, "completed");
}

#[tokio::test]
async fn a_reference_pays_one_checkout_only() {
    let host = with_hold().await;
    host.report(paid("psp_1")).await.unwrap();
    let other = SessionId::new("adyen_2");
    let outside = host.payments.outside();
    Box::pin(outside.upsert(creation_of(&other), recorder())).await.unwrap();
    let second = HoldRequest {
        session: other.clone(),
        ..question(&other)
    };
    host.hold(second).await.unwrap();
    let report = OutsidePayment {
        session: other.clone(),
        ..paid("psp_1")
    };
    let answer = host.report(report.clone()).await;
    assert!(matches!(answer, Err(CheckoutError::PaymentOfAnother)), "{answer:?}");
    assert_eq!(host.kinds().await, [DiscrepancyKind::ReferenceSeen]);
    assert_eq!(
        host.stored(&other).await.state.name(),
        "held",
        "its own payment may still come"
    );
    let own = OutsidePayment {
        reference: Some(ProcessorReference::new("psp_2")),
        ..report
    };
    host.report(own).await.unwrap();
    assert_eq!(host.stored(&other).await.state.name(), "completed");
}
