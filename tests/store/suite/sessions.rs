//! Sessions: revisions, lookups and expiry.

use tillhouse_checkout::decision::OrderIdentity;
use tillhouse_checkout::ids::{AttemptId, MerchantId, SessionId};
use tillhouse_checkout::ports::CommitError;
use tillhouse_checkout::session::{Session, SessionState};

use super::Subject;
use super::fixtures::*;

pub(crate) async fn a_session_is_written_once_per_revision(subject: &Subject) {
    subject.commit(insert_session(session("cs_1", 1))).await;
    let twice = subject.refused(insert_session(session("cs_1", 1))).await;
    assert!(matches!(twice, CommitError::Session), "{twice:?}");

    let mut canceled = session("cs_1", 2);
    canceled.state = SessionState::Canceled;
    subject.commit(replace_session(canceled.clone(), 1)).await;
    let stale = subject.refused(replace_session(session("cs_1", 2), 1)).await;
    assert!(matches!(stale, CommitError::Session), "{stale:?}");
    let unknown = subject.refused(replace_session(session("cs_2", 2), 1)).await;
    assert!(matches!(unknown, CommitError::Session), "{unknown:?}");
    let stored = subject.store.session(&merchant(), &canceled.id).await.unwrap();
    assert_eq!(stored, Some(canceled));
}

pub(crate) async fn a_session_belongs_to_its_merchant(subject: &Subject) {
    subject.commit(insert_session(session("cs_1", 1))).await;
    let other = MerchantId::new("other");
    let found = subject.store.session(&other, &SessionId::new("cs_1")).await.unwrap();
    assert_eq!(found, None);
    let mut theirs = session("cs_1", 2);
    theirs.merchant = other;
    let refused = subject.refused(replace_session(theirs, 1)).await;
    assert!(matches!(refused, CommitError::Session), "{refused:?}");
}

fn state_at(revision: u64, state: SessionState) -> Session {
    Session {
        state,
        ..session("cs_1", revision)
    }
}

fn committing() -> SessionState {
    SessionState::Committing {
        attempt: AttemptId::new("pa_1"),
        order: Box::new(OrderIdentity {
            id: "o_1".into(),
            number: None,
            permalink: "https://shop.example.com/orders/1".into(),
            confirmation: None,
        }),
    }
}

pub(crate) async fn a_final_session_never_changes(subject: &Subject) {
    let completed = SessionState::Completed {
        order: Box::new(order("o_1", "cs_1")),
    };
    for (n, end) in [completed, SessionState::Canceled, SessionState::Expired]
        .into_iter()
        .enumerate()
    {
        let own = |mut session: Session| {
            session.id = SessionId::new(format!("cs_{n}"));
            session
        };
        let first = own(state_at(1, end));
        subject.commit(insert_session(first.clone())).await;
        for next in [
            SessionState::Open,
            committing(),
            SessionState::Canceled,
            SessionState::Expired,
        ] {
            let error = subject.refused(replace_session(own(state_at(2, next)), 1)).await;
            assert!(matches!(error, CommitError::Session), "{error:?}");
        }
        let stored = subject.store.session(&merchant(), &first.id).await.unwrap();
        assert_eq!(stored, Some(first));
    }
}

pub(crate) async fn a_payment_under_way_is_never_canceled_and_never_expires(subject: &Subject) {
    subject.commit(insert_session(state_at(1, committing()))).await;
    for end in [SessionState::Canceled, SessionState::Expired] {
        let error = subject.refused(replace_session(state_at(2, end), 1)).await;
        assert!(matches!(error, CommitError::Session), "{error:?}");
    }
    let overdue = subject.store.overdue_sessions(later(1_000_000), 10).await.unwrap();
    assert_eq!(overdue, [], "the session must not be listed as overdue");
    subject.commit(replace_session(state_at(2, committing()), 1)).await;
    subject
        .commit(replace_session(state_at(3, SessionState::Open), 2))
        .await;
    subject
        .commit(replace_session(state_at(4, SessionState::Canceled), 3))
        .await;
}

pub(crate) async fn sessions_over_their_time_come_oldest_first(subject: &Subject) {
    for (id, expires) in [("cs_c", 30), ("cs_a", 10), ("cs_b", 20), ("cs_d", 31)] {
        let mut open = session(id, 1);
        open.expires = later(expires);
        subject.commit(insert_session(open)).await;
    }
    let mut canceled = session("cs_canceled", 1);
    canceled.expires = later(5);
    canceled.state = SessionState::Canceled;
    subject.commit(insert_session(canceled)).await;
    let overdue = async |limit| {
        let found = subject.store.overdue_sessions(later(30), limit).await.unwrap();
        found.iter().map(|it| it.id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(overdue(10).await, ["cs_a", "cs_b", "cs_c"]);
    assert_eq!(overdue(2).await, ["cs_a", "cs_b"]);
}

pub(crate) async fn open_sessions_are_counted_by_their_principal(subject: &Subject) {
    let made_by = |id: &str, principal: Option<&str>| {
        let mut session = session(id, 1);
        session.agent.principal = principal.map(Into::into);
        session
    };
    for (id, principal) in [
        ("cs_1", Some("a")),
        ("cs_2", Some("a")),
        ("cs_3", Some("a")),
        ("cs_4", Some("b")),
        ("cs_5", None),
    ] {
        subject.commit(insert_session(made_by(id, principal))).await;
    }
    let canceled = Session {
        revision: 2,
        state: SessionState::Canceled,
        ..made_by("cs_1", Some("a"))
    };
    subject.commit(replace_session(canceled, 1)).await;
    let elsewhere = Session {
        merchant: MerchantId::new("other"),
        ..made_by("cs_6", Some("a"))
    };
    subject.commit(insert_session(elsewhere)).await;
    for (principal, limit, expected) in [
        (Some("a"), 10, 2),
        (Some("a"), 1, 1),
        (Some("b"), 10, 1),
        (Some("c"), 10, 0),
        (None, 10, 1),
    ] {
        let open = subject
            .store
            .open_sessions(&merchant(), principal, limit)
            .await
            .unwrap();
        assert_eq!(open, expected, "{principal:?} up to {limit}");
    }
}
