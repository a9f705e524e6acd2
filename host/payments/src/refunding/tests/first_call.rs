//! A refund that a store may have lost after it was sent: it is looked up once the processor may have forgotten its key.

use tillhouse_checkout::refund::RefundStatus;

use super::*;
use crate::testing::{unavailable, unsupported};

/// Longer than the processor keeps an idempotency key.
const AFTER_KEY_LIFE: Duration = Duration::from_secs(25 * 3600);

/// A refund that is asked for when the keys of the day of the payment may have expired.
async fn asked_late() -> (TestHost, RefundId) {
    let (host, order) = sold().await;
    host.clock.advance(AFTER_KEY_LIFE);
    let id = ask(&host, &order, "R1", 300).await.unwrap().refund.id;
    (host, id)
}

#[tokio::test]
async fn a_refund_that_the_processor_has_already_is_not_made_again() {
    for (outcome, status) in [
        (RefundOutcome::Refunded("acq_re_1".into()), RefundStatus::Done),
        (RefundOutcome::Pending("acq_re_1".into()), RefundStatus::Pending),
        (RefundOutcome::Declined("too_old".into()), RefundStatus::Declined),
        (RefundOutcome::Unknown, RefundStatus::Unknown),
    ] {
        let (host, id) = asked_late().await;
        prepare_lookup(&host, Ok(RefundLookup::Found(outcome)));
        assert_eq!(round(&host, &id).await.status(), status);
        assert_eq!(host.processor.reversals(), ["lookup-refund"], "{status:?}");
        assert_one_operation(&host, &id);
    }
}

#[tokio::test]
async fn a_refund_that_the_processor_does_not_have_is_made() {
    for answer in [Ok(RefundLookup::Absent), Err(unsupported())] {
        let (host, id) = asked_late().await;
        prepare_lookup(&host, answer);
        prepare(&host, refunded());
        assert_eq!(round(&host, &id).await.status(), RefundStatus::Done);
        assert_eq!(host.processor.reversals(), ["lookup-refund", "refund"]);
    }
}

#[tokio::test]
async fn without_an_answer_nothing_is_sent_and_it_is_looked_up_again() {
    let (host, id) = asked_late().await;
    prepare_lookup(&host, Err(unavailable()));
    assert_eq!(round(&host, &id).await.status(), RefundStatus::Asked);
    assert_eq!(host.processor.reversals(), ["lookup-refund"]);
    // Its lease ends with the host.
    let host = host.restarted().await;
    can_refund(&host);
    prepare_lookup(&host, found());
    assert_eq!(round(&host, &id).await.status(), RefundStatus::Done);
    assert_eq!(host.processor.reversals(), ["lookup-refund"]);
}

#[tokio::test]
async fn while_every_key_since_the_payment_is_kept_it_is_sent_at_once() {
    let (host, order) = sold().await;
    host.clock.advance(Duration::from_secs(22 * 3600));
    let id = ask(&host, &order, "R1", 300).await.unwrap().refund.id;
    prepare(&host, refunded());
    assert_eq!(round(&host, &id).await.status(), RefundStatus::Done);
    assert_eq!(host.processor.reversals(), ["refund"]);
}

#[tokio::test]
async fn a_refund_that_the_processor_had_and_forgets_is_not_made_again() {
    for outcome in [RefundOutcome::Pending("acq_re_1".into()), RefundOutcome::Unknown] {
        let (host, id) = asked_late().await;
        prepare_lookup(&host, Ok(RefundLookup::Found(outcome)));
        round(&host, &id).await;
        for _ in 0..3 {
            prepare_lookup(&host, Ok(RefundLookup::Absent));
            round_after(&host, &id, Duration::from_secs(1800)).await;
        }
        assert_eq!(stored(&host, &id).await.status(), RefundStatus::NeedsReview);
        assert!(!host.processor.reversals().contains(&"refund"));
    }
}
