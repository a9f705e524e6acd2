//! A commit that was reported as successful survives closing and reopening the store.
//!
//! In two halves, because each engine is closed in its own way.

use tillhouse_checkout::attempt::AttemptStatus::Charging;
use tillhouse_checkout::ids::SessionId;
use tillhouse_checkout::ports::{CommitError, MessageSelection};

use super::Subject;
use super::fixtures::*;

/// The half before the store is closed.
pub(crate) async fn before(subject: &Subject) {
    for n in 0..200 {
        let mut unit = insert_session(session(&format!("cs_{n:03}"), 1));
        unit.staged.writes = vec![add("sold", 1, None), put("shop", "last", Some(&[n]))];
        subject.commit(unit).await;
    }
    subject
        .commit(insert_attempt(attempt("pa_1", "cs_001", Charging)))
        .await;
    subject.commit(send(vec![message("a", START)])).await;
    subject.commit(audit(entry("pa_1"))).await;
}

/// The half after the store is reopened.
pub(crate) async fn after(subject: &Subject) {
    let store = &subject.store;
    for n in 0..200 {
        let id = SessionId::new(format!("cs_{n:03}"));
        assert!(store.session(&merchant(), &id).await.unwrap().is_some(), "{id}");
    }
    assert_eq!(store.counter(&namespace("shop"), "sold").await.unwrap(), 200);
    assert_eq!(
        store.kv(&namespace("shop"), "last").await.unwrap().unwrap().value,
        [199]
    );
    let by = host("next");
    assert_eq!(store.lease_attempts(&by, START, &[], 10).await.unwrap().len(), 1);
    assert_eq!(
        store
            .lease_messages(&by, START, &MessageSelection::of_all(10))
            .await
            .unwrap()
            .len(),
        1
    );
    assert_eq!(store.audit_log(0, 10).await.unwrap().len(), 1);
    let error = subject
        .refused(insert_attempt(attempt("pa_2", "cs_001", Charging)))
        .await;
    assert!(matches!(error, CommitError::LiveAttempt), "{error:?}");
}
