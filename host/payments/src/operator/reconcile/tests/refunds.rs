//! Refunds that the ledgers have otherwise.

use super::*;
use crate::operator::reconcile::refunds::{DoneRefunds, compare_charges, difference};
use tillhouse_checkout::decision::{RefundLookup, RefundOutcome};
use tillhouse_checkout::discrepancy::DiscrepancyKind;
use tillhouse_checkout::ids::{OrderId, RefundId};
use tillhouse_checkout::refund::{Refund, RefundState};

/// When the refunds of these tests were done.
const DONE: Timestamp = Timestamp(SENT.0 + 300_000);

fn refund(name: &str, minor: i64) -> Refund {
    let attempt = ours(Approved);
    Refund {
        id: RefundId::of(&attempt.id, name),
        name: name.into(),
        merchant: attempt.merchant,
        session: attempt.session,
        order: OrderId::new("order-1"),
        attempt: attempt.id,
        charge: ProcessorReference::new("ch_1"),
        destination: None,
        amount: Money {
            amount: Amount::new(minor).unwrap(),
            ..attempt.amount
        },
        lines: Vec::new(),
        reason: None,
        code: None,
        asked: SENT,
        state: RefundState::Done {
            reference: "re_1".into(),
            settled: DONE,
        },
        retry: RetrySchedule::default(),
        epoch: 0,
    }
}

#[test]
fn a_charge_is_refunded_as_a_whole_in_both_ledgers_or_in_none() {
    let later = DONE.after(INVISIBLE);
    for (refunds, state, visible_since, differs) in [
        (&[4598][..], "refunded", later, false),
        (&[4000, 598], "refunded", later, false),
        (&[], "captured", later, false),
        (&[598], "captured", later, false),
        (&[], "refunded", later, true),
        (&[4000], "refunded", later, true),
        (&[4598], "captured", later, true),
        // It may not be listed yet.
        (&[4598], "captured", DONE.before(INVISIBLE), false),
    ] {
        let done = refunds.iter().enumerate();
        let done = done.map(|(number, minor)| refund(&format!("R{number}"), *minor));
        let done = DoneRefunds::of(done.collect());
        let found = compare_charges(
            &window(),
            visible_since,
            &[theirs("ch_1", state)],
            &[ours(Approved)],
            &done,
        );
        let kinds: Vec<_> = found.into_iter().map(|it| it.kind).collect();
        let expected = if differs {
            vec![DiscrepancyKind::RefundDiffers]
        } else {
            Vec::new()
        };
        assert_eq!(kinds, expected, "{refunds:?} {state}");
    }
}

#[test]
fn a_refund_that_was_done_here_is_done_there_under_the_same_reference() {
    let found = RefundLookup::Found;
    for (there, expected) in [
        (found(RefundOutcome::Refunded("re_1".into())), None),
        (found(RefundOutcome::Unknown), None),
        (found(RefundOutcome::Refunded("re_2".into())), Some("refunded as re_2")),
        (found(RefundOutcome::Pending("re_1".into())), Some("pending as re_1")),
        (
            found(RefundOutcome::Declined("failed".into())),
            Some("declined with failed"),
        ),
        (RefundLookup::Absent, Some("unknown")),
    ] {
        let expected = expected.map(|what| format!("refunded here as re_1, and {what} there"));
        assert_eq!(difference(&refund("R1", 100), &there), expected);
    }
}
