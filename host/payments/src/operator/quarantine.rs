//! Quarantine: what a restored store must not believe of itself.
//!
//! A backup is older than the world. An attempt that was reserved in it may have been charged since, and a session that was
//! open may have been paid by an attempt that the backup does not know (reliability reference §5, "Backup"). So before any host
//! serves it, every live attempt whose charge may have been sent becomes unknown, to be looked up, and every open session ends.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::release;
use tillhouse_checkout::attempt::{Attempt, AttemptState};
use tillhouse_checkout::audit::AuditEntry;
use tillhouse_checkout::ids::AttemptId;
use tillhouse_checkout::ports::{AttemptFilter, CommitError, Store, StoreError};
use tillhouse_checkout::session::{Session, SessionState};
use tillhouse_checkout::time::Timestamp;
use tillhouse_checkout::unit::{AttemptWrite, SessionWrite, UnitOfWork};

/// Why an attempt is unknown.
const REASON: &str = "restored from a backup";

/// Rows that are read at a time.
const PAGE: usize = 256;

/// The states in which money may have moved since, without this store knowing.
const DOUBTFUL: [AttemptState; 5] = [
    AttemptState::Reserved,
    AttemptState::Resolving,
    AttemptState::Charging,
    AttemptState::Unknown,
    AttemptState::NeedsReview,
];

/// What was put into quarantine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quarantined {
    /// Attempts that are unknown now and will be looked up.
    pub attempts: Vec<AttemptId>,
    /// Open sessions that were ended.
    pub sessions: u64,
}

/// Put a store that nobody serves into quarantine, and say so in its audit log.
///
/// # Errors
/// When the store does not answer; it must not be served then.
pub async fn quarantine(
    store: &dyn Store,
    now: Timestamp,
    actor: &str,
    source: &str,
) -> Result<Quarantined, StoreError> {
    let filter = AttemptFilter {
        states: DOUBTFUL.to_vec(),
        limit: usize::MAX,
        ..AttemptFilter::default()
    };
    let mut done = Quarantined::default();
    for attempt in store.list_attempts(&filter).await? {
        if attempt.token().is_none() {
            end_without_charge(store, attempt, now).await?;
        } else if doubt(store, &attempt, now).await? {
            done.attempts.push(attempt.id);
        }
    }
    done.sessions = end_sessions(store, now).await?;
    let detail = json!({"attempts": done.attempts, "sessions": done.sessions});
    let entry = AuditEntry {
        at: now,
        actor: format!("operator:{actor}"),
        action: "store.restore".to_owned(),
        subject: source.to_owned(),
        detail: detail.to_string(),
    };
    let unit = UnitOfWork {
        audit: Some(entry),
        ..UnitOfWork::default()
    };
    store.commit(unit).await.map_err(failed)?;
    Ok(done)
}

/// From now on it counts as unknown: until the restore, the former host may have sent anything.
async fn doubt(store: &dyn Store, attempt: &Attempt, now: Timestamp) -> Result<bool, StoreError> {
    let unknown = Attempt {
        state: AttemptState::Unknown,
        reason: Some(REASON.to_owned()),
        unknown_since: Some(now),
        tries: 0,
        next_try: None,
        ..attempt.clone()
    };
    let unit = UnitOfWork {
        attempt: Some(AttemptWrite::moving(unknown, attempt.state)),
        ..UnitOfWork::default()
    };
    match store.commit(unit).await {
        Ok(()) => Ok(true),
        // Reserved with a token that another attempt had used up: it could never have gone on to a charge.
        Err(CommitError::TokenUsed) => Ok(false),
        Err(error) => Err(failed(error)),
    }
}

/// Nothing is looked up of an order without a charge: the attempt ends. Its checkout is open again, and so ended with the others,
/// because the former host may have made the order since.
async fn end_without_charge(store: &dyn Store, attempt: Attempt, now: Timestamp) -> Result<(), StoreError> {
    let before = attempt.state;
    let session = store.session(&attempt.merchant, &attempt.session).await?;
    let failed_attempt = Attempt {
        state: AttemptState::Failed,
        reason: Some(REASON.to_owned()),
        settled: Some(now),
        next_try: None,
        ..attempt
    };
    let release =
        release::message(&failed_attempt, now).map_err(|error| StoreError(format!("outbox message: {error}")))?;
    let unit = UnitOfWork {
        session: session
            .filter(|session| matches!(session.state, SessionState::Committing { .. }))
            .map(|session| moved(session, SessionState::Open, now)),
        attempt: Some(AttemptWrite::moving(failed_attempt, before)),
        outbox: vec![release],
        ..UnitOfWork::default()
    };
    store.commit(unit).await.map_err(failed)
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

/// Open sessions are those that will be over their time one day.
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
            store.commit(unit).await.map_err(failed)?;
            ended += 1;
        }
    }
}

fn failed(error: CommitError) -> StoreError {
    StoreError(error.to_string())
}
