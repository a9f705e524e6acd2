//! Reports that come again, late, or of another payment than the one that is held for.

use tillhouse_checkout::attempt::AttemptStatus;
use tillhouse_checkout::cart::{CartEdit, RequestedItem};
use tillhouse_checkout::discrepancy::DiscrepancyKind;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::{ItemId, ProcessorReference, SessionId};
use tillhouse_checkout::money::Currency;
use tillhouse_checkout::operation::{CreateRequest, ResponseRecorder};
use tillhouse_checkout::outside_payment::{HoldRequest, OutsidePayment};
use tillhouse_checkout::ports::WorkQueue;

use super::{HOLD, body, creation_of, paid, party, question, refused, session_id, with_hold, with_session};
use crate::testing::{TestHost, recorder, usd};

fn unreferenced() -> OutsidePayment {
    OutsidePayment {
        reference: None,
        ..paid("")
    }
}

/// Another session, with its hold.
async fn hold_another(host: &TestHost) -> SessionId {
    let other = SessionId::new("adyen_2");
    let outside = host.payments.outside();
    Box::pin(outside.upsert(creation_of(&other), recorder())).await.unwrap();
    host.hold(question(&other)).await.unwrap();
    other
}

#[tokio::test]
async fn a_refusal_that_is_reported_again_does_not_end_the_next_hold() {
    let host = with_hold().await;
    host.report(refused("psp_1")).await.unwrap();
    host.hold(question(&session_id())).await.unwrap();
    for _ in 0..2 {
        host.report(refused("psp_1")).await.unwrap();
        assert_eq!(host.state().await, "held");
    }
    host.report(refused("psp_2")).await.unwrap();
    assert_eq!(host.state().await, "open", "this one is of the hold");
    // Only the last word of the party counts.
    host.report(paid("psp_1")).await.unwrap();
    assert_eq!(host.state().await, "completed");
}

#[tokio::test]
async fn a_payment_that_was_reported_without_a_reference_takes_the_one_that_comes_later() {
    let host = with_hold().await;
    host.report(unreferenced()).await.unwrap();
    let settled = host.last_attempt().await.state.settled();
    for report in [paid("psp_1"), paid("psp_1"), unreferenced()] {
        host.report(report).await.unwrap();
        let attempt = host.last_attempt().await;
        assert_eq!(attempt.processor_reference(), Some(&ProcessorReference::new("psp_1")));
        assert_eq!(
            (attempt.status(), attempt.state.settled()),
            (AttemptStatus::Approved, settled)
        );
    }
    assert!(host.discrepancies().await.is_empty());
    host.report(paid("psp_2")).await.unwrap();
    assert_eq!(host.kinds().await, [DiscrepancyKind::PaidTwice]);
}

#[tokio::test]
async fn a_reference_of_another_checkout_is_not_taken_later_either() {
    let host = with_hold().await;
    host.report(unreferenced()).await.unwrap();
    let other = hold_another(&host).await;
    let of_other = OutsidePayment {
        session: other,
        ..paid("psp_1")
    };
    host.report(of_other).await.unwrap();
    let answer = host.report(paid("psp_1")).await;
    assert!(matches!(answer, Err(CheckoutError::PaymentOfAnother)), "{answer:?}");
    assert_eq!(host.kinds().await, [DiscrepancyKind::ReferenceSeen]);
    assert_eq!(host.last_attempt().await.processor_reference(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_references_that_come_later_at_once_one_is_another_payment() {
    for _ in 0..20 {
        let host = std::sync::Arc::new(with_hold().await);
        host.report(unreferenced()).await.unwrap();
        let reports = ["psp_1", "psp_2"].map(|reference| {
            let host = std::sync::Arc::clone(&host);
            tokio::spawn(async move { host.report(paid(reference)).await })
        });
        for report in reports {
            report.await.unwrap().unwrap();
        }
        assert_eq!(host.kinds().await, [DiscrepancyKind::PaidTwice]);
    }
}

#[tokio::test]
async fn a_payment_of_another_checkout_does_not_keep_an_open_session_from_its_own() {
    let host = with_hold().await;
    host.report(paid("psp_1")).await.unwrap();
    let other = SessionId::new("adyen_2");
    let outside = host.payments.outside();
    Box::pin(outside.upsert(creation_of(&other), recorder())).await.unwrap();
    let of_first = OutsidePayment {
        session: other.clone(),
        ..paid("psp_1")
    };
    let answer = host.report(of_first).await;
    assert!(matches!(answer, Err(CheckoutError::PaymentOfAnother)), "{answer:?}");
    assert_eq!(host.kinds().await, [DiscrepancyKind::ReferenceSeen]);
    assert_eq!(host.stored(&other).await.state.name(), "open");
    host.hold(question(&other)).await.unwrap();
    let attempt = host.attempts(&other).await.pop().unwrap();
    assert!(!attempt.history.without_stock);
}

#[tokio::test]
async fn a_commit_after_a_report_that_a_crash_interrupted_holds_stock_and_assesses_its_risk() {
    let host = with_session().await;
    let (open, party) = (host.held().await, party());
    let begun = host.payments.paying().hold_paid(&open, &party, "adyen");
    Box::pin(begun).await.unwrap();
    let host = host.restarted().await;
    assert_eq!(body(&host.hold(question(&session_id())).await.unwrap()), "held");
    assert!(!host.last_attempt().await.history.without_stock);
    assert_eq!(host.shop.state().assessed.len(), 1);
    host.report(paid("psp_1")).await.unwrap();
    assert_eq!(host.state().await, "completed");
    assert!(host.discrepancies().await.is_empty());
}

#[tokio::test]
async fn a_payment_of_an_unknown_session_is_for_the_operator() {
    let host = TestHost::start();
    for _ in 0..2 {
        let answer = host.report(paid("psp_1")).await;
        assert!(matches!(answer, Err(CheckoutError::UnknownSession(_))), "{answer:?}");
    }
    let found = host.discrepancies().await;
    assert_eq!(found.len(), 1);
    assert_eq!(
        (&found[0].kind, found[0].subject.as_str()),
        (&DiscrepancyKind::ChargedElsewhere, "psp_1")
    );
    host.report(refused("psp_2")).await.unwrap_err();
    assert_eq!(host.discrepancies().await.len(), 1, "no money moved");
}

#[tokio::test]
async fn a_payment_without_an_amount_is_not_taken_for_a_total_that_was_never_shown() {
    let host = with_session().await;
    host.shop.set(|shop| shop.price = 1200);
    host.hold(question(&session_id())).await.unwrap_err();
    assert_eq!(
        host.held().await.total(),
        usd(1200),
        "the session says it, and was not shown since"
    );
    let without = OutsidePayment {
        amount: None,
        ..paid("psp_1")
    };
    let answer = host.report(without.clone()).await;
    assert!(
        matches!(answer, Err(CheckoutError::PaidAmountDiffers { paid, due }) if (paid, due) == (usd(1000), usd(1200))),
        "{answer:?}"
    );
    assert_eq!(host.kinds().await, [DiscrepancyKind::AmountDiffers]);
    host.upsert().await.unwrap();
    host.report(without).await.unwrap();
    assert_eq!(host.placed().await.total, usd(1200));
}

#[tokio::test]
async fn a_lower_total_is_held_only_for_a_party_that_says_what_it_takes() {
    let host = TestHost::with(|merchant| merchant.charges_lower_total = true);
    host.upsert().await.unwrap();
    host.shop.set(|shop| shop.price = 900);
    let answer = host.hold(question(&session_id())).await;
    assert!(matches!(answer, Err(CheckoutError::TotalChanged { .. })), "{answer:?}");
    assert_eq!(host.state().await, "open");
    let host = TestHost::with(|merchant| merchant.charges_lower_total = true);
    host.upsert().await.unwrap();
    host.shop.set(|shop| shop.price = 900);
    let lower = HoldRequest {
        expected: Some(usd(900)),
        ..question(&session_id())
    };
    host.hold(lower).await.unwrap();
    assert_eq!(host.last_attempt().await.amount, usd(900));
}

#[tokio::test]
async fn what_recovery_read_before_a_late_report_does_not_undo_it() {
    let host = with_hold().await;
    host.let_hold_expire().await;
    let seen = host.last_attempt().await;
    let holder = host.payments.recovery().holder();
    let leased = host.store.lease_attempt(&holder, &seen.id).await.unwrap().unwrap();
    let answer = host.report(paid("psp_1")).await;
    assert!(
        matches!(answer, Err(CheckoutError::InFlight)),
        "it comes again: {answer:?}"
    );
    host.payments.recovery().wait_with(&leased).await;
    host.report(paid("psp_1")).await.unwrap_err();
    let attempt = host.last_attempt().await;
    assert!(attempt.history.paid_late);
    assert_eq!(attempt.processor_reference(), Some(&ProcessorReference::new("psp_1")));
}

#[tokio::test]
async fn a_request_that_is_at_fault_by_itself_releases_no_hold() {
    let host = with_hold().await;
    let other_currency = CreateRequest {
        currency: Some(Currency::new("eur").unwrap()),
        ..creation_of(&session_id())
    };
    let nothing = CreateRequest {
        edit: CartEdit {
            items: Some(vec![RequestedItem {
                item: ItemId::new("i"),
                quantity: 0,
            }]),
            ..CartEdit::default()
        },
        ..creation_of(&session_id())
    };
    for request in [other_currency, nothing] {
        let answer = Box::pin(host.payments.outside().upsert(request, recorder())).await;
        assert!(
            matches!(answer, Err(CheckoutError::Currency { .. } | CheckoutError::Cart(_))),
            "{answer:?}"
        );
        assert_eq!(host.state().await, "held");
    }
}

#[tokio::test]
async fn a_hold_is_not_released_after_the_caller_was_told_that_there_was_no_time() {
    let host = with_hold().await;
    let late = || {
        let recorder = ResponseRecorder { ..recorder() };
        assert!(recorder.deadline.give_up());
        recorder
    };
    let outside = host.payments.outside();
    let changed = Box::pin(outside.upsert(creation_of(&session_id()), late())).await;
    let other = HoldRequest {
        billing: Some(crate::testing::address("US")),
        ..question(&session_id())
    };
    let held = Box::pin(outside.hold(other, late())).await;
    let canceled = Box::pin(outside.release(&party(), &session_id(), late())).await;
    for answer in [changed, held, canceled] {
        assert!(matches!(answer, Err(CheckoutError::DeadlineExceeded(_))), "{answer:?}");
        assert_eq!(host.state().await, "held");
    }
    host.clock.advance(HOLD / 2);
    host.report(paid("psp_1")).await.unwrap();
    assert_eq!(host.state().await, "completed");
}
