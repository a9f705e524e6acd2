//! A call whose outcome is not known, because no answer came or a host stopped: it is looked up before it is made again.

use std::time::Instant;

use tillhouse_checkout::refund::RefundStatus;
use tillhouse_checkout::unit_of_work::UnitOfWork;

use super::*;
use crate::Timings;
use crate::testing::{profile_without_key, unavailable};

#[tokio::test]
async fn a_call_without_an_answer_is_looked_up_and_not_made_again() {
    let (host, order) = sold().await;
    let id = ask(&host, &order, "R1", 300).await.unwrap().refund.id;
    prepare(&host, Err(unavailable()));
    assert_eq!(round(&host, &id).await.status(), RefundStatus::Unknown);
    prepare_lookup(&host, Err(unavailable()));
    assert_eq!(round(&host, &id).await.status(), RefundStatus::Unknown);
    prepare_lookup(&host, found());
    assert_eq!(round(&host, &id).await.status(), RefundStatus::Done);
    assert_eq!(host.processor.reversals(), ["refund", "lookup-refund", "lookup-refund"]);
    assert_one_operation(&host, &id);
}

#[tokio::test]
async fn what_the_processor_certainly_does_not_know_is_made_again_under_the_same_key() {
    let (host, order) = sold().await;
    let id = ask(&host, &order, "R1", 300).await.unwrap().refund.id;
    prepare(&host, Ok(RefundOutcome::Unknown));
    round(&host, &id).await;
    // Within the visibility delay, absence proves nothing.
    prepare_lookup(&host, Ok(RefundLookup::Absent));
    assert_eq!(round(&host, &id).await.status(), RefundStatus::Unknown);
    prepare_lookup(&host, Ok(RefundLookup::Absent));
    prepare(&host, refunded());
    assert_eq!(round(&host, &id).await.status(), RefundStatus::Done);
    assert_eq!(
        host.processor.reversals(),
        ["refund", "lookup-refund", "lookup-refund", "refund"]
    );
    assert_one_operation(&host, &id);
}

#[tokio::test]
async fn without_a_key_that_is_kept_it_is_for_an_operator() {
    let (host, order) = sold().await;
    let id = ask(&host, &order, "R1", 300).await.unwrap().refund.id;
    prepare(&host, Ok(RefundOutcome::Unknown));
    round(&host, &id).await;
    host.processor
        .set(|script| script.profile = Some(profile_without_key()));
    prepare_lookup(&host, Ok(RefundLookup::Absent));
    let review = round_after(&host, &id, Duration::from_secs(1800)).await;
    assert_eq!(review.status(), RefundStatus::NeedsReview);
    assert_eq!(discrepancies(&host).await, [DiscrepancyKind::RefundUnknown]);
    // The processor may still find it.
    prepare_lookup(&host, found());
    assert_eq!(round(&host, &id).await.status(), RefundStatus::Done);
}

#[tokio::test]
async fn a_repetition_that_is_declined_does_not_say_what_became_of_the_first_call() {
    let (host, order) = sold().await;
    let id = ask(&host, &order, "R1", 300).await.unwrap().refund.id;
    prepare(&host, Ok(RefundOutcome::Unknown));
    round(&host, &id).await;
    prepare_lookup(&host, Ok(RefundLookup::Absent));
    prepare(&host, Ok(RefundOutcome::Declined("already_refunded".into())));
    assert_eq!(
        round_after(&host, &id, Duration::from_secs(1800)).await.status(),
        RefundStatus::Unknown
    );
    prepare_lookup(&host, found());
    assert_eq!(round(&host, &id).await.status(), RefundStatus::Done);
}

#[tokio::test]
async fn a_host_that_stopped_during_the_call_looks_it_up_first() {
    let (host, order) = sold().await;
    let id = ask(&host, &order, "R1", 300).await.unwrap().refund.id;
    // As if the process had ended between the commit and the answer.
    let holder = host.payments.recovery().holder();
    let leased = host.store.lease_refund(&holder, &id).await.unwrap();
    let sent = leased.unwrap().sent(START);
    let unit = UnitOfWork {
        refund: Some(sent),
        ..UnitOfWork::default()
    };
    host.store.commit(unit).await.unwrap();
    let host = host.restarted().await;
    can_refund(&host);
    prepare_lookup(&host, found());
    assert_eq!(round(&host, &id).await.status(), RefundStatus::Done);
    assert_eq!(host.processor.reversals(), ["lookup-refund"]);
}

#[tokio::test]
async fn another_host_cannot_write_what_this_one_has_leased() {
    let (host, order) = sold().await;
    let id = ask(&host, &order, "R1", 300).await.unwrap().refund.id;
    let holder = host.payments.recovery().holder();
    let former = host.store.lease_refund(&holder, &id).await.unwrap().unwrap();
    assert_eq!(
        host.store.lease_refund(&holder, &id).await.unwrap(),
        None,
        "it is leased"
    );
    let host = host.restarted().await;
    can_refund(&host);
    prepare(&host, refunded());
    assert_eq!(round(&host, &id).await.status(), RefundStatus::Done);
    let late = UnitOfWork {
        refund: Some(former.sent(START)),
        ..UnitOfWork::default()
    };
    assert!(host.store.commit(late).await.is_err());
}

#[tokio::test]
async fn one_reference_of_the_processor_is_one_refund() {
    let (host, order) = sold().await;
    let first = ask(&host, &order, "R1", 100).await.unwrap().refund.id;
    prepare(&host, refunded());
    round(&host, &first).await;
    let second = ask(&host, &order, "R2", 100).await.unwrap().refund.id;
    prepare(&host, refunded());
    assert_eq!(round(&host, &second).await.status(), RefundStatus::NeedsReview);
    assert_eq!(discrepancies(&host).await, [DiscrepancyKind::ReferenceSeen]);
}

/// The host may be paused between the commit and the call, and another may find meanwhile that the processor does not know the refund.
#[tokio::test]
async fn a_call_leaves_before_its_absence_at_the_processor_counts_or_not_at_all() {
    let (host, order) = sold().await;
    let id = ask(&host, &order, "R1", 300).await.unwrap().refund.id;
    prepare(&host, refunded());
    let began = Instant::now();
    round(&host, &id).await;
    let latest = host.processor.read(|script| script.deadlines[0].unwrap());
    let floor = Timings::default().absence_floor;
    assert!(latest >= began + floor && latest <= Instant::now() + floor);
}
