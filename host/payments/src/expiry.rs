//! Expiry: overdue sessions expire, and finished rows are purged after their retention.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tracing::{debug, error, info};

use tillhouse_checkout::ports::{CommitError, RetentionCutoffs, StoreError};
use tillhouse_checkout::session::{Session, SessionState};
use tillhouse_checkout::time::Timestamp;
use tillhouse_checkout::unit_of_work::{SessionWrite, UnitOfWork};

use crate::context::PaymentContext;

/// Sessions that are expired in one go.
const BATCH: usize = 256;

/// How long finished rows are kept.
#[derive(Clone, Debug)]
pub struct Retention {
    /// Delivered messages of the outbox.
    pub delivered: Duration,
    /// Dead-lettered messages, and received events.
    pub ended: Duration,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            delivered: Duration::from_secs(7 * 24 * 3600),
            ended: Duration::from_secs(30 * 24 * 3600),
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
        let before = |span: Duration| now.before(span);
        let purged = store
            .purge(&RetentionCutoffs {
                expired: now,
                delivered_before: before(self.context.timings.retention.delivered),
                ended_before: before(self.context.timings.retention.ended),
            })
            .await?;
        if expired > 0 || purged > 0 {
            info!(
                expired,
                forgotten = purged,
                "expired overdue sessions and purged old rows"
            );
        }
        Ok(())
    }

    async fn expire(&self, session: Session, now: Timestamp) -> Result<bool, StoreError> {
        let id = session.id.clone();
        let unit = UnitOfWork {
            session: Some(SessionWrite {
                replaces: Some(session.revision),
                session: Session {
                    revision: session.revision + 1,
                    updated: now,
                    state: SessionState::Expired,
                    ..session
                },
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
