//! Store on SQLite: one writer with group commit, many readers, checkpoints in the background.
//!
//! Every write goes through one thread, which takes what is queued (at most [`SqliteSettings::group_max`] units), gives each
//! unit a savepoint of its own and makes all of them durable with one fsync, the slowest step of a commit. No caller gets an
//! answer before that fsync.
//!
//! Invariant: one host per folder, held by a lock on `host.lock`.

mod attempts;
mod backup;
mod buyers;
mod catalogs;
mod checkpoint;
mod commit_mark;
mod connection;
mod damage;
mod db_error;
mod feed_queue;
mod feeds;
mod files;
mod group_commit;
mod inspect;
mod journal;
mod leases;
mod lock;
mod maintenance;
mod messages;
mod open;
mod operators;
mod orders;
mod plugin_data;
mod privacy;
mod read_error;
mod readers;
mod records;
mod refunds;
mod restore;
mod retained_data;
mod retention;
mod saved_carts;
mod settings;
#[cfg(test)]
mod tests;
mod unit_of_work;
mod vault;
mod work_queue;
mod writer;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use rusqlite::Connection;

use tillhouse_checkout::attempt::Attempt;
use tillhouse_checkout::idempotency::{IdempotencyRecord, IdempotencyScope};
use tillhouse_checkout::ids::{AttemptId, MerchantId, OrderId, ProcessorReference, SavedCartId, SessionId, TokenId};
use tillhouse_checkout::order::Order;
use tillhouse_checkout::plugin_data::{DataUsage, Namespace, VersionedValue};
use tillhouse_checkout::ports::{CommitError, DelegatedCards, PluginData, Rewound, Store, StoreError};
use tillhouse_checkout::saved_cart::SavedCart;
use tillhouse_checkout::session::Session;
use tillhouse_checkout::time::{Clock, Timestamp};
use tillhouse_checkout::unit_of_work::UnitOfWork;
use tillhouse_checkout::vault::SealedCard;
use tillhouse_crash_points::crash_point;

pub use backup::BackupError;
pub use inspect::inspect;
pub use open::SqliteOpenError;
pub use privacy::check_privacy;
pub use restore::{RestoreError, Staging};
pub use settings::SqliteSettings;

use crate::commit_marks::CommitMarks;
use catalogs::Catalogs;
use files::StoreFiles;
use leases::{EndedLease, Fences, Leases};
use read_error::ReadError;
use readers::Readers;
use unit_of_work::PreparedUnit;
use writer::{WriteRequest, Writer};

/// Store on SQLite, in a folder that only this host uses.
#[derive(Debug)]
pub struct SqliteStore {
    folder: PathBuf,
    writer: Writer,
    readers: Arc<Readers>,
    fences: Arc<Fences>,
    messages: Leases<i64>,
    marks: Arc<CommitMarks>,
    catalogs: Arc<Catalogs>,
    files: Arc<StoreFiles>,
    /// Whether the quarantine may write into a store that went back in time.
    in_quarantine: AtomicBool,
}

impl SqliteStore {
    /// Opens the folder, creates it if it is missing, and migrates the schema where needed. The clock decides whether an existing
    /// idempotency record has expired. Blocks on the disk for some milliseconds.
    ///
    /// # Errors
    /// When the folder cannot be used, another host has locked it, a newer version wrote it, or SQLite rejects a setting that
    /// durability depends on.
    pub fn open(settings: &SqliteSettings, clock: Arc<dyn Clock>) -> Result<Self, SqliteOpenError> {
        let opened = open::open_folder(settings)?;
        let fences = Arc::new(Fences::default());
        Ok(Self {
            folder: settings.folder.clone(),
            writer: Writer::start(
                settings,
                opened.writer,
                opened.checkpointer,
                opened.lock,
                Arc::clone(&fences),
                Arc::clone(&opened.marks),
                clock,
            )?,
            readers: Arc::new(Readers::new(opened.readers)),
            fences,
            messages: Leases::default(),
            marks: opened.marks,
            catalogs: Arc::new(Catalogs::new(&settings.folder, settings.readers)),
            files: opened.files,
            in_quarantine: AtomicBool::new(false),
        })
    }

    /// Refuses new work, commits what is queued, checkpoints the log and releases the folder. Every later call returns an error.
    /// Dropping the store does the same, but does not wait for reads.
    pub async fn close(&self) {
        self.readers.close().await;
        self.catalogs.close().await;
        let writer = self.writer.detach();
        // Joining blocks until the queue is empty. A panic of the thread was reported by the panic hook.
        tokio::task::spawn_blocking(move || drop(writer)).await.ok();
    }

    async fn read<T, F>(&self, query: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, ReadError> + Send + 'static,
    {
        self.readers.run(query).await
    }

    /// Sets the epoch of each attempt to that of its current lease.
    async fn read_attempts<F>(&self, query: F) -> Result<Vec<Attempt>, StoreError>
    where
        F: FnOnce(&Connection) -> Result<Vec<Attempt>, ReadError> + Send + 'static,
    {
        let mut attempts = self.read(query).await?;
        for attempt in &mut attempts {
            attempt.epoch = self.fences.attempts.epoch(&attempt.id);
        }
        Ok(attempts)
    }

    /// Set if the store went back in time since this host last had it, and is not in quarantine yet. No commit is accepted then.
    #[must_use]
    pub fn rewound(&self) -> Option<Rewound> {
        self.marks.rewound()
    }

    /// Lets a quarantine write into a store that went back in time; no request may use the store meanwhile.
    ///
    /// # Errors
    /// When the store gives no answer.
    pub async fn begin_quarantine(&self) -> Result<(), StoreError> {
        let (_, found) = self.read(|db| Ok(commit_mark::read(db)?)).await?;
        self.marks.begin_quarantine(&found);
        self.in_quarantine.store(true, Ordering::Release);
        Ok(())
    }

    /// The quarantine is complete: the store may be served.
    ///
    /// # Errors
    /// When what the host remembers of the store cannot be written.
    pub fn end_quarantine(&self) -> Result<(), StoreError> {
        self.marks.end_quarantine()?;
        self.in_quarantine.store(false, Ordering::Release);
        Ok(())
    }

    fn ensure_writable(&self) -> Result<(), StoreError> {
        if !self.in_quarantine.load(Ordering::Acquire) {
            self.marks.ensure_not_rewound()?;
        }
        self.files.ensure_there()
    }

    async fn write(&self, request: WriteRequest) -> Result<u64, StoreError> {
        self.ensure_writable()?;
        self.writer.submit(request).await.map_err(|error| match error {
            CommitError::Store(error) => error,
            other => StoreError::caused_by(other),
        })
    }
}

#[async_trait]
impl PluginData for SqliteStore {
    async fn kv(&self, namespace: &Namespace, key: &str) -> Result<Option<VersionedValue>, StoreError> {
        let (namespace, key) = (namespace.clone(), key.to_owned());
        self.read(move |db| plugin_data::value(db, &namespace, &key)).await
    }

    async fn counter(&self, namespace: &Namespace, key: &str) -> Result<i64, StoreError> {
        let (namespace, key) = (namespace.clone(), key.to_owned());
        self.read(move |db| Ok(plugin_data::counter(db, &namespace, &key)?))
            .await
    }

    async fn has_counter(&self, namespace: &Namespace, key: &str) -> Result<bool, StoreError> {
        let (namespace, key) = (namespace.clone(), key.to_owned());
        self.read(move |db| Ok(plugin_data::has_counter(db, &namespace, &key)?))
            .await
    }

    async fn usage(&self, namespace: &Namespace) -> Result<DataUsage, StoreError> {
        let namespace = namespace.clone();
        self.read(move |db| Ok(plugin_data::usage(db, &namespace)?)).await
    }
}

#[async_trait]
impl DelegatedCards for SqliteStore {
    async fn sealed_card(&self, merchant: &MerchantId, token: &TokenId) -> Result<Option<SealedCard>, StoreError> {
        let (merchant, token) = (merchant.clone(), token.clone());
        self.read(move |db| vault::by_token(db, &merchant, &token)).await
    }

    async fn delete_cards(&self) -> Result<u64, StoreError> {
        self.write(WriteRequest::DeleteCards).await
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn commit(&self, unit: UnitOfWork) -> Result<(), CommitError> {
        self.ensure_writable()?;
        let prepared = PreparedUnit::new(unit)?;
        // Before any reader can find it: a new attempt is never visible without its lease.
        let begun = prepared
            .attempt_writes()
            .find_map(|write| self.fences.begin_lease(write));
        let ended: Vec<_> = prepared.attempt_writes().filter_map(EndedLease::of).collect();
        let refund = prepared.refund_write().cloned();
        let committed = self.submit(prepared).await.map(|_| ());
        if let (Ok(()), Some(write)) = (&committed, &refund) {
            self.end_refund_lease(write);
        }
        match (&committed, begun) {
            (Ok(()), _) => ended.iter().for_each(|ended| self.fences.end_lease(ended)),
            // Unknown whether it was committed: then the lease expires.
            (Err(CommitError::Store(_)), _) | (Err(_), None) => {}
            (Err(_), Some(id)) => self.fences.attempts.remove(&id, 0),
        }
        committed
    }

    async fn session(&self, merchant: &MerchantId, id: &SessionId) -> Result<Option<Session>, StoreError> {
        let (merchant, id) = (merchant.clone(), id.clone());
        self.read(move |db| records::session(db, &merchant, &id)).await
    }

    async fn open_sessions(
        &self,
        merchant: &MerchantId,
        principal: Option<&str>,
        limit: u64,
    ) -> Result<u64, StoreError> {
        let (merchant, principal) = (merchant.clone(), principal.map(str::to_owned));
        self.read(move |db| records::open_sessions(db, &merchant, principal.as_deref(), limit))
            .await
    }

    async fn saved_cart(&self, merchant: &MerchantId, id: &SavedCartId) -> Result<Option<SavedCart>, StoreError> {
        let (merchant, id) = (merchant.clone(), id.clone());
        self.read(move |db| saved_carts::by_id(db, &merchant, &id)).await
    }

    async fn saved_carts(
        &self,
        merchant: &MerchantId,
        principal: Option<&str>,
        now: Timestamp,
        limit: u64,
    ) -> Result<u64, StoreError> {
        let (merchant, principal) = (merchant.clone(), principal.map(str::to_owned));
        self.read(move |db| saved_carts::count(db, &merchant, principal.as_deref(), now, limit))
            .await
    }

    async fn idempotency(
        &self,
        scope: &IdempotencyScope,
        now: Timestamp,
    ) -> Result<Option<IdempotencyRecord>, StoreError> {
        let scope = scope.clone();
        self.read(move |db| records::idempotency(db, scope, now)).await
    }

    async fn attempt(&self, id: &AttemptId) -> Result<Option<Attempt>, StoreError> {
        let id = id.clone();
        let found = self.read_attempts(move |db| Ok(attempts::by_id(db, &id)?.into_iter().collect()));
        Ok(found.await?.pop())
    }

    async fn attempts_of(&self, merchant: &MerchantId, session: &SessionId) -> Result<Vec<Attempt>, StoreError> {
        let (merchant, session) = (merchant.clone(), session.clone());
        self.read_attempts(move |db| attempts::of_session(db, &merchant, &session))
            .await
    }

    async fn attempt_by_reference(
        &self,
        merchant: &MerchantId,
        reference: &str,
    ) -> Result<Option<Attempt>, StoreError> {
        let (merchant, reference) = (merchant.clone(), reference.to_owned());
        let found =
            self.read_attempts(move |db| Ok(attempts::by_reference(db, &merchant, &reference)?.into_iter().collect()));
        Ok(found.await?.pop())
    }

    async fn attempt_by_order(&self, merchant: &MerchantId, order: &str) -> Result<Option<Attempt>, StoreError> {
        let (merchant, order) = (merchant.clone(), order.to_owned());
        let found = self.read_attempts(move |db| Ok(attempts::by_order(db, &merchant, &order)?.into_iter().collect()));
        Ok(found.await?.pop())
    }

    async fn attempt_by_charge(
        &self,
        merchant: &MerchantId,
        charge: &ProcessorReference,
    ) -> Result<Option<Attempt>, StoreError> {
        let (merchant, charge) = (merchant.clone(), charge.clone());
        let found =
            self.read_attempts(move |db| Ok(attempts::by_charge(db, &merchant, &charge)?.into_iter().collect()));
        Ok(found.await?.pop())
    }

    async fn token_used(
        &self,
        merchant: &MerchantId,
        token: &TokenId,
        by_other_than: &SessionId,
    ) -> Result<bool, StoreError> {
        let (merchant, token, session) = (merchant.clone(), token.clone(), by_other_than.clone());
        self.read(move |db| attempts::token_used(db, &merchant, &token, &session))
            .await
    }

    async fn order(&self, merchant: &MerchantId, session: &SessionId) -> Result<Option<Order>, StoreError> {
        let (merchant, session) = (merchant.clone(), session.clone());
        self.read(move |db| orders::of_session(db, &merchant, &session)).await
    }

    async fn order_by_id(&self, merchant: &MerchantId, id: &OrderId) -> Result<Option<Order>, StoreError> {
        let (merchant, id) = (merchant.clone(), id.clone());
        self.read(move |db| orders::by_id(db, &merchant, &id)).await
    }

    async fn list_orders(
        &self,
        merchant: &MerchantId,
        before: Option<Timestamp>,
        limit: usize,
    ) -> Result<Vec<Order>, StoreError> {
        let merchant = merchant.clone();
        self.read(move |db| orders::list(db, &merchant, before, limit)).await
    }
}

impl SqliteStore {
    async fn submit(&self, prepared: PreparedUnit) -> Result<u64, CommitError> {
        crash_point!(around tillhouse_crash_points::names::unit(prepared.unit()), self.writer.submit(WriteRequest::Unit(Box::new(prepared))))
    }
}
