//! Concurrent units of work. Groups form by themselves, because all units are queued while the first one waits for the disk.

use tokio::task::JoinSet;

use tillhouse_checkout::attempt::AttemptStatus::Reserved;
use tillhouse_checkout::ids::SessionId;
use tillhouse_checkout::ports::{CommitError, MessageSelection};
use tillhouse_checkout::time::Timestamp;
use tillhouse_checkout::unit_of_work::UnitOfWork;

use super::Subject;
use super::fixtures::*;

/// Commits all units concurrently; returns their results in any order.
async fn all(subject: &Subject, unit_of_work: impl Iterator<Item = UnitOfWork>) -> Vec<Result<(), CommitError>> {
    let mut commits = JoinSet::new();
    for unit in unit_of_work {
        let store = subject.store.clone();
        commits.spawn(async move { store.commit(unit).await });
    }
    commits.join_all().await
}

fn won(results: &[Result<(), CommitError>]) -> usize {
    results.iter().filter(|result| result.is_ok()).count()
}

pub(crate) async fn one_of_many_attempts_wins(subject: &Subject) {
    let results = all(
        subject,
        (0..64).map(|n| insert_attempt(attempt(&format!("pa_{n}"), "cs_1", Reserved))),
    )
    .await;
    assert_eq!(won(&results), 1);
    let losers = results.iter().filter(|it| matches!(it, Err(CommitError::LiveAttempt)));
    assert_eq!(losers.count(), 63);
    let stored = subject
        .store
        .attempts_of(&merchant(), &SessionId::new("cs_1"))
        .await
        .unwrap();
    assert_eq!(stored.len(), 1);
}

pub(crate) async fn one_of_many_writers_of_a_revision_wins(subject: &Subject) {
    subject.commit(insert_session(session("cs_1", 1))).await;
    let results = all(subject, (0..64).map(|_| replace_session(session("cs_1", 2), 1))).await;
    assert_eq!(won(&results), 1);
    let losers = results.iter().filter(|it| matches!(it, Err(CommitError::Session)));
    assert_eq!(losers.count(), 63);
}

pub(crate) async fn one_of_many_answers_wins(subject: &Subject) {
    let end = Timestamp(START.0 + 10);
    let unit_of_work = (0..64).map(|n| UnitOfWork {
        idempotency: Some(answer("k", end)),
        ..insert_session(session(&format!("cs_{n}"), 1))
    });
    let results = all(subject, unit_of_work).await;
    assert_eq!(won(&results), 1);
    let losers = results.iter().filter(|it| matches!(it, Err(CommitError::Idempotency)));
    assert_eq!(losers.count(), 63);
    let mut stored = 0;
    for n in 0..64 {
        let id = SessionId::new(format!("cs_{n}"));
        stored += usize::from(subject.store.session(&merchant(), &id).await.unwrap().is_some());
    }
    assert_eq!(stored, 1, "a failed unit left a session behind");
}

pub(crate) async fn a_conflict_does_not_touch_its_neighbours(subject: &Subject) {
    subject.commit(insert_session(session("cs_0", 1))).await;
    let results = all(subject, (0..64).map(|n| insert_session(session(&format!("cs_{n}"), 1)))).await;
    assert_eq!(won(&results), 63);
    let lost: Vec<_> = results.iter().filter_map(|it| it.as_ref().err()).collect();
    assert!(matches!(lost[..], [CommitError::Session]), "{lost:?}");
    for n in 0..64 {
        let id = SessionId::new(format!("cs_{n}"));
        assert!(subject.store.session(&merchant(), &id).await.unwrap().is_some());
    }
}

pub(crate) async fn counters_never_fall_below_their_floor(subject: &Subject) {
    subject.commit(stage(vec![], vec![add("stock", 100, None)])).await;
    // Each unit wants 1 to 5, 3 on average, and there are 192 units: far more than is left, and not all sizes fit at the end.
    let wanted = |n: i64| n % 5 + 1;
    let mut commits = JoinSet::new();
    for n in 0..192 {
        let store = subject.store.clone();
        let unit = stage(vec![], vec![add("stock", -wanted(n), Some(0))]);
        commits.spawn(async move { (wanted(n), store.commit(unit).await) });
    }
    let mut taken = 0;
    for (wanted, result) in commits.join_all().await {
        match result {
            Ok(()) => taken += wanted,
            Err(error) => assert!(matches!(error, CommitError::Insufficient { .. }), "{error:?}"),
        }
    }
    let left = subject.store.counter(&namespace("shop"), "stock").await.unwrap();
    assert_eq!(left, 100 - taken);
    assert!(
        (0..5).contains(&left),
        "the rest must be smaller than a refused unit, got {left}"
    );
}

/// Each unit changes two counters, half of them in the opposite order: there must be no deadlock, and no change may be lost.
pub(crate) async fn counters_moved_in_any_order_add_up(subject: &Subject) {
    let results = all(
        subject,
        (0..64).map(|n| {
            let mut writes = vec![add("left", 1, None), add("right", 1, None)];
            if n % 2 == 0 {
                writes.reverse();
            }
            stage(vec![], writes)
        }),
    )
    .await;
    assert_eq!(won(&results), 64, "{results:?}");
    for key in ["left", "right"] {
        assert_eq!(subject.store.counter(&namespace("shop"), key).await.unwrap(), 64);
    }
}

/// All units have read that the value is absent, and write different values.
pub(crate) async fn one_of_many_that_read_the_same_wins(subject: &Subject) {
    let unit_of_work = (0..64).map(|n| {
        stage(
            vec![read("shop", "k", None)],
            vec![
                put("shop", "k", Some(&[n])),
                put("shop", &format!("by-{n}"), Some(&[n])),
            ],
        )
    });
    let results = all(subject, unit_of_work).await;
    assert_eq!(won(&results), 1);
    let losers = results.iter().filter(|it| matches!(it, Err(CommitError::PluginData)));
    assert_eq!(losers.count(), 63);
    let winner = subject.store.kv(&namespace("shop"), "k").await.unwrap().unwrap().value[0];
    for n in 0..64 {
        let own = subject.store.kv(&namespace("shop"), &format!("by-{n}")).await.unwrap();
        assert_eq!(own.is_some(), n == winner);
    }
}

pub(crate) async fn one_of_many_workers_gets_each(subject: &Subject) {
    for n in 0..20 {
        let id = format!("pa_{n}");
        subject
            .commit(insert_attempt(attempt(&id, &format!("cs_{n}"), Reserved)))
            .await;
    }
    subject
        .commit(send((0..20).map(|n| message(&n.to_string(), START)).collect()))
        .await;
    let mut workers = JoinSet::new();
    for n in 0..16 {
        let store = subject.store.clone();
        workers.spawn(async move {
            let by = host(&n.to_string());
            let attempts = store.lease_attempts(&by, START, &[], 3).await.unwrap();
            let messages = store
                .lease_messages(&by, START, &MessageSelection::of_all(3))
                .await
                .unwrap();
            let attempts: Vec<_> = attempts.into_iter().map(|it| it.id.to_string()).collect();
            (attempts, messages.into_iter().map(|it| it.id).collect::<Vec<_>>())
        });
    }
    let (mut attempts, mut messages) = (Vec::new(), Vec::new());
    for (some_attempts, some_messages) in workers.join_all().await {
        attempts.extend(some_attempts);
        messages.extend(some_messages);
    }
    // Concurrent leases may have skipped some messages, but none was leased twice.
    let by = host("last");
    let rest = subject.store.lease_attempts(&by, START, &[], 20).await.unwrap();
    attempts.extend(rest.into_iter().map(|it| it.id.to_string()));
    let rest = subject
        .store
        .lease_messages(&by, START, &MessageSelection::of_all(20))
        .await
        .unwrap();
    messages.extend(rest.into_iter().map(|it| it.id));
    assert_eq!((attempts.len(), messages.len()), (20, 20));
    attempts.sort();
    attempts.dedup();
    messages.sort_unstable();
    messages.dedup();
    assert_eq!((attempts.len(), messages.len()), (20, 20));
}

pub(crate) async fn audit_entries_of_many_form_one_chain(subject: &Subject) {
    let results = all(subject, (0..64).map(|n| audit(entry(&n.to_string())))).await;
    assert_eq!(won(&results), 64, "{results:?}");
    let log = subject.store.audit_log(0, 100).await.unwrap();
    assert_eq!(log.len(), 64);
    super::journal::verify(&log);
}
