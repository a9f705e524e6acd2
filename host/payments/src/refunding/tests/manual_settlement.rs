//! Refunds whose outcome an operator enters.

use tillhouse_checkout::refund::RefundStatus;

use super::*;
use crate::refunding::manual_settlement::{KnownRefund, SettleRefundError};
use crate::testing::{unavailable, unsupported};

#[tokio::test]
async fn an_hour_without_an_outcome_needs_an_operator_who_can_settle_it() {
    let (host, order) = sold().await;
    let id = ask(&host, &order, "R1", 300).await.unwrap().refund.id;
    prepare(&host, Err(unavailable()));
    round(&host, &id).await;
    prepare_lookup(&host, Err(unsupported()));
    host.processor.set(|script| script.profile = None);
    let review = round_after(&host, &id, Duration::from_secs(3700)).await;
    assert_eq!(review.status(), RefundStatus::NeedsReview);
    assert_eq!(discrepancies(&host).await, [DiscrepancyKind::RefundUnknown]);
    let known = KnownRefund::Refunded("acq_re_7".into());
    let settled = host
        .payments
        .refunding()
        .settle_manually(&id, known.clone(), entry)
        .await;
    let settled = settled.unwrap();
    assert_eq!(
        (settled.status(), settled.state.reference()),
        (RefundStatus::Done, Some("acq_re_7"))
    );
    let again = host.payments.refunding().settle_manually(&id, known, entry).await;
    assert!(
        matches!(again, Err(SettleRefundError::NotSettleable { .. })),
        "{again:?}"
    );
    assert_eq!(messages_of(&host, MessageKind::ReportRefund).await, 1);
}

#[tokio::test]
async fn an_operator_frees_the_money_of_a_refund_that_was_not_made() {
    let (host, order) = sold().await;
    let id = ask(&host, &order, "R1", 300).await.unwrap().refund.id;
    prepare(&host, Ok(RefundOutcome::Unknown));
    round(&host, &id).await;
    let settled = host
        .payments
        .refunding()
        .settle_manually(&id, KnownRefund::NotRefunded, entry);
    assert_eq!(settled.await.unwrap().status(), RefundStatus::Declined);
    let all = host.payments.refunding().ask(request(&order, "R2", None), entry).await;
    assert_eq!(all.unwrap().refund.amount, order.total);
    assert_eq!(messages_of(&host, MessageKind::ReportRefund).await, 0);
}

#[tokio::test]
async fn what_contradicts_the_ledger_is_not_settled_and_stays_in_the_audit_log() {
    let (host, order) = sold().await;
    let first = ask(&host, &order, "R1", 100).await.unwrap().refund.id;
    prepare(&host, refunded());
    round(&host, &first).await;
    let second = ask(&host, &order, "R2", 100).await.unwrap().refund.id;
    prepare(&host, Ok(RefundOutcome::Unknown));
    round(&host, &second).await;
    let before = host.store.audit_log(0, 100).await.unwrap().len();
    let refunding = host.payments.refunding();
    let nameless = KnownRefund::Refunded(String::new());
    let refused = refunding.settle_manually(&second, nameless, entry).await;
    assert!(matches!(refused, Err(SettleRefundError::NoReference)), "{refused:?}");
    let of_another = KnownRefund::Refunded("acq_re_1".into());
    let refused = refunding.settle_manually(&second, of_another, entry).await;
    let Err(SettleRefundError::Contradicted(now)) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(now.status(), RefundStatus::NeedsReview);
    assert_eq!(discrepancies(&host).await, [DiscrepancyKind::ReferenceSeen]);
    assert_eq!(host.store.audit_log(0, 100).await.unwrap().len(), before + 1);
}
