//! Store on PostgreSQL: several hosts share one database.
//!
//! - A unit of work is one transaction and two round trips (`unit_of_work`). PostgreSQL itself flushes its log once for all commits that
//!   wait at the same time.
//! - A lease is stored in columns of the leased row and expires by the clock of the database, so that hosts whose clocks differ
//!   agree (`attempts`, `messages`). Workers skip rows that another worker has locked (`SKIP LOCKED`).
//! - A transaction that the server rolled back because of another one is retried (`connections`). A `COMMIT` whose answer was
//!   lost is not retried: its outcome is unknown.

mod attempts;
mod buyers;
mod cart_erasure;
mod catalogs;
mod commit_mark;
mod connections;
mod db_error;
mod feed_queue;
mod feeds;
mod journal;
mod locks;
mod maintenance;
mod messages;
mod open;
mod operators;
mod orders;
mod pipeline;
mod plugin_data;
mod records;
mod refunds;
mod retained_data;
mod retention;
mod saved_carts;
mod settings;
mod tls;
mod unit_of_work;
mod vault;
mod weaknesses;
mod work_queue;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;

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

pub use open::PostgresOpenError;
pub use settings::PostgresSettings;

use crate::catalog_imports::CatalogImports;
use connections::Connections;

/// Store on PostgreSQL, behind a pool of connections.
#[derive(Debug)]
pub struct PostgresStore {
    connections: Arc<Connections>,
    imports: Arc<CatalogImports>,
    clock: Arc<dyn Clock>,
}

impl PostgresStore {
    /// Connects, checks that the server keeps what it confirms, and migrates the schema where needed. The clock decides whether
    /// an existing idempotency record has expired.
    ///
    /// # Errors
    /// When the URL is invalid, the server cannot be reached or is not configured to be durable, or a newer version wrote the
    /// tables.
    pub async fn open(settings: &PostgresSettings, clock: Arc<dyn Clock>) -> Result<Self, PostgresOpenError> {
        Ok(Self {
            connections: Arc::new(open::open_pool(settings).await?),
            imports: Arc::default(),
            clock,
        })
    }

    /// Set if the database went back in time since a commit was confirmed to this host, and is not in quarantine yet. Nothing is read
    /// from it and nothing is committed to it then.
    #[must_use]
    pub fn rewound(&self) -> Option<Rewound> {
        self.connections.marks().rewound()
    }

    /// What a host whose memory is in this folder would notice.
    ///
    /// # Errors
    /// When the database gives no answer.
    pub async fn compare_with(&self, folder: &Path) -> Result<Option<Rewound>, StoreError> {
        let client = self.connections.get().await?;
        let compared = commit_mark::inspect(&client, folder).await;
        compared.map_err(db_error::store_error)
    }

    /// The same store for a quarantine, which alone may use a database that went back in time.
    ///
    /// # Errors
    /// When the database gives no answer.
    pub async fn begin_quarantine(&self) -> Result<Self, StoreError> {
        let connections = self.connections.for_quarantine();
        let client = connections.get().await?;
        let begun = commit_mark::begin_quarantine(&client, connections.marks()).await;
        begun.map_err(db_error::store_error)?;
        drop(client);
        Ok(Self {
            connections: Arc::new(connections),
            imports: Arc::clone(&self.imports),
            clock: Arc::clone(&self.clock),
        })
    }

    /// The quarantine is complete: the database may be used.
    ///
    /// # Errors
    /// When the database gives no answer, or what the host remembers of the store cannot be written.
    pub async fn end_quarantine(&self) -> Result<(), StoreError> {
        let client = self.connections.for_quarantine().get().await?;
        let marks = self.connections.marks();
        let raised = async {
            commit_mark::raise_all(&client).await?;
            commit_mark::begin_quarantine(&client, marks).await
        };
        raised.await.map_err(db_error::store_error)?;
        marks.end_quarantine()
    }

    /// Refuses new work. Work in progress finishes, then its connections close; every later call returns an error.
    pub fn close(&self) {
        self.connections.close();
    }
}

#[async_trait]
impl PluginData for PostgresStore {
    async fn kv(&self, namespace: &Namespace, key: &str) -> Result<Option<VersionedValue>, StoreError> {
        plugin_data::value(&self.connections, namespace, key).await
    }

    async fn counter(&self, namespace: &Namespace, key: &str) -> Result<i64, StoreError> {
        plugin_data::counter(&self.connections, namespace, key).await
    }

    async fn has_counter(&self, namespace: &Namespace, key: &str) -> Result<bool, StoreError> {
        plugin_data::has_counter(&self.connections, namespace, key).await
    }

    async fn usage(&self, namespace: &Namespace) -> Result<DataUsage, StoreError> {
        plugin_data::usage(&self.connections, namespace).await
    }
}

#[async_trait]
impl DelegatedCards for PostgresStore {
    async fn sealed_card(&self, merchant: &MerchantId, token: &TokenId) -> Result<Option<SealedCard>, StoreError> {
        vault::by_token(&self.connections, merchant, token).await
    }

    async fn delete_cards(&self) -> Result<u64, StoreError> {
        vault::delete_all(&self.connections).await
    }
}

#[async_trait]
impl Store for PostgresStore {
    async fn commit(&self, unit: UnitOfWork) -> Result<(), CommitError> {
        crash_point!(around tillhouse_crash_points::names::unit(&unit), unit_of_work::commit(&self.connections, &unit, self.clock.now()))
    }

    async fn session(&self, merchant: &MerchantId, id: &SessionId) -> Result<Option<Session>, StoreError> {
        records::session(&self.connections, merchant, id).await
    }

    async fn open_sessions(
        &self,
        merchant: &MerchantId,
        principal: Option<&str>,
        limit: u64,
    ) -> Result<u64, StoreError> {
        records::open_sessions(&self.connections, merchant, principal, limit).await
    }

    async fn saved_cart(&self, merchant: &MerchantId, id: &SavedCartId) -> Result<Option<SavedCart>, StoreError> {
        saved_carts::by_id(&self.connections, merchant, id).await
    }

    async fn saved_carts(
        &self,
        merchant: &MerchantId,
        principal: Option<&str>,
        now: Timestamp,
        limit: u64,
    ) -> Result<u64, StoreError> {
        saved_carts::count(&self.connections, merchant, principal, now, limit).await
    }

    async fn idempotency(
        &self,
        scope: &IdempotencyScope,
        now: Timestamp,
    ) -> Result<Option<IdempotencyRecord>, StoreError> {
        records::idempotency(&self.connections, scope, now).await
    }

    async fn attempt(&self, id: &AttemptId) -> Result<Option<Attempt>, StoreError> {
        attempts::by_id(&self.connections, id).await
    }

    async fn attempts_of(&self, merchant: &MerchantId, session: &SessionId) -> Result<Vec<Attempt>, StoreError> {
        attempts::of_session(&self.connections, merchant, session).await
    }

    async fn attempt_by_reference(
        &self,
        merchant: &MerchantId,
        reference: &str,
    ) -> Result<Option<Attempt>, StoreError> {
        attempts::by_reference(&self.connections, merchant, reference).await
    }

    async fn attempt_by_order(&self, merchant: &MerchantId, order: &str) -> Result<Option<Attempt>, StoreError> {
        attempts::by_order(&self.connections, merchant, order).await
    }

    async fn attempt_by_charge(
        &self,
        merchant: &MerchantId,
        charge: &ProcessorReference,
    ) -> Result<Option<Attempt>, StoreError> {
        attempts::by_charge(&self.connections, merchant, charge).await
    }

    async fn token_used(
        &self,
        merchant: &MerchantId,
        token: &TokenId,
        by_other_than: &SessionId,
    ) -> Result<bool, StoreError> {
        attempts::token_used(&self.connections, merchant, token, by_other_than).await
    }

    async fn order(&self, merchant: &MerchantId, session: &SessionId) -> Result<Option<Order>, StoreError> {
        orders::of_session(&self.connections, merchant, session).await
    }

    async fn order_by_id(&self, merchant: &MerchantId, id: &OrderId) -> Result<Option<Order>, StoreError> {
        orders::by_id(&self.connections, merchant, id).await
    }

    async fn list_orders(
        &self,
        merchant: &MerchantId,
        before: Option<Timestamp>,
        limit: usize,
    ) -> Result<Vec<Order>, StoreError> {
        orders::list(&self.connections, merchant, before, limit).await
    }
}
