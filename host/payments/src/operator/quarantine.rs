//! Quarantine: a store that was restored, or that went back in time by itself, is behind what happened since.
//!
//! An attempt that was reserved then may have been charged since, and a session that was open may have been paid by an attempt that
//! the store does not contain. So before it is served, every live attempt whose charge may have been sent becomes unknown, for a
//! status check, every open refund is looked up before it is sent, and every open session expires. What is charged after that is of
//! sessions that were created after that. Open uploads of feeds are given up: a later one may have been sent since.

#[cfg(test)]
mod refund_tests;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::reservation_release;
use crate::unknown_outcome::{make_unknown, moved};
use tillhouse_checkout::attempt::{Attempt, AttemptStatus, Unpaid};
use tillhouse_checkout::audit::{AuditAction, AuditEntry};
use tillhouse_checkout::discrepancy::{Discrepancy, DiscrepancyKind};
use tillhouse_checkout::ids::{AttemptId, HostId, RefundId};
use tillhouse_checkout::ports::{AttemptFilter, CommitError, FeedQueue, RefundFilter, Rewound, Store, StoreError};
use tillhouse_checkout::refund::{Refund, RefundStatus};
use tillhouse_checkout::session::SessionState;
use tillhouse_checkout::time::Timestamp;
use tillhouse_checkout::unit_of_work::UnitOfWork;

/// Sessions read at a time.
const PAGE: usize = 256;

/// How often an attempt or session is tried that another host changes meanwhile.
const TRIES: u32 = 16;

/// The states in which money may have moved since the backup.
const MAY_HAVE_CHARGED: [AttemptStatus; 7] = [
    AttemptStatus::Reserved,
    AttemptStatus::AuthenticationRequired,
    AttemptStatus::Awaiting,
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
    /// Refunds that are unknown now; they will be looked up.
    #[serde(default)]
    pub refunds: Vec<RefundId>,
    /// Open sessions that were expired.
    pub sessions: u64,
    /// Uploads of feeds that were given up: a later one may have been sent since.
    #[serde(default)]
    pub uploads: u64,
}

/// Why a store is quarantined.
#[derive(Clone, Debug)]
pub enum QuarantineCause {
    /// An operator restored it from a backup.
    Restored {
        /// Name of the operator.
        actor: String,
        /// The backup, and when it was restored.
        source: String,
    },
    /// A host noticed that it went back in time.
    Rewound {
        /// Id of the host that noticed it.
        host: HostId,
        /// What the store lacks.
        found: Rewound,
    },
}

impl QuarantineCause {
    /// Reason of an attempt that was quarantined.
    const fn reason(&self) -> &'static str {
        match self {
            Self::Restored { .. } => "restored from a backup",
            Self::Rewound { .. } => "the store went back in time",
        }
    }

    fn entry(&self, now: Timestamp, done: &Quarantined) -> AuditEntry {
        let (actor, action, subject) = match self {
            Self::Restored { actor, source } => {
                (format!("operator:{actor}"), AuditAction::RestoreStore, source.clone())
            }
            Self::Rewound { host, found } => (format!("host:{host}"), AuditAction::QuarantineStore, found.to_string()),
        };
        AuditEntry {
            at: now,
            actor,
            action,
            subject,
            detail: json!({
                "attempts": done.attempts,
                "refunds": done.refunds,
                "sessions": done.sessions,
                "feed_uploads": done.uploads,
            })
            .to_string(),
        }
    }
}

/// Quarantine a store, and record that in its audit log.
///
/// Hosts that use it meanwhile are fenced off: what they hold of an attempt or
/// a session is replaced. Repeated after an interruption it completes what is left.
///
/// # Errors
/// When the store gives no answer; it must not be served then.
pub async fn quarantine(
    store: &dyn Store,
    feeds: &dyn FeedQueue,
    now: Timestamp,
    cause: &QuarantineCause,
) -> Result<Quarantined, StoreError> {
    let filter = AttemptFilter {
        states: MAY_HAVE_CHARGED.to_vec(),
        limit: usize::MAX,
        ..AttemptFilter::default()
    };
    let mut done = Quarantined::default();
    for attempt in store.list_attempts(&filter).await? {
        let id = attempt.id.clone();
        if quarantine_attempt(store, attempt, now, cause.reason()).await? {
            done.attempts.push(id);
        }
    }
    let filter = RefundFilter {
        states: RefundStatus::ALL
            .into_iter()
            .filter(|status| status.is_open())
            .collect(),
        limit: usize::MAX,
        ..RefundFilter::default()
    };
    for refund in store.list_refunds(&filter).await? {
        let id = refund.id.clone();
        if quarantine_refund(store, refund, now, cause.reason()).await? {
            done.refunds.push(id);
        }
    }
    done.sessions = end_sessions(store, now).await?;
    done.uploads = feeds.give_up_feed_uploads(cause.reason(), now).await?;
    // A card that is there again may have paid since.
    store.delete_cards().await?;
    let unit = UnitOfWork {
        audit: Some(cause.entry(now, &done)),
        ..UnitOfWork::default()
    };
    store.commit(unit).await.map_err(StoreError::caused_by)?;
    Ok(done)
}

/// Returns whether the attempt is unknown now. Another host may move it meanwhile; it is looked at again then.
async fn quarantine_attempt(
    store: &dyn Store,
    mut attempt: Attempt,
    now: Timestamp,
    reason: &str,
) -> Result<bool, StoreError> {
    for _ in 0..TRIES {
        let without_charge = attempt.token().is_none() && !attempt.payer.is_elsewhere();
        let committed = if without_charge {
            end_without_charge(store, &attempt, now, reason).await?
        } else if attempt.payer.is_elsewhere() {
            leave_to_operator(store, &attempt, now, reason).await
        } else {
            make_unknown(store, &attempt, now, reason).await
        };
        match committed {
            Ok(()) => return Ok(!without_charge),
            // Reserved with a token that another attempt had consumed: it could never have gone on to a charge.
            Err(CommitError::TokenUsed) => return Ok(false),
            Err(CommitError::Attempt | CommitError::Session) => {}
            Err(error) => return Err(StoreError::caused_by(error)),
        }
        match store.attempt(&attempt.id).await? {
            Some(moved) if MAY_HAVE_CHARGED.contains(&moved.status()) => attempt = moved,
            _ => return Ok(false),
        }
    }
    Err(StoreError::new(format!(
        "attempt {} is changed all the time by another host",
        attempt.id
    )))
}

/// What another party takes may have been reported to the former host, and has no status to check: an operator settles it. It keeps
/// its session and its stock.
async fn leave_to_operator(
    store: &dyn Store,
    attempt: &Attempt,
    now: Timestamp,
    reason: &str,
) -> Result<(), CommitError> {
    let detail = format!("{reason}: the payment may have been reported since");
    let unit = UnitOfWork {
        attempt: Some(attempt.needs_review(&detail, now, now)),
        discrepancy: Some(Discrepancy {
            merchant: attempt.merchant.clone(),
            kind: DiscrepancyKind::OutcomeUnknown,
            subject: attempt.reference.clone(),
            attempt: Some(attempt.id.clone()),
            detail,
            found: now,
        }),
        ..UnitOfWork::default()
    };
    store.commit(unit).await
}

/// An order without a charge has no status to check: the attempt ends. Its session is open again, and so expires with the others,
/// because the former host may have made the order since.
async fn end_without_charge(
    store: &dyn Store,
    attempt: &Attempt,
    now: Timestamp,
    reason: &str,
) -> Result<Result<(), CommitError>, StoreError> {
    let session = store.session(&attempt.merchant, &attempt.session).await?;
    let write = attempt.ended(Unpaid::failed(reason), now);
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
    Ok(store.commit(unit).await)
}

/// Until now, the call may have been made. Returns whether the refund is unknown now; another host may move it meanwhile. A refund that
/// the store has lost is the same operation if it is asked for again: its key follows from its name.
async fn quarantine_refund(
    store: &dyn Store,
    mut refund: Refund,
    now: Timestamp,
    reason: &str,
) -> Result<bool, StoreError> {
    for _ in 0..TRIES {
        let unit = UnitOfWork {
            refund: Some(refund.restored(reason, now)),
            ..UnitOfWork::default()
        };
        match store.commit(unit).await {
            Ok(()) => return Ok(true),
            Err(CommitError::Refund) => {}
            Err(error) => return Err(StoreError::caused_by(error)),
        }
        match store.refund(&refund.id).await? {
            Some(moved) if moved.status().is_open() => refund = moved,
            _ => return Ok(false),
        }
    }
    Err(StoreError::new(format!(
        "refund {} is changed all the time by another host",
        refund.id
    )))
}

/// Open sessions are those that will be overdue one day.
async fn end_sessions(store: &dyn Store, now: Timestamp) -> Result<u64, StoreError> {
    let (mut ended, mut conflicts) = (0, 0);
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
            match store.commit(unit).await {
                Ok(()) => ended += 1,
                // Another host changed it: it is found again if it is still open.
                Err(CommitError::Session) if conflicts < TRIES => conflicts += 1,
                Err(error) => return Err(StoreError::caused_by(error)),
            }
        }
    }
}
