//! What is over its time: sessions expire, and what nobody will ask for any more is removed.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tracing::{debug, error, info};

use tillhouse_checkout::ports::{CommitError, Horizon, StoreError};
use tillhouse_checkout::session::{Session, SessionState};
use tillhouse_checkout::time::Timestamp;
use tillhouse_checkout::unit::{SessionWrite, UnitOfWork};

use super::Payments;

/// Sessions that are expired in one go.
const BATCH: usize = 256;

/// How long what is over is kept (reliability reference §5).
#[derive(Clone, Debug)]
pub struct Retention {
    /// Messages that were delivered.
    pub delivered: Duration,
    /// Messages that were given up, and events received.
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

impl Payments {
    /// Sweep until told to stop.
    pub async fn sweep_forever(self: Arc<Self>, stop: CancellationToken) {
        loop {
            if let Err(error) = self.sweep().await {
                error!(%error, "what is over its time could not be swept");
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(self.timings.sweep) => {}
            }
        }
    }

    /// Sweep once. An open session holds nothing: stock is only ever held by an attempt, and an attempt keeps its session from
    /// expiring.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn sweep(&self) -> Result<(), StoreError> {
        let store = &self.checkout.store;
        let now = self.checkout.clock.now();
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
        let forgotten = store
            .forget(&Horizon {
                expired: now,
                delivered_before: before(self.timings.retention.delivered),
                ended_before: before(self.timings.retention.ended),
            })
            .await?;
        if expired > 0 || forgotten > 0 {
            info!(expired, forgotten, "swept");
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
        match self.checkout.store.commit(unit).await {
            Ok(()) => Ok(true),
            // Changed in the meantime, and so not over its time.
            Err(CommitError::Session) => {
                debug!(session.id = %id, "a session was used as it expired");
                Ok(false)
            }
            Err(error) => Err(StoreError(error.to_string())),
        }
    }
}
