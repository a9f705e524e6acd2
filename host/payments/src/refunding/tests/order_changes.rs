//! Refunds of an order that changes meanwhile: by the merchant's own system, or by another refund.

use std::sync::atomic::{AtomicBool, Ordering};

use tillhouse_checkout::decision::Adjustment;
use tillhouse_checkout::order::{ChangeSource, OrderChange, OrderChangeKind, OrderWrite};
use tillhouse_checkout::refund::{RefundBalanceError, RefundStatus};
use tillhouse_checkout::unit_of_work::UnitOfWork;

use super::*;

/// The merchant's own system has given so much back.
fn refunded_elsewhere(order: &Order, minor: i64) -> UnitOfWork {
    let change = OrderChange {
        source: ChangeSource::Notice,
        id: "n1".into(),
        at: START,
        what: OrderChangeKind::Adjusted(Box::new(Adjustment {
            id: "dashboard-1".into(),
            kind: "refund".into(),
            status: "completed".into(),
            lines: Vec::new(),
            amount: Some(usd(minor)),
            reason: None,
            code: None,
            at: START,
        })),
    };
    let changed = order.apply(&change).unwrap().unwrap();
    UnitOfWork {
        order: Some(OrderWrite::next(order, changed)),
        ..UnitOfWork::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_back_elsewhere_while_a_refund_is_asked_for_is_not_refunded_again() {
    let (host, order) = sold().await;
    let all = order.total.amount.minor();
    let is_told = AtomicBool::new(false);
    // The audit entry is made after the order was read, and before the refund is committed.
    let entry_after_change = |refund: &Refund| {
        if !is_told.swap(true, Ordering::SeqCst) {
            let unit = refunded_elsewhere(&order, all - 100);
            let commit = host.store.commit(unit);
            tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(commit)).unwrap();
        }
        entry(refund)
    };
    let whole = request(&order, "R1", Some(order.total));
    let refused = host.payments.refunding().ask(whole, entry_after_change).await;
    assert!(
        matches!(refused, Err(AskRefundError::Amount(RefundBalanceError::Exceeded { left, .. })) if left == usd(100)),
        "{refused:?}"
    );
    assert_eq!(refunds(&host, &order).await, []);
    let rest = host.payments.refunding().ask(request(&order, "R2", None), entry).await;
    assert_eq!(rest.unwrap().refund.amount, usd(100));
}

#[tokio::test]
async fn one_reference_of_the_processor_is_one_refund_also_of_two_that_are_settled_at_once() {
    let (host, order) = sold().await;
    for name in ["R1", "R2"] {
        ask(&host, &order, name, 100).await.unwrap();
        prepare(&host, refunded());
    }
    assert_eq!(host.payments.recovery().run_once().await, 2);
    let mut states: Vec<_> = refunds(&host, &order)
        .await
        .iter()
        .map(|it| it.status().name())
        .collect();
    states.sort_unstable();
    assert_eq!(states, [RefundStatus::Done.name(), RefundStatus::NeedsReview.name()]);
    assert_eq!(discrepancies(&host).await, [DiscrepancyKind::ReferenceSeen]);
}
