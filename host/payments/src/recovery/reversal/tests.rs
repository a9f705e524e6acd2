//! What happens to a charge that must not stand, whatever the processor answers and wherever the host stops.

mod events;
mod undecided;

use std::time::Duration;

use tillhouse_checkout::attempt::{Attempt, AttemptState, AttemptStatus, ReversalCall};
use tillhouse_checkout::decision::{
    ProcessorCapabilities, ProcessorIdempotency, ProcessorProfile, RefundLookup, RefundOutcome, VoidLookup, VoidOutcome,
};
use tillhouse_checkout::discrepancy::DiscrepancyKind;
use tillhouse_checkout::ids::{AttemptId, ProcessorReference};
use tillhouse_checkout::ports::{DecisionError, OperatorQueries, Store};
use tillhouse_checkout::time::Clock;
use tillhouse_checkout::unit_of_work::UnitOfWork;

use crate::testing::{TestHost, profile, unavailable, unsupported};

/// A host with an attempt whose charge has to be reversed, at a processor that can do this.
async fn voiding(void: bool, refund: bool) -> (TestHost, AttemptId) {
    let host = TestHost::start();
    host.processor.set(|script| {
        script.capabilities = ProcessorCapabilities {
            void,
            refund,
            ..ProcessorCapabilities::default()
        };
        script.profile = Some(profile());
    });
    let state = AttemptState::Voiding {
        charge: ProcessorReference::new("ch_1"),
        reason: "no order".into(),
    };
    let id = host.with_attempt(state).await;
    (host, id)
}

/// One round of recovery, once the attempt is due; returns the attempt after it.
async fn round(host: &TestHost, id: &AttemptId) -> Attempt {
    host.clock.advance(Duration::from_secs(600));
    assert_eq!(host.payments.recovery().run_once().await, 1, "the attempt is due");
    host.attempt(id).await
}

fn prepare_refunds(host: &TestHost, answers: impl IntoIterator<Item = Result<RefundOutcome, DecisionError>>) {
    host.processor.set(|script| script.refunds.extend(answers));
}

fn prepare_refund_lookup(host: &TestHost, answer: Result<RefundLookup, DecisionError>) {
    host.processor.set(|script| script.refund_lookups.push_back(answer));
}

fn prepare_void_lookup(host: &TestHost, answer: Result<VoidLookup, DecisionError>) {
    host.processor.set(|script| script.void_lookups.push_back(answer));
}

fn pending() -> Result<RefundOutcome, DecisionError> {
    Ok(RefundOutcome::Pending("re_1".into()))
}

fn refunded() -> Result<RefundOutcome, DecisionError> {
    Ok(RefundOutcome::Refunded("re_1".into()))
}

/// Every call of one kind was the same operation, under the same key.
fn assert_one_operation_each(host: &TestHost) {
    let calls = host.processor.read(|script| script.reversals.clone());
    for (name, id, key) in &calls {
        assert_eq!(id, "pa_1", "{calls:?}");
        let verb = name.strip_prefix("lookup-").unwrap_or(name);
        assert_eq!(*key, format!("charge-{verb}"), "{calls:?}");
    }
}

#[tokio::test]
async fn the_first_call_is_made_without_asking() {
    let (host, id) = voiding(true, true).await;
    host.processor
        .set(|script| script.voids.push_back(Ok(VoidOutcome::Voided)));
    let ended = round(&host, &id).await;
    assert_eq!(
        (ended.status(), ended.reason()),
        (AttemptStatus::Voided, Some("voided"))
    );
    assert_eq!(host.processor.reversals(), ["void"]);
}

#[tokio::test]
async fn a_void_that_comes_too_late_is_a_refund() {
    let (host, id) = voiding(true, true).await;
    host.processor
        .set(|script| script.voids.push_back(Ok(VoidOutcome::TooLate)));
    prepare_refunds(&host, [refunded()]);
    let ended = round(&host, &id).await;
    assert_eq!(
        (ended.status(), ended.reason()),
        (AttemptStatus::Voided, Some("refunded with re_1"))
    );
    assert_eq!(host.processor.reversals(), ["void", "refund"]);
    assert_one_operation_each(&host);
}

#[tokio::test]
async fn a_void_whose_outcome_is_unknown_is_looked_up_before_it_is_repeated() {
    for (found, voids, refunds, calls) in [
        (
            Ok(VoidLookup::Found(VoidOutcome::Voided)),
            vec![],
            vec![],
            &["void", "lookup-void"][..],
        ),
        (
            Ok(VoidLookup::Found(VoidOutcome::TooLate)),
            vec![],
            vec![refunded()],
            &["void", "lookup-void", "refund"],
        ),
        (
            Err(unsupported()),
            vec![Ok(VoidOutcome::Voided)],
            vec![],
            &["void", "lookup-void", "void"],
        ),
    ] {
        let (host, id) = voiding(true, true).await;
        host.processor
            .set(|script| script.voids.push_back(Ok(VoidOutcome::Unknown)));
        assert_eq!(round(&host, &id).await.status(), AttemptStatus::Voiding);
        host.processor.set(|script| {
            script.void_lookups.push_back(found);
            script.voids.extend(voids);
            script.refunds.extend(refunds);
        });
        assert_eq!(round(&host, &id).await.status(), AttemptStatus::Voided);
        assert_eq!(host.processor.reversals(), calls);
        assert_one_operation_each(&host);
    }
}

#[tokio::test]
async fn a_void_that_cannot_be_looked_up_waits() {
    let (host, id) = voiding(true, true).await;
    host.processor.set(|script| {
        script.voids.push_back(Err(unavailable()));
        script.void_lookups.push_back(Err(unavailable()));
    });
    round(&host, &id).await;
    let waiting = round(&host, &id).await;
    assert_eq!(
        (waiting.status(), waiting.history.reversal.map(|sent| sent.call)),
        (AttemptStatus::Voiding, Some(ReversalCall::Void))
    );
    prepare_void_lookup(&host, Ok(VoidLookup::Found(VoidOutcome::Unknown)));
    assert_eq!(round(&host, &id).await.status(), AttemptStatus::Voiding);
    assert_eq!(host.processor.reversals(), ["void", "lookup-void", "lookup-void"]);
}

/// A round is shorter than the time in which a call may be invisible, and two are longer.
#[tokio::test]
async fn a_call_that_the_processor_does_not_know_is_made_again_once_it_cannot_be_invisible_any_more() {
    for has_void in [true, false] {
        let (host, id) = voiding(has_void, !has_void).await;
        host.processor.set(|script| {
            script.voids = [Ok(VoidOutcome::Unknown), Ok(VoidOutcome::Voided)].into();
            script.void_lookups = [Ok(VoidLookup::Absent), Ok(VoidLookup::Absent)].into();
            script.refunds = [Ok(RefundOutcome::Unknown), refunded()].into();
            script.refund_lookups = [Ok(RefundLookup::Absent), Ok(RefundLookup::Absent)].into();
        });
        round(&host, &id).await;
        let (call, lookup) = if has_void {
            ("void", "lookup-void")
        } else {
            ("refund", "lookup-refund")
        };
        let early = round(&host, &id).await;
        let why = format!("the processor does not know the {call} yet");
        assert_eq!(early.reason(), Some(why.as_str()));
        assert_eq!(host.processor.reversals(), [call, lookup]);
        assert_eq!(round(&host, &id).await.status(), AttemptStatus::Voided);
        assert_eq!(host.processor.reversals(), [call, lookup, lookup, call]);
        assert_one_operation_each(&host);
    }
}

#[tokio::test]
async fn a_declared_visibility_delay_above_the_floor_is_waited_for() {
    let (host, id) = voiding(false, true).await;
    host.processor.set(|script| {
        script.profile = Some(ProcessorProfile {
            visibility_delay_s: 1500,
            ..profile()
        });
    });
    prepare_refunds(&host, [Ok(RefundOutcome::Unknown), refunded()]);
    round(&host, &id).await;
    for status in [AttemptStatus::Voiding, AttemptStatus::Voiding, AttemptStatus::Voided] {
        prepare_refund_lookup(&host, Ok(RefundLookup::Absent));
        assert_eq!(round(&host, &id).await.status(), status);
    }
}

#[tokio::test]
async fn a_call_that_may_have_arrived_is_never_made_again_without_a_key_that_the_processor_knows() {
    let short_lived = ProcessorIdempotency {
        key_life_s: 600,
        ..profile().idempotency.unwrap()
    };
    for (idempotency, why) in [
        (None, "the processor's plugin declares no idempotency"),
        (Some(short_lived), "its idempotency key has expired"),
    ] {
        for (is_looked_up, has_void) in [(true, true), (true, false), (false, true), (false, false)] {
            let (host, id) = voiding(has_void, !has_void).await;
            host.processor.set(|script| {
                script.profile = Some(ProcessorProfile {
                    idempotency: idempotency.clone(),
                    ..profile()
                });
                script.voids = [Ok(VoidOutcome::Unknown)].into();
                script.refunds = [Ok(RefundOutcome::Unknown)].into();
            });
            round(&host, &id).await;
            let prepare = || {
                let absent = |is_looked_up: bool| is_looked_up.then_some(()).ok_or_else(unsupported);
                prepare_void_lookup(&host, absent(is_looked_up).map(|()| VoidLookup::Absent));
                prepare_refund_lookup(&host, absent(is_looked_up).map(|()| RefundLookup::Absent));
            };
            prepare();
            let mut review = round(&host, &id).await;
            if is_looked_up {
                assert_eq!(review.status(), AttemptStatus::Voiding, "it may be invisible");
                prepare();
                review = round(&host, &id).await;
            }
            assert_eq!(review.status(), AttemptStatus::NeedsReview);
            let call = if has_void { "void" } else { "refund" };
            let why = format!("the {call} may have arrived and is not made again: {why}");
            assert_eq!(review.reason(), Some(why.as_str()));
            let calls = host.processor.reversals();
            assert_eq!(calls.iter().filter(|name| **name == call).count(), 1, "{calls:?}");
            assert!(review.history.reversal.is_some(), "asked about if it is reversed again");
        }
    }
}

#[tokio::test]
async fn a_refund_that_is_found_settles_the_attempt() {
    for first in [pending(), Ok(RefundOutcome::Unknown), Err(unavailable())] {
        let (host, id) = voiding(false, true).await;
        prepare_refunds(&host, [first]);
        assert_eq!(round(&host, &id).await.status(), AttemptStatus::Voiding);
        prepare_refund_lookup(&host, Ok(RefundLookup::Found(RefundOutcome::Refunded("re_1".into()))));
        let ended = round(&host, &id).await;
        assert_eq!(
            (ended.status(), ended.reason()),
            (AttemptStatus::Voided, Some("refunded with re_1"))
        );
        assert_eq!(host.processor.reversals(), ["refund", "lookup-refund"]);
    }
}

#[tokio::test]
async fn a_refund_that_is_not_decided_waits_and_is_not_repeated() {
    let (host, id) = voiding(false, true).await;
    prepare_refunds(&host, [pending()]);
    round(&host, &id).await;
    for found in [
        Ok(RefundLookup::Found(RefundOutcome::Pending("re_1".into()))),
        Ok(RefundLookup::Found(RefundOutcome::Unknown)),
        Err(unavailable()),
    ] {
        prepare_refund_lookup(&host, found);
        let waiting = round(&host, &id).await;
        assert_eq!(waiting.status(), AttemptStatus::Voiding);
        assert!(waiting.retry.next.is_some());
    }
    let calls = host.processor.reversals();
    assert_eq!(calls, ["refund", "lookup-refund", "lookup-refund", "lookup-refund"]);
}

#[tokio::test]
async fn a_refund_that_cannot_be_looked_up_is_made_again_as_the_same_operation() {
    let (host, id) = voiding(true, true).await;
    host.processor
        .set(|script| script.voids.push_back(Ok(VoidOutcome::TooLate)));
    prepare_refunds(&host, [Ok(RefundOutcome::Unknown), refunded()]);
    round(&host, &id).await;
    prepare_refund_lookup(&host, Err(unsupported()));
    assert_eq!(round(&host, &id).await.status(), AttemptStatus::Voided);
    assert_eq!(
        host.processor.reversals(),
        ["void", "refund", "lookup-refund", "refund"]
    );
    assert_one_operation_each(&host);
}

#[tokio::test]
async fn a_refund_that_was_declined_needs_an_operator_whether_it_is_answered_or_found() {
    for is_found in [false, true] {
        let (host, id) = voiding(false, true).await;
        let declined = || RefundOutcome::Declined("insufficient_balance".into());
        if is_found {
            prepare_refunds(&host, [pending()]);
            round(&host, &id).await;
            prepare_refund_lookup(&host, Ok(RefundLookup::Found(declined())));
        } else {
            prepare_refunds(&host, [Ok(declined())]);
        }
        let review = round(&host, &id).await;
        assert_eq!(review.status(), AttemptStatus::NeedsReview);
        assert_eq!(review.reason(), Some("the refund was declined: insufficient_balance"));
        assert_eq!(review.history.reversal, None, "nothing of it can still arrive");
        let kinds: Vec<_> = host
            .store
            .list_discrepancies(10)
            .await
            .unwrap()
            .into_iter()
            .map(|it| it.kind)
            .collect();
        assert_eq!(kinds, [DiscrepancyKind::CannotReverse]);
    }
}

/// The host stops after the call was sent: its answer is lost with it.
#[tokio::test]
async fn after_a_crash_the_processor_is_asked_before_a_call_is_made_again() {
    let (host, id) = voiding(false, true).await;
    let leased = host
        .payments
        .recovery()
        .lease(&host.attempt(&id).await)
        .await
        .unwrap()
        .unwrap();
    let unit = UnitOfWork {
        attempt: Some(leased.reversing(ReversalCall::Refund, host.clock.now())),
        ..UnitOfWork::default()
    };
    host.store.commit(unit).await.unwrap();
    assert_eq!(
        host.payments.recovery().run_once().await,
        0,
        "the lease is kept for the call"
    );

    let host = host.restarted().await;
    host.processor.set(|script| script.capabilities.refund = true);
    prepare_refund_lookup(&host, Ok(RefundLookup::Found(RefundOutcome::Refunded("re_1".into()))));
    assert_eq!(round(&host, &id).await.status(), AttemptStatus::Voided);
    assert_eq!(host.processor.reversals(), ["lookup-refund"]);
}

#[tokio::test]
async fn a_host_that_has_lost_its_lease_makes_no_call() {
    let (host, id) = voiding(false, true).await;
    let stale = host.attempt(&id).await;
    host.payments.recovery().lease(&stale).await.unwrap().unwrap();
    Box::pin(host.payments.recovery().reverse(stale)).await.unwrap_err();
    assert_eq!(host.processor.reversals(), [""; 0]);
}
