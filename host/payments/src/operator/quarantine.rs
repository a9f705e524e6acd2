//! Quarantine: a restored store is behind what happened since its backup.
//!
//! An attempt that was reserved in the backup may have been charged since, and a session that was open may have been paid by an
//! attempt that the backup does not contain. So before any host serves it, every live attempt whose charge may have been sent
//! becomes unknown, for a status check, and every open session expires.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::reservation_release;
use tillhouse_checkout::attempt::{Attempt, AttemptStatus, Unpaid};
use tillhouse_checkout::audit::{AuditAction, AuditEntry};
use tillhouse_checkout::ids::AttemptId;
use tillhouse_checkout::ports::{AttemptFilter, CommitError, Store, StoreError};
use tillhouse_checkout::session::{Session, SessionState};
use tillhouse_checkout::time::Timestamp;
use tillhouse_checkout::unit_of_work::{SessionWrite, UnitOfWork};

/// Reason of an attempt that was quarantined.
const REASON: &str = "restored from a backup";

/// Sessions read at a time.
const PAGE: usize = 256;

/// The states in which money may have moved since the backup.
const MAY_HAVE_CHARGED: [AttemptStatus; 5] = [
    AttemptStatus::Reserved,
    AttemptStatus::Resolving,
    AttemptStatus::Charging,
    AttemptStatus::Unknown,
    AttemptStatus::NeedsReview,
];

/// What the quarantine changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quarantined {
    /// Attempts that are unknown now; their status will be checked.
    pub attempts: Vec<AttemptId>,
    /// Open sessions that were expired.
    pub sessions: u64,
}

/// Quarantine a store that no host serves, and record that in its audit log.
///
/// # Errors
/// When the store gives no answer; it must not be served then.
pub async fn quarantine(
    store: &dyn Store,
    now: Timestamp,
    actor: &str,
    source: &str,
) -> Result<Quarantined, StoreError> {
    let filter = AttemptFilter {
        states: MAY_HAVE_CHARGED.to_vec(),
        limit: usize::MAX,
        ..AttemptFilter::default()
    };
    let mut done = Quarantined::default();
    for attempt in store.list_attempts(&filter).await? {
        if attempt.token().is_none() {
            end_without_charge(store, &attempt, now).await?;
        } else if make_unknown(store, &attempt, now).await? {
            done.attempts.push(attempt.id);
        }
    }
    done.sessions = end_sessions(store, now).await?;
    let detail = json!({"attempts": done.attempts, "sessions": done.sessions});
    let entry = AuditEntry {
        at: now,
        actor: format!("operator:{actor}"),
        action: AuditAction::RestoreStore,
        subject: source.to_owned(),
        detail: detail.to_string(),
    };
    let unit = UnitOfWork {
        audit: Some(entry),
        ..UnitOfWork::default()
    };
    store.commit(unit).await.map_err(StoreError::caused_by)?;
    Ok(done)
}

/// Until the restore, the former host may have sent anything.
async fn make_unknown(store: &dyn Store, attempt: &Attempt, now: Timestamp) -> Result<bool, StoreError> {
    let unit = UnitOfWork {
        attempt: Some(attempt.restored(REASON, now)),
        ..UnitOfWork::default()
    };
    match store.commit(unit).await {
        Ok(()) => Ok(true),
        // Reserved with a token that another attempt had consumed: it could never have gone on to a charge.
        Err(CommitError::TokenUsed) => Ok(false),
        Err(error) => Err(StoreError::caused_by(error)),
    }
}

/// An order without a charge has no status to check: the attempt ends. Its session is open again, and so expires with the others,
/// because the former host may have made the order since.
async fn end_without_charge(store: &dyn Store, attempt: &Attempt, now: Timestamp) -> Result<(), StoreError> {
    let session = store.session(&attempt.merchant, &attempt.session).await?;
    let write = attempt.ended(Unpaid::failed(REASON), now);
    let release = reservation_release::message(write.attempt(), now)
        .map_err(|error| StoreError::with_source(format!("outbox message: {error}"), error))?;
    let unit = UnitOfWork {
        session: session
            .filter(|session| matches!(session.state, SessionState::Committing { .. }))
            .map(|session| moved(session, SessionState::Open, now)),
        attempt: Some(write),
        outbox: vec![release],
        ..UnitOfWork::default()
    };
    store.commit(unit).await.map_err(StoreError::caused_by)
}

fn moved(session: Session, state: SessionState, now: Timestamp) -> SessionWrite {
    SessionWrite {
        replaces: Some(session.revision),
        session: Session {
            revision: session.revision + 1,
            updated: now,
            state,
            ..session
        },
    }
}

/// Open sessions are those that will be overdue one day.
async fn end_sessions(store: &dyn Store, now: Timestamp) -> Result<u64, StoreError> {
    let mut ended = 0;
    loop {
        let open = store.overdue_sessions(Timestamp(i64::MAX.unsigned_abs()), PAGE).await?;
        if open.is_empty() {
            return Ok(ended);
        }
        for session in open {
            let unit = UnitOfWork {
                session: Some(moved(session, SessionState::Expired, now)),
                ..UnitOfWork::default()
            };
            store.commit(unit).await.map_err(StoreError::caused_by)?;
            ended += 1;
        }
    }
}
