//! Expiry: overdue sessions expire, and finished rows are purged after their retention.

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tracing::{debug, error, info};

use tillhouse_checkout::audit::{AuditAction, AuditEntry};
use tillhouse_checkout::ports::{CommitError, RetentionCutoffs, SessionCutoffs, StoreError};
use tillhouse_checkout::session::{Session, SessionState};
use tillhouse_checkout::time::Timestamp;
use tillhouse_checkout::unit_of_work::{SessionWrite, UnitOfWork};

use crate::context::PaymentContext;

/// Sessions that are expired in one go.
const BATCH: usize = 256;

const DAY: Duration = Duration::from_secs(24 * 3600);
/// The audit log is cut once a day at most: each cut is a record of its own.
const AUDIT_CUT_EVERY: Duration = DAY;

/// How long finished rows are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Sessions that were canceled or expired and for which no money was taken, with their attempts.
    pub unpaid: Duration,
    /// All other sessions that ended, with their attempts and orders; `None` keeps them.
    pub paid: Option<Duration>,
    /// Delivered messages of the outbox.
    pub delivered: Duration,
    /// Dead-lettered messages, and received events.
    pub ended: Duration,
    /// Records of the audit log.
    pub audit: Duration,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            unpaid: 30 * DAY,
            paid: None,
            delivered: 7 * DAY,
            ended: 30 * DAY,
            audit: 396 * DAY,
        }
    }
}

/// Expires overdue sessions and purges old rows.
#[derive(Clone, Debug)]
pub struct Expiry {
    context: Arc<PaymentContext>,
}

impl Expiry {
    pub(crate) const fn new(context: Arc<PaymentContext>) -> Self {
        Self { context }
    }

    /// Expire and purge until told to stop.
    pub async fn run(self, stop: CancellationToken) {
        loop {
            if let Err(error) = self.run_once().await {
                error!(%error, "failed to expire overdue sessions");
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(self.context.timings.expiry_tick) => {}
            }
        }
    }

    /// Expire overdue sessions and purge old rows once. No stock is released here: only an attempt holds stock, and a session with
    /// a live attempt does not expire.
    ///
    /// # Errors
    /// When the store gives no answer.
    pub async fn run_once(&self) -> Result<(), StoreError> {
        let store = self.context.store();
        let now = self.context.now();
        let mut expired = 0;
        loop {
            let overdue = store.overdue_sessions(now, BATCH).await?;
            let last = overdue.len() < BATCH;
            let mut moved = 0;
            for session in overdue {
                moved += usize::from(self.expire(session, now).await?);
            }
            expired += moved;
            if last || moved == 0 {
                break;
            }
        }
        let purged = self.purge(now).await?;
        if expired > 0 || purged > 0 {
            info!(
                expired,
                forgotten = purged,
                "expired overdue sessions and purged old rows"
            );
        }
        Ok(())
    }

    /// Purge every class of rows that is past its retention. Returns the number of rows, where a session counts as one.
    async fn purge(&self, now: Timestamp) -> Result<u64, StoreError> {
        let store = self.context.store();
        let retention = &self.context.timings.retention;
        let rows = store
            .purge(&RetentionCutoffs {
                expired: now,
                delivered_before: now.before(retention.delivered),
                ended_before: now.before(retention.ended),
            })
            .await?;
        let sessions = store
            .purge_sessions(&SessionCutoffs {
                unpaid: now.before(retention.unpaid),
                paid: retention.paid.map(|paid| now.before(paid)),
            })
            .await?;
        Ok(rows + sessions + self.cut_audit_log(now).await?)
    }

    async fn cut_audit_log(&self, now: Timestamp) -> Result<u64, StoreError> {
        let store = self.context.store();
        let before = now.before(self.context.timings.retention.audit);
        let oldest = store.audit_log(0, 1).await?.pop();
        let is_due = oldest.is_some_and(|oldest| oldest.entry.at < before.before(AUDIT_CUT_EVERY));
        if !is_due {
            return Ok(0);
        }
        let entry = AuditEntry {
            at: now,
            actor: format!("host:{}", self.context.lease_holder.host),
            action: AuditAction::PurgeAudit,
            subject: "audit".to_owned(),
            detail: String::new(),
        };
        store.purge_audit(before, &entry).await
    }

    async fn expire(&self, session: Session, now: Timestamp) -> Result<bool, StoreError> {
        let id = session.id.clone();
        let replaces = session.revision;
        let session = Session {
            revision: replaces + 1,
            updated: now,
            state: SessionState::Expired,
            ..session
        };
        let unit = UnitOfWork {
            outbox: self.context.checkout.end_message(&session).into_iter().collect(),
            session: Some(SessionWrite {
                replaces: Some(replaces),
                session: Box::new(session),
            }),
            ..UnitOfWork::default()
        };
        match self.context.store().commit(unit).await {
            Ok(()) => Ok(true),
            // Changed in the meantime, and so not overdue.
            Err(CommitError::Session) => {
                debug!(session.id = %id, "a session was changed as it expired");
                Ok(false)
            }
            Err(error) => Err(StoreError::caused_by(error)),
        }
    }
}
