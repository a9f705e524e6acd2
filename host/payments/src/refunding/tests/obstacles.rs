//! A refund that must not be sent now: an operator has to look, and it goes on once the obstacle is gone.

use tillhouse_checkout::refund::RefundStatus;

use super::*;

#[tokio::test]
async fn a_refund_goes_to_the_processor_that_made_the_charge_and_to_no_other() {
    let (host, order) = sold().await;
    let id = ask(&host, &order, "R1", 300).await.unwrap().refund.id;
    host.processor
        .set(|script| script.destination = Some("other-processor".into()));
    assert_eq!(round(&host, &id).await.status(), RefundStatus::NeedsReview);
    assert_eq!(host.processor.reversals(), [""; 0]);
    assert_eq!(discrepancies(&host).await, [DiscrepancyKind::ProcessorChanged]);
    host.processor.set(|script| script.destination = None);
    prepare(&host, refunded());
    assert_eq!(
        round_after(&host, &id, Duration::from_secs(4 * 3600)).await.status(),
        RefundStatus::Done
    );
}

#[tokio::test]
async fn a_processor_that_refunds_no_more_is_not_called() {
    let (host, order) = sold().await;
    let id = ask(&host, &order, "R1", 300).await.unwrap().refund.id;
    host.processor.set(|script| script.capabilities.refund = false);
    assert_eq!(round(&host, &id).await.status(), RefundStatus::NeedsReview);
    assert_eq!(host.processor.reversals(), [""; 0]);
    assert_eq!(discrepancies(&host).await, [DiscrepancyKind::RefundUnknown]);
}
