//! Attempts that another party pays, and the sessions that are held for them.

use std::time::Duration;

use tillhouse_checkout::attempt::AttemptStatus::{self, *};
use tillhouse_checkout::attempt::{Attempt, AttemptState, Paid, RetrySchedule};
use tillhouse_checkout::decision::OrderIdentity;
use tillhouse_checkout::ids::{MerchantId, ProcessorReference};
use tillhouse_checkout::payer::Payer;
use tillhouse_checkout::ports::CommitError;
use tillhouse_checkout::session::{Session, SessionState};
use tillhouse_checkout::time::Timestamp;
use tillhouse_checkout::unit_of_work::UnitOfWork;

use super::Subject;
use super::fixtures::*;

/// When the holds of these tests are over.
fn end() -> Timestamp {
    START.after(Duration::from_secs(900))
}

fn awaiting(id: &str, session: &str) -> Attempt {
    let attempt = attempt(id, session, Awaiting);
    Attempt {
        payer: Payer::Elsewhere {
            provider: "adyen".into(),
        },
        state: AttemptState::Awaiting { until: end() },
        order: OrderIdentity {
            id: format!("order-{id}"),
            ..attempt.order.clone()
        },
        retry: RetrySchedule {
            tries: 0,
            next: Some(end()),
        },
        ..attempt
    }
}

fn paid(attempt: &Attempt, paid: Paid) -> Attempt {
    Attempt {
        state: AttemptState::Approved { paid, settled: START },
        retry: RetrySchedule::default(),
        ..attempt.clone()
    }
}

pub(crate) async fn a_hold_is_left_alone_until_its_time_is_over(subject: &Subject) {
    let held = awaiting("pa_1", "cs_1");
    subject.commit(insert_attempt(held.clone())).await;
    assert_eq!(subject.store.attempt(&held.id).await.unwrap(), Some(held.clone()));
    let before = Timestamp(end().0 - 1);
    let due = async |now| subject.store.lease_attempts(&host("a"), now, &[], 10).await.unwrap();
    assert_eq!(due(before).await, []);
    let leased = due(end()).await;
    assert_eq!(leased.len(), 1);
    // The lease ends with the write that leaves it to the operator, who may come from any host.
    let over = leased[0].hold_over("not reported", end(), end());
    let over = over.into_attempt();
    subject.commit(replace_attempt(over.clone(), Awaiting)).await;
    let again = subject
        .store
        .lease_attempt(&host("b"), &held.id)
        .await
        .unwrap()
        .unwrap();
    assert!(again.history.without_stock);
    let late = again.paid_late(None, "late", end(), end()).into_attempt();
    subject.commit(replace_attempt(late, NeedsReview)).await;
    let stored = subject.store.attempt(&held.id).await.unwrap().unwrap();
    assert!(stored.history.paid_late);
}

/// What another party takes is settled by its word and never charged or reversed here, whichever code attempts it.
pub(crate) async fn a_payment_of_another_party_moves_only_where_it_may(subject: &Subject) {
    for (n, from) in [Awaiting, NeedsReview, Approved, Failed].into_iter().enumerate() {
        for (m, to) in AttemptStatus::ALL.into_iter().enumerate() {
            let of = |status| {
                let held = awaiting(&format!("pa_{n}_{m}"), &format!("cs_{n}_{m}"));
                match status {
                    Awaiting => held,
                    Approved => paid(&held, Paid::Unreferenced),
                    _ => in_state(&held, status),
                }
            };
            subject.commit(insert_attempt(of(from))).await;
            let moved = subject.store.commit(replace_attempt(of(to), from)).await;
            let expected = match from {
                // A payment that takes its time is held longer.
                Awaiting => matches!(to, Awaiting | Approved | Declined | Failed | NeedsReview),
                NeedsReview => matches!(to, Approved | Declined | Failed | NeedsReview),
                // A payment that was reported without a reference takes the one that comes later.
                Approved => matches!(to, Approved),
                _ => false,
            };
            assert_eq!(moved.is_ok(), expected, "{from:?} -> {to:?}: {moved:?}");
        }
    }
}

pub(crate) async fn a_hold_ends_in_the_unit_that_begins_the_next(subject: &Subject) {
    let (first, second) = (awaiting("pa_1", "cs_1"), awaiting("pa_2", "cs_1"));
    subject.commit(insert_attempt(first.clone())).await;
    let instead = |ended: AttemptStatus| UnitOfWork {
        ended_attempt: replace_attempt(in_state(&first, ended), Awaiting).attempt.map(Box::new),
        ..insert_attempt(second.clone())
    };
    // The former does not move to such a state, so that the next does not begin.
    let refused = subject.refused(instead(Charging)).await;
    assert!(matches!(refused, CommitError::Attempt), "{refused:?}");
    assert_eq!(subject.store.attempt(&second.id).await.unwrap(), None);
    subject.commit(instead(Failed)).await;
    let all = subject.store.attempts_of(&merchant(), &first.session).await.unwrap();
    let seen: Vec<_> = all.iter().map(|it| (it.id.as_str(), it.status())).collect();
    assert_eq!(seen, [("pa_1", Failed), ("pa_2", Awaiting)]);
    let again = subject.refused(instead(Failed)).await;
    assert!(matches!(again, CommitError::Attempt), "{again:?}");
}

pub(crate) async fn a_reference_of_another_party_pays_one_attempt(subject: &Subject) {
    let charge = || Paid::Charge(ProcessorReference::new("psp_1"));
    for (id, session) in [("pa_1", "cs_1"), ("pa_2", "cs_2"), ("pa_3", "cs_3")] {
        subject.commit(insert_attempt(awaiting(id, session))).await;
    }
    let first = paid(&awaiting("pa_1", "cs_1"), charge());
    subject.commit(replace_attempt(first.clone(), Awaiting)).await;
    assert_eq!(subject.store.attempt(&first.id).await.unwrap(), Some(first));
    let second = paid(&awaiting("pa_2", "cs_2"), charge());
    let seen = subject.refused(replace_attempt(second, Awaiting)).await;
    assert!(matches!(seen, CommitError::ReferenceSeen), "{seen:?}");
    // Without a reference they do not conflict.
    for (id, session) in [("pa_2", "cs_2"), ("pa_3", "cs_3")] {
        let unreferenced = paid(&awaiting(id, session), Paid::Unreferenced);
        subject.commit(replace_attempt(unreferenced.clone(), Awaiting)).await;
        assert_eq!(
            subject.store.attempt(&unreferenced.id).await.unwrap(),
            Some(unreferenced)
        );
    }
}

pub(crate) async fn a_live_attempt_is_found_by_its_order(subject: &Subject) {
    let held = awaiting("pa_1", "cs_1");
    subject.commit(insert_attempt(held.clone())).await;
    let find = async |whose: &MerchantId, order: &str| subject.store.attempt_by_order(whose, order).await.unwrap();
    assert_eq!(find(&merchant(), "order-pa_1").await, Some(held.clone()));
    assert_eq!(find(&merchant(), "order-pa_2").await, None);
    assert_eq!(find(&MerchantId::new("other"), "order-pa_1").await, None);
    subject.commit(replace_attempt(in_state(&held, Failed), Awaiting)).await;
    assert_eq!(find(&merchant(), "order-pa_1").await, None);
}

pub(crate) async fn a_held_session_never_expires_and_may_be_canceled(subject: &Subject) {
    let held = |revision| Session {
        state: SessionState::Held {
            attempt: awaiting("pa_1", "cs_1").id,
            order: Box::new(awaiting("pa_1", "cs_1").order),
            until: end(),
        },
        ..session("cs_1", revision)
    };
    subject.commit(insert_session(session("cs_1", 1))).await;
    subject.commit(replace_session(held(2), 1)).await;
    let stored = subject.store.session(&merchant(), &held(2).id).await.unwrap();
    assert_eq!(stored, Some(held(2)));
    let overdue = subject
        .store
        .overdue_sessions(Timestamp(i64::MAX.unsigned_abs()), 10)
        .await;
    assert_eq!(overdue.unwrap(), []);
    let expired = Session {
        state: SessionState::Expired,
        ..session("cs_1", 3)
    };
    let refused = subject.refused(replace_session(expired, 2)).await;
    assert!(matches!(refused, CommitError::Session), "{refused:?}");
    let canceled = Session {
        state: SessionState::Canceled,
        ..session("cs_1", 3)
    };
    subject.commit(replace_session(canceled, 2)).await;
}

/// What another party reports later is found by its reference of the charge, among the payments of the merchant.
pub(crate) async fn an_attempt_is_found_by_the_reference_of_its_charge(subject: &Subject) {
    let found = async |merchant: &MerchantId, reference: &str| {
        let reference = ProcessorReference::new(reference);
        subject.store.attempt_by_charge(merchant, &reference).await.unwrap()
    };
    let held = awaiting("pa_1", "cs_1");
    subject.commit(insert_attempt(held.clone())).await;
    assert_eq!(found(&merchant(), "pi_1").await, None, "it is not paid yet");
    let settled = paid(&held, Paid::Charge(ProcessorReference::new("pi_1")));
    subject.commit(replace_attempt(settled.clone(), Awaiting)).await;
    let theirs = Attempt {
        merchant: MerchantId::new("other"),
        ..awaiting("pa_2", "cs_1")
    };
    subject.commit(insert_attempt(theirs.clone())).await;
    let theirs_settled = paid(&theirs, Paid::Charge(ProcessorReference::new("pi_1")));
    subject.commit(replace_attempt(theirs_settled.clone(), Awaiting)).await;
    assert_eq!(found(&merchant(), "pi_1").await.map(|it| it.id), Some(held.id));
    assert_eq!(
        found(&MerchantId::new("other"), "pi_1").await.map(|it| it.id),
        Some(theirs.id)
    );
    for absent in ["pi_2", "PI_1", "pi_", ""] {
        assert_eq!(found(&merchant(), absent).await, None, "{absent}");
    }
    assert_eq!(found(&MerchantId::new("third"), "pi_1").await, None);
}
