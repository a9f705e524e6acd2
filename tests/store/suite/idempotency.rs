//! Idempotency records: recorded responses.

use tillhouse_checkout::idempotency::IdempotencyScope;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::ports::{CommitError, RetentionCutoffs};
use tillhouse_checkout::time::Timestamp;

use super::Subject;
use super::fixtures::*;

const END: Timestamp = Timestamp(START.0 + 10);

pub(crate) async fn an_answer_is_found_until_it_expires(subject: &Subject) {
    subject.commit(record(answer("k", END))).await;
    let last = Timestamp(END.0 - 1);
    let store = &subject.store;
    assert_eq!(
        store.idempotency(&scope("k"), last).await.unwrap(),
        Some(answer("k", END))
    );
    assert_eq!(store.idempotency(&scope("k"), END).await.unwrap(), None);
}

pub(crate) async fn a_second_answer_is_refused_until_the_first_expires(subject: &Subject) {
    subject.commit(record(answer("k", END))).await;
    let mut second = answer("k", Timestamp(END.0 + 10));
    second.reply.status = 200;
    subject.clock.set(Timestamp(END.0 - 1));
    let error = subject.refused(record(second.clone())).await;
    assert!(matches!(error, CommitError::Idempotency), "{error:?}");
    subject.clock.set(END);
    subject.commit(record(second.clone())).await;
    let stored = subject.store.idempotency(&scope("k"), END).await.unwrap();
    assert_eq!(stored, Some(second));
}

pub(crate) async fn scopes_do_not_mix(subject: &Subject) {
    let scopes = [
        scope("k"),
        scope("K"),
        IdempotencyScope {
            merchant: MerchantId::new("other"),
            ..scope("k")
        },
        IdempotencyScope {
            principal: "another".into(),
            ..scope("k")
        },
        IdempotencyScope {
            endpoint: "POST /checkout_sessions/cs_1".into(),
            ..scope("k")
        },
    ];
    for (n, scope) in scopes.iter().enumerate() {
        let mut answer = answer("k", END);
        answer.scope = scope.clone();
        answer.reply.body = n.to_string().into_bytes();
        subject.commit(record(answer)).await;
    }
    for (n, scope) in scopes.iter().enumerate() {
        let found = subject.store.idempotency(scope, START).await.unwrap().unwrap();
        assert_eq!(found.reply.body, n.to_string().into_bytes());
    }
}

/// More records than an engine purges in one batch.
pub(crate) async fn expired_answers_are_forgotten(subject: &Subject) {
    let mut commits = tokio::task::JoinSet::new();
    for n in 0..1100_u64 {
        let store = subject.store.clone();
        let expires = if n < 1050 { END } else { Timestamp(END.0 + 1) };
        commits.spawn(async move { store.commit(record(answer(&n.to_string(), expires))).await });
    }
    while let Some(done) = commits.join_next().await {
        done.unwrap().unwrap();
    }
    let forget = async |expired| {
        let cutoffs = RetentionCutoffs {
            expired,
            delivered_before: START,
            ended_before: START,
        };
        subject.store.purge(&cutoffs).await.unwrap()
    };
    assert_eq!(forget(Timestamp(END.0 - 1)).await, 0);
    assert_eq!(forget(END).await, 1050);
    assert_eq!(forget(END).await, 0);
    let kept = subject.store.idempotency(&scope("1099"), END).await.unwrap();
    assert!(kept.is_some());
}
