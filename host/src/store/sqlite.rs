//! The store on SQLite: one writer with group commit, many readers, checkpoints in the background.
//!
//! Every write goes through one thread, which takes what is queued (at most [`SqliteSettings::group_max`] units), gives each
//! unit a savepoint of its own and makes all of them durable with one fsync (reliability reference §1.6, performance
//! reference §4). Nobody is answered before that fsync.
//!
//! Invariant: one host per folder, held by a lock on `host.lock`.

mod attempts;
mod checkpoint;
mod conflict;
mod group;
mod lock;
mod messages;
mod open;
mod plugin_data;
mod readers;
mod records;
mod settings;
#[cfg(test)]
mod tests;
mod unit;
mod writer;

use std::sync::Arc;

use async_trait::async_trait;
use rusqlite::Connection;

use crate::checkout::attempt::Attempt;
use crate::checkout::ids::{AttemptId, MerchantId, SessionId, TokenId};
use crate::checkout::order::Order;
use crate::checkout::ports::{CommitError, Store, StoreError};
use crate::checkout::session::Session;
use crate::checkout::time::{Clock, Timestamp};
use crate::checkout::unit::{IdempotencyRecord, IdempotencyScope, Namespace, QueuedMessage, UnitOfWork, Versioned};

pub use open::StoreOpenError;
pub use settings::SqliteSettings;

use messages::Move;
use readers::Readers;
use unit::Prepared;
use writer::{Work, Writer};

/// The store on SQLite.
#[derive(Debug)]
pub struct SqliteStore {
    writer: Writer,
    readers: Arc<Readers>,
}

impl SqliteStore {
    /// Open the folder, creating it and bringing its tables up to date where needed. The clock tells whether an idempotency
    /// record that stands in the way has expired. Blocks on the disk for some milliseconds.
    ///
    /// # Errors
    /// When the folder cannot be used, another host has it, a newer version wrote it, or SQLite does not take the settings
    /// that durability rests on.
    pub fn open(settings: &SqliteSettings, clock: Arc<dyn Clock>) -> Result<Self, StoreOpenError> {
        let opened = open::folder(settings)?;
        Ok(Self {
            writer: Writer::start(settings, opened.writer, opened.checkpointer, opened.lock, clock)?,
            readers: Arc::new(Readers::new(opened.readers)),
        })
    }

    /// Take no more, finish what is queued, fold the log into the database and let go of the folder. Later calls of anything
    /// are answered with an error. Dropping the store does the same but for waiting for reads.
    pub async fn close(&self) {
        self.readers.close().await;
        let writer = self.writer.detach();
        // Joining blocks for as long as the queue takes. A panic of the thread was reported by the panic hook.
        tokio::task::spawn_blocking(move || drop(writer)).await.ok();
    }

    async fn read<T, F>(&self, query: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        self.readers.run(query).await
    }

    async fn write(&self, work: Work) -> Result<u64, StoreError> {
        self.writer.submit(work).await.map_err(|error| match error {
            CommitError::Store(error) => error,
            other => StoreError(other.to_string()),
        })
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn commit(&self, unit: UnitOfWork) -> Result<(), CommitError> {
        let prepared = Prepared::new(unit)?;
        self.writer.submit(Work::Unit(Box::new(prepared))).await.map(|_| ())
    }

    async fn session(&self, merchant: &MerchantId, id: &SessionId) -> Result<Option<Session>, StoreError> {
        let (merchant, id) = (merchant.clone(), id.clone());
        self.read(move |db| records::session(db, &merchant, &id)).await
    }

    async fn idempotency(
        &self,
        scope: &IdempotencyScope,
        now: Timestamp,
    ) -> Result<Option<IdempotencyRecord>, StoreError> {
        let scope = scope.clone();
        self.read(move |db| records::idempotency(db, scope, now)).await
    }

    async fn kv(&self, namespace: &Namespace, key: &str) -> Result<Option<Versioned>, StoreError> {
        let (namespace, key) = (namespace.clone(), key.to_owned());
        self.read(move |db| plugin_data::value(db, &namespace, &key)).await
    }

    async fn counter(&self, namespace: &Namespace, key: &str) -> Result<i64, StoreError> {
        let (namespace, key) = (namespace.clone(), key.to_owned());
        self.read(move |db| Ok(plugin_data::counter(db, &namespace, &key)?))
            .await
    }

    async fn attempt(&self, id: &AttemptId) -> Result<Option<Attempt>, StoreError> {
        let id = id.clone();
        self.read(move |db| attempts::one(db, &id)).await
    }

    async fn attempts_of(&self, session: &SessionId) -> Result<Vec<Attempt>, StoreError> {
        let session = session.clone();
        self.read(move |db| attempts::of_session(db, &session)).await
    }

    async fn open_attempts(&self, limit: usize) -> Result<Vec<Attempt>, StoreError> {
        self.read(move |db| attempts::open(db, limit)).await
    }

    async fn token_used(
        &self,
        merchant: &MerchantId,
        token: &TokenId,
        by_other_than: &SessionId,
    ) -> Result<bool, StoreError> {
        let (merchant, token, session) = (merchant.clone(), token.clone(), by_other_than.clone());
        self.read(move |db| attempts::token_burned(db, &merchant, &token, &session))
            .await
    }

    async fn order(&self, merchant: &MerchantId, session: &SessionId) -> Result<Option<Order>, StoreError> {
        let (merchant, session) = (merchant.clone(), session.clone());
        self.read(move |db| records::order(db, &merchant, &session)).await
    }

    async fn due_messages(&self, now: Timestamp, limit: usize) -> Result<Vec<QueuedMessage>, StoreError> {
        self.read(move |db| messages::due(db, now, limit)).await
    }

    async fn delivered(&self, id: i64, now: Timestamp) -> Result<(), StoreError> {
        self.write(Work::Message(Move::delivered(id, now))).await.map(|_| ())
    }

    async fn postpone(&self, id: i64, until: Timestamp, reason: &str) -> Result<(), StoreError> {
        self.write(Work::Message(Move::postponed(id, until, reason)))
            .await
            .map(|_| ())
    }

    async fn bury(&self, id: i64, now: Timestamp, reason: &str) -> Result<(), StoreError> {
        self.write(Work::Message(Move::buried(id, now, reason)))
            .await
            .map(|_| ())
    }

    async fn forget_expired(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut forgotten = 0;
        loop {
            // In portions, so that a large backlog does not hold up the checkouts that are queued behind it.
            let portion = self.write(Work::Forget(now)).await?;
            forgotten += portion;
            if portion < records::FORGET_PORTION {
                return Ok(forgotten);
            }
        }
    }
}
