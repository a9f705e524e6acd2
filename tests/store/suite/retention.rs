//! What is deleted after its retention, and what never is.

use tillhouse_checkout::attempt::AttemptStatus::{Approved, Declined, Failed, NeedsReview, Unknown, Voided};
use tillhouse_checkout::audit::{AuditAction, AuditEntry};
use tillhouse_checkout::discrepancy::Discrepancy;
use tillhouse_checkout::ids::{AttemptId, SessionId};
use tillhouse_checkout::outbox::OutboxMessage;
use tillhouse_checkout::ports::SessionCutoffs;
use tillhouse_checkout::session::{Session, SessionState};
use tillhouse_checkout::time::Timestamp;

use super::Subject;
use super::fixtures::*;

/// Cut-offs that keep what money was taken for.
const UNPAID: SessionCutoffs = SessionCutoffs {
    unpaid: later(100),
    paid: None,
};

fn ended(id: &str, state: SessionState, at: u64) -> Session {
    Session {
        state,
        updated: later(at),
        ..session(id, 1)
    }
}

fn completed(id: &str, at: u64) -> Session {
    let order = Box::new(order(&format!("order_{id}"), id));
    ended(id, SessionState::Completed { order }, at)
}

fn about(dedupe: &str, session: &str) -> OutboxMessage {
    OutboxMessage {
        session: Some(SessionId::new(session)),
        ..message(dedupe, START)
    }
}

async fn insert(subject: &Subject, sessions: Vec<Session>) {
    for session in sessions {
        subject.commit(insert_session(session)).await;
    }
}

async fn deliver_all(subject: &Subject) {
    for message in lease_all(subject).await {
        subject.store.mark_delivered(&message, START).await.unwrap();
    }
}

/// Which of these sessions are stored.
async fn kept<'a>(subject: &Subject, ids: &[&'a str]) -> Vec<&'a str> {
    let mut kept = Vec::new();
    for id in ids {
        let found = subject.store.session(&merchant(), &SessionId::new(*id)).await.unwrap();
        kept.extend(found.map(|_| *id));
    }
    kept
}

pub(crate) async fn unpaid_sessions_go_with_all_that_depends_on_them(subject: &Subject) {
    let ids = [
        "cs_canceled",
        "cs_expired",
        "cs_newer",
        "cs_open",
        "cs_completed",
        "cs_voided",
    ];
    insert(
        subject,
        vec![
            ended("cs_canceled", SessionState::Canceled, 99),
            ended("cs_expired", SessionState::Expired, 10),
            ended("cs_newer", SessionState::Expired, 100),
            ended("cs_open", SessionState::Open, 0),
            completed("cs_completed", 0),
            ended("cs_voided", SessionState::Expired, 0),
        ],
    )
    .await;
    for (id, session, status) in [
        ("pa_1", "cs_expired", Declined),
        ("pa_2", "cs_expired", Failed),
        ("pa_3", "cs_voided", Voided),
        ("pa_4", "cs_completed", Approved),
    ] {
        subject.commit(insert_attempt(attempt(id, session, status))).await;
    }
    subject.commit(send(vec![about("pa_1", "cs_expired")])).await;
    deliver_all(subject).await;
    assert_eq!(subject.store.purge_sessions(&UNPAID).await.unwrap(), 2);
    assert_eq!(
        kept(subject, &ids).await,
        ["cs_newer", "cs_open", "cs_completed", "cs_voided"]
    );
    let listed = subject.store.list_attempts(&all_attempts()).await.unwrap();
    let listed: Vec<_> = listed.iter().map(|attempt| attempt.id.as_str()).collect();
    assert_eq!(listed, ["pa_3", "pa_4"], "attempts go with their session only");
    assert_eq!(subject.store.list_messages(&all_messages()).await.unwrap(), []);
    assert_eq!(subject.store.purge_sessions(&UNPAID).await.unwrap(), 0);
}

pub(crate) async fn what_is_live_undelivered_or_in_discrepancy_stays_whatever_its_age(subject: &Subject) {
    let ids = ["cs_unknown", "cs_review", "cs_queued", "cs_dead", "cs_disputed"];
    let sessions = ids.map(|id| ended(id, SessionState::Expired, 0));
    insert(subject, sessions.into()).await;
    for (id, session, status) in [
        ("pa_unknown", "cs_unknown", Unknown),
        ("pa_review", "cs_review", NeedsReview),
        ("pa_disputed", "cs_disputed", Declined),
    ] {
        subject.commit(insert_attempt(attempt(id, session, status))).await;
    }
    subject
        .commit(note(Discrepancy {
            attempt: Some(AttemptId::new("pa_disputed")),
            ..found("ch_1")
        }))
        .await;
    subject.commit(send(vec![about("dead", "cs_dead")])).await;
    for message in lease_all(subject).await {
        subject.store.dead_letter(&message, START, "410").await.unwrap();
    }
    subject.commit(send(vec![about("queued", "cs_queued")])).await;
    let everything = SessionCutoffs {
        unpaid: later(1_000),
        paid: Some(later(1_000)),
    };
    assert_eq!(subject.store.purge_sessions(&everything).await.unwrap(), 0);
    assert_eq!(kept(subject, &ids).await, ids);
    deliver_all(subject).await;
    assert_eq!(subject.store.purge_sessions(&everything).await.unwrap(), 1);
    assert_eq!(
        kept(subject, &ids).await,
        ["cs_unknown", "cs_review", "cs_dead", "cs_disputed"]
    );
}

pub(crate) async fn paid_sessions_go_with_their_orders_and_only_where_they_have_a_horizon(subject: &Subject) {
    insert(
        subject,
        vec![
            completed("cs_old", 9),
            completed("cs_new", 10),
            ended("cs_voided", SessionState::Expired, 9),
        ],
    )
    .await;
    for (id, session, status) in [
        ("pa_1", "cs_old", Approved),
        ("pa_2", "cs_new", Approved),
        ("pa_3", "cs_voided", Voided),
    ] {
        subject.commit(insert_attempt(attempt(id, session, status))).await;
    }
    for id in ["cs_old", "cs_new"] {
        subject.commit(insert_order(order(&format!("order_{id}"), id))).await;
    }
    let paid = |paid| SessionCutoffs {
        unpaid: Timestamp(0),
        paid,
    };
    assert_eq!(subject.store.purge_sessions(&paid(None)).await.unwrap(), 0);
    assert_eq!(subject.store.purge_sessions(&paid(Some(later(10)))).await.unwrap(), 2);
    assert_eq!(kept(subject, &["cs_old", "cs_new", "cs_voided"]).await, ["cs_new"]);
    let ordered = async |id| {
        subject
            .store
            .order(&merchant(), &SessionId::new(id))
            .await
            .unwrap()
            .is_some()
    };
    assert_eq!((ordered("cs_old").await, ordered("cs_new").await), (false, true));
}

/// More sessions than an engine purges in one transaction.
pub(crate) async fn a_large_backlog_of_sessions_goes_in_batches(subject: &Subject) {
    let mut commits = tokio::task::JoinSet::new();
    for n in 0..250_u64 {
        let store = subject.store.clone();
        let session = ended(&format!("cs_{n}"), SessionState::Expired, if n < 230 { 0 } else { 100 });
        commits.spawn(async move { store.commit(insert_session(session)).await });
    }
    while let Some(done) = commits.join_next().await {
        done.unwrap().unwrap();
    }
    assert_eq!(subject.store.purge_sessions(&UNPAID).await.unwrap(), 230);
    assert_eq!(kept(subject, &["cs_229", "cs_230"]).await, ["cs_230"]);
}

/// More records than an engine purges in one transaction.
pub(crate) async fn the_audit_log_is_cut_at_its_old_end_and_says_so(subject: &Subject) {
    for n in 0..1_050_u64 {
        let at = if n < 1_020 { later(n) } else { later(5_000) };
        let subject_of = n.to_string();
        subject
            .commit(audit(AuditEntry {
                at,
                ..entry(&subject_of)
            }))
            .await;
    }
    let before = subject.store.audit_log(0, 2_000).await.unwrap();
    let cut = AuditEntry {
        at: later(6_000),
        action: AuditAction::PurgeAudit,
        ..entry("audit")
    };
    assert_eq!(subject.store.purge_audit(Timestamp(START.0), &cut).await.unwrap(), 0);
    assert_eq!(subject.store.purge_audit(later(5_000), &cut).await.unwrap(), 1_020);
    assert_eq!(subject.store.purge_audit(later(5_000), &cut).await.unwrap(), 0);
    let log = subject.store.audit_log(0, 2_000).await.unwrap();
    assert_eq!(log[..30], before[1_020..], "what is younger stays as it was written");
    let mut last = Some((before[1_019].seq, before[1_019].hash.as_str()));
    for record in &log {
        record.verify(last).unwrap();
        last = Some((record.seq, record.hash.as_str()));
    }
    let says = log.last().unwrap();
    let detail: serde_json::Value = serde_json::from_str(&says.entry.detail).unwrap();
    assert_eq!(says.entry.action, AuditAction::PurgeAudit);
    assert_eq!(
        (detail["through"].as_u64(), detail["hash"].as_str()),
        (Some(1_020), Some(before[1_019].hash.as_str()))
    );
}
