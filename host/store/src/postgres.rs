//! The store on PostgreSQL: several hosts, one database.
//!
//! - A unit of work is one transaction and two round trips (`unit`). PostgreSQL itself shares one flush of its log among the
//!   commits that wait for it.
//! - Leases are columns of what is leased and run by the clock of the database, so that hosts whose clocks differ agree
//!   (`attempts`, `messages`). Workers pass over rows that another is looking at (`SKIP LOCKED`).
//! - What the server rolls back in favour of another transaction is tried again (`connections`). A `COMMIT` whose answer was
//!   lost is not: nobody knows what became of it.

mod attempts;
mod conflict;
mod connections;
mod journal;
mod locks;
mod messages;
mod open;
mod operators;
mod pipeline;
mod plugin_data;
mod records;
mod settings;
mod tls;
mod unit;
mod upkeep;
mod work;

use std::sync::Arc;

use async_trait::async_trait;

use tillhouse_checkout::attempt::Attempt;
use tillhouse_checkout::ids::{AttemptId, MerchantId, SessionId, TokenId};
use tillhouse_checkout::order::Order;
use tillhouse_checkout::ports::{CommitError, PluginData, Store, StoreError};
use tillhouse_checkout::session::Session;
use tillhouse_checkout::time::{Clock, Timestamp};
use tillhouse_checkout::unit::{IdempotencyRecord, IdempotencyScope, Namespace, UnitOfWork, Versioned};
use tillhouse_crash_points::crash_point;

pub use open::PostgresOpenError;
pub use settings::PostgresSettings;

use connections::Connections;

/// The store on PostgreSQL.
#[derive(Debug)]
pub struct PostgresStore {
    connections: Connections,
    clock: Arc<dyn Clock>,
}

impl PostgresStore {
    /// Connect, see that the server keeps what it confirms, and bring its tables up to date where needed. The clock tells
    /// whether an idempotency record that stands in the way has expired.
    ///
    /// # Errors
    /// When the URL is wrong, the server cannot be reached or does not promise to be durable, or a newer version wrote the
    /// tables.
    pub async fn open(settings: &PostgresSettings, clock: Arc<dyn Clock>) -> Result<Self, PostgresOpenError> {
        Ok(Self {
            connections: open::database(settings).await?,
            clock,
        })
    }

    /// Take no more. What is under way ends, and its connections with it; later calls of anything are answered with an error.
    pub fn close(&self) {
        self.connections.close();
    }
}

#[async_trait]
impl PluginData for PostgresStore {
    async fn kv(&self, namespace: &Namespace, key: &str) -> Result<Option<Versioned>, StoreError> {
        plugin_data::value(&self.connections, namespace, key).await
    }

    async fn counter(&self, namespace: &Namespace, key: &str) -> Result<i64, StoreError> {
        plugin_data::counter(&self.connections, namespace, key).await
    }
}

#[async_trait]
impl Store for PostgresStore {
    async fn commit(&self, unit: UnitOfWork) -> Result<(), CommitError> {
        crash_point!(around tillhouse_crash_points::names::unit(&unit), unit::commit(&self.connections, &unit, self.clock.now()))
    }

    async fn session(&self, merchant: &MerchantId, id: &SessionId) -> Result<Option<Session>, StoreError> {
        records::session(&self.connections, merchant, id).await
    }

    async fn idempotency(
        &self,
        scope: &IdempotencyScope,
        now: Timestamp,
    ) -> Result<Option<IdempotencyRecord>, StoreError> {
        records::idempotency(&self.connections, scope, now).await
    }

    async fn attempt(&self, id: &AttemptId) -> Result<Option<Attempt>, StoreError> {
        attempts::one(&self.connections, id).await
    }

    async fn attempts_of(&self, session: &SessionId) -> Result<Vec<Attempt>, StoreError> {
        attempts::of_session(&self.connections, session).await
    }

    async fn attempt_by_reference(
        &self,
        merchant: &MerchantId,
        reference: &str,
    ) -> Result<Option<Attempt>, StoreError> {
        attempts::by_reference(&self.connections, merchant, reference).await
    }

    async fn token_used(
        &self,
        merchant: &MerchantId,
        token: &TokenId,
        by_other_than: &SessionId,
    ) -> Result<bool, StoreError> {
        attempts::token_burned(&self.connections, merchant, token, by_other_than).await
    }

    async fn order(&self, merchant: &MerchantId, session: &SessionId) -> Result<Option<Order>, StoreError> {
        records::order(&self.connections, merchant, session).await
    }
}
