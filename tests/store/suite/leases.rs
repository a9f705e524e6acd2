//! Leases of attempts: which attempts need work, and which host may do it.

use tillhouse_checkout::attempt::AttemptStatus::{self, Approved, Charging, Reserved, Resolving, Unknown, Voiding};
use tillhouse_checkout::attempt::{Attempt, RetrySchedule};
use tillhouse_checkout::ids::{AttemptId, MerchantId};
use tillhouse_checkout::lease::LeaseHolder;
use tillhouse_checkout::order::OrderWrite;
use tillhouse_checkout::ports::CommitError;
use tillhouse_checkout::time::Timestamp;

use super::Subject;
use super::fixtures::*;

async fn claim(subject: &Subject, by: &LeaseHolder) -> Vec<Attempt> {
    subject.store.lease_attempts(by, START, &[], 10).await.unwrap()
}

/// Polls until the lease has expired and this holder has leased the attempt.
async fn take_over(subject: &Subject, by: &LeaseHolder, id: &AttemptId) -> Attempt {
    loop {
        if let Some(attempt) = subject.store.lease_attempt(by, id).await.unwrap() {
            return attempt;
        }
        tokio::task::yield_now().await;
    }
}

fn names(attempts: &[Attempt]) -> Vec<&str> {
    attempts.iter().map(|it| it.id.as_str()).collect()
}

fn due_at(id: &str, at: Timestamp) -> Attempt {
    Attempt {
        retry: RetrySchedule {
            tries: 0,
            next: Some(at),
        },
        ..attempt(id, &format!("cs_{id}"), Unknown)
    }
}

pub(crate) async fn open_attempts_are_claimed_oldest_first(subject: &Subject) {
    for (n, state) in AttemptStatus::ALL.into_iter().enumerate() {
        let mut stored = attempt(&format!("pa_{n}"), &format!("cs_{n}"), state);
        stored.retry.next = Some(Timestamp(START.0 - n as u64));
        subject.commit(insert_attempt(stored)).await;
    }
    let first = subject.store.lease_attempts(&host("a"), START, &[], 2).await.unwrap();
    let rest = claim(subject, &host("a")).await;
    let states: Vec<_> = first.iter().chain(&rest).map(|it| it.status()).collect();
    let open = AttemptStatus::ALL.into_iter().filter(|state| state.is_open());
    let expected: Vec<_> = open.rev().collect();
    assert_eq!(first.len(), 2);
    assert_eq!(states, expected);
}

pub(crate) async fn a_claim_is_exclusive(subject: &Subject) {
    let stored = attempt("pa_1", "cs_1", Unknown);
    subject.commit(insert_attempt(stored.clone())).await;
    let claimed = claim(subject, &host("a")).await;
    assert_eq!(names(&claimed), ["pa_1"]);
    assert!(claimed[0].epoch > stored.epoch, "each claim starts a new epoch");
    assert_eq!(
        subject.store.attempt(&stored.id).await.unwrap().unwrap().epoch,
        claimed[0].epoch
    );
    for by in [host("a"), host("b")] {
        assert_eq!(claim(subject, &by).await, []);
        assert_eq!(subject.store.lease_attempt(&by, &stored.id).await.unwrap(), None);
    }
}

pub(crate) async fn no_status_check_happens_before_the_next_attempt(subject: &Subject) {
    subject.commit(insert_attempt(due_at("pa_1", later(10)))).await;
    let claim_at = async |at| subject.store.lease_attempts(&host("a"), at, &[], 10).await.unwrap();
    assert_eq!(claim_at(later(9)).await, []);
    let claimed = claim_at(later(10)).await;
    assert_eq!(names(&claimed), ["pa_1"]);
    // The attempt was checked and postponed.
    let again = Attempt {
        retry: RetrySchedule {
            tries: 1,
            next: Some(later(20)),
        },
        ..claimed[0].clone()
    };
    subject.commit(replace_attempt(again.clone(), Unknown)).await;
    assert_eq!(claim_at(later(19)).await, []);
    let claimed = claim_at(later(20)).await;
    assert_eq!(claimed[0].retry.tries, 1);
    assert!(claimed[0].epoch > again.epoch);
}

pub(crate) async fn one_attempt_is_claimed_whenever_it_is_due(subject: &Subject) {
    let stored = due_at("pa_1", later(1_000_000));
    subject.commit(insert_attempt(stored.clone())).await;
    let claimed = subject.store.lease_attempt(&host("a"), &stored.id).await.unwrap();
    assert!(claimed.is_some_and(|it| it.epoch > 0));
    for state in AttemptStatus::ALL.into_iter().filter(|state| !state.is_open()) {
        let over = attempt(&format!("pa_{}", state.name()), &format!("cs_{}", state.name()), state);
        subject.commit(insert_attempt(over.clone())).await;
        assert_eq!(subject.store.lease_attempt(&host("a"), &over.id).await.unwrap(), None);
    }
    let nothing = subject
        .store
        .lease_attempt(&host("a"), &AttemptId::new("pa_none"))
        .await;
    assert_eq!(nothing.unwrap(), None);
}

pub(crate) async fn the_busy_are_passed_over(subject: &Subject) {
    let theirs = Attempt {
        merchant: MerchantId::new("other"),
        ..attempt("pa_2", "cs_2", Unknown)
    };
    subject.commit(insert_attempt(attempt("pa_1", "cs_1", Unknown))).await;
    subject.commit(insert_attempt(theirs)).await;
    let claimed = subject.store.lease_attempts(&host("a"), START, &[merchant()], 10).await;
    assert_eq!(names(&claimed.unwrap()), ["pa_2"]);
    assert_eq!(names(&claim(subject, &host("a")).await), ["pa_1"]);
}

pub(crate) async fn a_new_attempt_begins_leased(subject: &Subject) {
    let stored = attempt("pa_1", "cs_1", Reserved);
    subject.commit(begin_attempt(stored.clone(), &host("a"))).await;
    assert_eq!(claim(subject, &host("b")).await, []);
    assert_eq!(subject.store.lease_attempt(&host("b"), &stored.id).await.unwrap(), None);
    assert_eq!(subject.store.attempt(&stored.id).await.unwrap(), Some(stored.clone()));
    // The host that began it continues with its own copy.
    subject
        .commit(replace_attempt(in_state(&stored, Resolving), Reserved))
        .await;

    let unattended = attempt("pa_2", "cs_2", Reserved);
    subject.commit(insert_attempt(unattended)).await;
    assert_eq!(names(&claim(subject, &host("b")).await), ["pa_2"]);
}

pub(crate) async fn driving_on_keeps_the_lease(subject: &Subject) {
    let stored = attempt("pa_1", "cs_1", Reserved);
    subject.commit(begin_attempt(stored.clone(), &host("a"))).await;
    for (before, state) in [(Reserved, Resolving), (Resolving, Charging)] {
        subject.commit(replace_attempt(in_state(&stored, state), before)).await;
        assert_eq!(claim(subject, &host("b")).await, [], "{state:?}");
    }
    let lost = subject
        .store
        .renew_leases(&host("a"), &[(stored.id.clone(), stored.epoch)])
        .await;
    assert_eq!(lost.unwrap(), []);
}

pub(crate) async fn a_state_without_due_work_ends_the_lease(subject: &Subject) {
    let stored = attempt("pa_1", "cs_1", Charging);
    subject.commit(begin_attempt(stored.clone(), &host("a"))).await;
    subject
        .commit(replace_attempt(in_state(&stored, Unknown), Charging))
        .await;
    let claimed = claim(subject, &host("b")).await;
    assert_eq!(names(&claimed), ["pa_1"]);
    subject
        .commit(replace_attempt(in_state(&claimed[0], Voiding), Unknown))
        .await;
    assert_eq!(names(&claim(subject, &host("a")).await), ["pa_1"]);

    let born_unknown = attempt("pa_2", "cs_2", Unknown);
    subject.commit(begin_attempt(born_unknown, &host("a"))).await;
    assert_eq!(names(&claim(subject, &host("b")).await), ["pa_2"]);
}

pub(crate) async fn a_lease_that_ran_out_is_taken_over(subject: &Subject) {
    let stored = attempt("pa_1", "cs_1", Charging);
    subject.commit(begin_attempt(stored.clone(), &short_lived("a"))).await;
    let second = take_over(subject, &short_lived("b"), &stored.id).await;
    assert!(second.epoch > stored.epoch);
    let third = take_over(subject, &host("c"), &stored.id).await;
    assert!(third.epoch > second.epoch);
    assert_eq!(claim(subject, &host("d")).await, []);
}

pub(crate) async fn what_is_put_aside_while_resolving_is_free_for_all(subject: &Subject) {
    let resolving = attempt("pa_1", "cs_1", Resolving);
    subject.commit(insert_attempt(resolving.clone())).await;
    let held = claim(subject, &host("a")).await.remove(0);
    // A host that moves the attempt on keeps it.
    subject.commit(replace_attempt(held.clone(), Resolving)).await;
    assert_eq!(claim(subject, &host("b")).await, []);
    let aside = Attempt {
        retry: RetrySchedule {
            tries: 1,
            next: Some(later(10)),
        },
        ..held
    };
    subject.commit(replace_attempt(aside.clone(), Resolving)).await;
    assert_eq!(claim(subject, &host("b")).await, [], "the attempt is not due yet");
    let taken = subject
        .store
        .lease_attempts(&host("b"), later(10), &[], 10)
        .await
        .unwrap();
    assert_eq!(names(&taken), ["pa_1"]);
    let late = subject.refused(replace_attempt(aside, Resolving)).await;
    assert!(matches!(late, CommitError::Attempt), "{late:?}");
}

pub(crate) async fn the_former_holder_is_fenced_off(subject: &Subject) {
    let first = attempt("pa_1", "cs_1", Charging);
    subject.commit(begin_attempt(first.clone(), &short_lived("a"))).await;
    let second = take_over(subject, &host("b"), &first.id).await;
    // The first host was only paused: it continues with outdated data, and tries to commit an order.
    let mut unit = replace_attempt(in_state(&first, Approved), Charging);
    unit.order = Some(OrderWrite::new(order("o_1", "cs_1")));
    let error = subject.refused(unit).await;
    assert!(matches!(error, CommitError::Attempt), "{error:?}");
    assert_eq!(subject.store.order(&merchant(), &first.session).await.unwrap(), None);
    assert_eq!(subject.store.attempt(&first.id).await.unwrap(), Some(second.clone()));
    subject
        .commit(replace_attempt(in_state(&second, Unknown), Charging))
        .await;
    // The same after the second host has released the attempt, and after it was checked once more.
    let error = subject
        .refused(replace_attempt(in_state(&first, Approved), Unknown))
        .await;
    assert!(matches!(error, CommitError::Attempt), "{error:?}");
    let third = take_over(subject, &host("c"), &first.id).await;
    for stale in [&first, &second] {
        let error = subject
            .refused(replace_attempt(in_state(stale, Approved), Unknown))
            .await;
        assert!(matches!(error, CommitError::Attempt), "{error:?}");
    }
    subject
        .commit(replace_attempt(in_state(&third, Approved), Unknown))
        .await;
}

pub(crate) async fn renewing_holds_on(subject: &Subject) {
    let stored = attempt("pa_1", "cs_1", Charging);
    subject.commit(begin_attempt(stored.clone(), &short_lived("a"))).await;
    // The lease may have expired by now. As long as no other host has leased the attempt, it can be renewed, here for a long
    // time.
    let held = [(stored.id.clone(), stored.epoch)];
    assert_eq!(subject.store.renew_leases(&host("a"), &held).await.unwrap(), []);
    assert_eq!(subject.store.lease_attempt(&host("b"), &stored.id).await.unwrap(), None);
}

pub(crate) async fn renewing_tells_what_was_lost(subject: &Subject) {
    let kept = attempt("pa_1", "cs_1", Charging);
    let taken = attempt("pa_2", "cs_2", Charging);
    let ended = attempt("pa_3", "cs_3", Charging);
    subject.commit(begin_attempt(kept.clone(), &host("a"))).await;
    subject.commit(begin_attempt(taken.clone(), &short_lived("a"))).await;
    subject.commit(begin_attempt(ended.clone(), &host("a"))).await;
    take_over(subject, &host("b"), &taken.id).await;
    subject
        .commit(replace_attempt(in_state(&ended, Approved), Charging))
        .await;
    let none = AttemptId::new("pa_none");
    let held = [&kept.id, &taken.id, &ended.id, &none].map(|id| (id.clone(), 0));
    let lost = subject.store.renew_leases(&host("a"), &held).await.unwrap();
    assert_eq!(lost, [taken.id, ended.id, none]);
    // A holder with another epoch or another name has no lease.
    for (by, epoch) in [("a", 7), ("b", 0)] {
        let held = [(kept.id.clone(), epoch)];
        let lost = subject.store.renew_leases(&host(by), &held).await.unwrap();
        assert_eq!(lost, held.map(|(id, _)| id), "{by} {epoch}");
    }
}

pub(crate) async fn letting_go_frees_everything(subject: &Subject) {
    for (id, by) in [("pa_1", "a"), ("pa_2", "a"), ("pa_3", "b")] {
        let stored = attempt(id, &format!("cs_{id}"), Charging);
        subject.commit(begin_attempt(stored, &host(by))).await;
    }
    subject.store.release_leases(&host("a").host).await.unwrap();
    let claimed = claim(subject, &host("c")).await;
    assert_eq!(names(&claimed), ["pa_1", "pa_2"]);
    assert!(claimed.iter().all(|it| it.epoch > 0));
}
