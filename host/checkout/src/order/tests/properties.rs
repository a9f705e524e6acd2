//! Random histories of an order: whatever is applied or refused, what holds for every order holds after it.

use proptest::prelude::*;

use super::*;

fn lines() -> impl Strategy<Value = Vec<(&'static str, u32)>> {
    prop::collection::vec((prop::sample::select(vec!["a", "b", "c"]), 0_u32..4), 0..3)
}

fn step() -> impl Strategy<Value = OrderChangeKind> {
    let id = || prop::sample::select(vec!["1", "2", "3"]);
    let status = prop::sample::select(vec!["processing", "shipped", "delivered", "failed", "canceled"]);
    let kind = prop::sample::select(vec!["refund", "return", "cancellation", "credit", "dispute"]);
    let outcome = prop::sample::select(vec!["pending", "completed", "failed"]);
    let stated = prop::sample::select(OrderStatus::ALL.to_vec());
    prop_oneof![
        4 => (id(), status, lines()).prop_map(|(id, status, lines)| parcel(id, status, &lines)),
        4 => (id(), kind, outcome, lines(), prop::option::of(0_i64..5000))
            .prop_map(|(id, kind, outcome, lines, amount)| adjustment(id, kind, outcome, &lines, amount)),
        1 => Just(delivered(&[])),
        1 => stated.prop_map(OrderChangeKind::Status),
    ]
}

fn check(before: &Order, after: &Order) {
    assert_eq!(after.revision(), before.revision() + 1);
    for line in after.lines() {
        assert!(
            line.fulfilled <= line.dispatched && line.dispatched <= line.current,
            "{line:?}"
        );
        assert!(line.current <= line.ordered, "{line:?}");
    }
    assert!(after.adjusted().unwrap().amount <= after.total.amount);
    assert!(after.refunded().amount <= after.adjusted().unwrap().amount);
    let ids = |order: &Order| {
        let fulfillments = order
            .progress
            .fulfillments
            .iter()
            .map(|it| (it.id.clone(), it.kind.clone()));
        let adjustments = order
            .progress
            .adjustments
            .iter()
            .map(|it| (it.id.clone(), it.kind.clone()));
        (fulfillments.collect::<Vec<_>>(), adjustments.collect::<Vec<_>>())
    };
    let ((old, old_money), (new, new_money)) = (ids(before), ids(after));
    assert!(
        new.starts_with(&old) && new_money.starts_with(&old_money),
        "ids are stable"
    );
    let events = |order: &Order| {
        order
            .progress
            .fulfillments
            .iter()
            .map(|it| it.events.clone())
            .collect::<Vec<_>>()
    };
    for (old, new) in events(before).iter().zip(events(after)) {
        assert!(new.starts_with(old), "the log of events only grows");
    }
    let same = (
        &after.id,
        &after.session,
        &after.attempt,
        after.total,
        &after.progress.lines,
    );
    assert_eq!(
        same,
        (
            &before.id,
            &before.session,
            &before.attempt,
            before.total,
            &before.progress.lines
        )
    );
}

proptest! {
    #[test]
    fn every_revision_keeps_what_holds_for_an_order(steps in prop::collection::vec(step(), 0..30)) {
        let mut now = order();
        for (n, what) in steps.into_iter().enumerate() {
            let change = change(&n.to_string(), what);
            if let Ok(Some(next)) = now.apply(&change) {
                check(&now, &next);
                prop_assert_eq!(next.apply(&change), Ok(None));
                let stored = serde_json::to_string(&next).unwrap();
                prop_assert_eq!(&serde_json::from_str::<Order>(&stored).unwrap(), &next);
                now = next;
            }
        }
    }
}
