//! Answers that decide nothing, and until when a call may leave.

use std::time::Instant;

use super::*;
use crate::Timings;

#[tokio::test]
async fn a_repeated_refund_that_is_declined_is_looked_up() {
    let (host, id) = voiding(false, true).await;
    let declined = || RefundOutcome::Declined("already_refunded".into());
    prepare_refunds(&host, [Ok(RefundOutcome::Unknown), Ok(declined())]);
    round(&host, &id).await;
    prepare_refund_lookup(&host, Err(unsupported()));
    let waiting = round(&host, &id).await;
    assert_eq!(
        (waiting.status(), waiting.history.reversal.map(|sent| sent.call)),
        (AttemptStatus::Voiding, Some(ReversalCall::Refund)),
        "the first call may have arrived"
    );
    prepare_refund_lookup(&host, Ok(RefundLookup::Found(declined())));
    assert_eq!(round(&host, &id).await.status(), AttemptStatus::NeedsReview);
    assert_eq!(
        host.processor.reversals(),
        ["refund", "lookup-refund", "refund", "lookup-refund"]
    );
}

#[tokio::test]
async fn a_refund_without_a_reference_settles_nothing() {
    let (host, id) = voiding(false, true).await;
    prepare_refunds(&host, [Ok(RefundOutcome::Refunded(String::new()))]);
    assert_eq!(round(&host, &id).await.status(), AttemptStatus::Voiding);
    prepare_refund_lookup(&host, Ok(RefundLookup::Found(RefundOutcome::Refunded("re_1".into()))));
    assert_eq!(round(&host, &id).await.status(), AttemptStatus::Voided);
}

/// The host may be paused between the commit and the call, and another may find meanwhile that the processor does not know it.
#[tokio::test]
async fn a_call_leaves_before_its_absence_at_the_processor_counts_or_not_at_all() {
    let (host, id) = voiding(true, true).await;
    host.processor
        .set(|script| script.voids.push_back(Ok(VoidOutcome::TooLate)));
    prepare_refunds(&host, [refunded()]);
    let began = Instant::now();
    round(&host, &id).await;
    let floor = Timings::default().absence_floor;
    let deadlines = host.processor.read(|script| script.deadlines.clone());
    assert_eq!(deadlines.len(), 2);
    for latest in deadlines {
        let latest = latest.unwrap();
        assert!(latest >= began + floor && latest <= Instant::now() + floor);
    }
}
