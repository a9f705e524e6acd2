//! Queries for operators: lists, replay, audit log.

use async_trait::async_trait;

use tillhouse_checkout::attempt::Attempt;
use tillhouse_checkout::audit::{AuditEntry, AuditRecord};
use tillhouse_checkout::ports::{AttemptFilter, CommitError, MessageFilter, Records, StoreError};
use tillhouse_checkout::time::Timestamp;
use tillhouse_checkout::unit::{Break, InboxEvent, MessageRecord};

use super::{PostgresStore, attempts, journal, messages, unit};

#[async_trait]
impl Records for PostgresStore {
    async fn list_attempts(&self, filter: &AttemptFilter) -> Result<Vec<Attempt>, StoreError> {
        attempts::filtered(&self.connections, filter).await
    }

    async fn list_messages(&self, filter: &MessageFilter) -> Result<Vec<MessageRecord>, StoreError> {
        messages::filtered(&self.connections, filter).await
    }

    async fn replay_messages(
        &self,
        filter: &MessageFilter,
        now: Timestamp,
        audit: AuditEntry,
    ) -> Result<u64, StoreError> {
        let replayed = unit::replay(&self.connections, filter, now, &audit).await;
        replayed.map_err(|error| match error {
            CommitError::Store(error) => error,
            other => StoreError(other.to_string()),
        })
    }

    async fn list_events(&self, source: &str, after: i64, limit: usize) -> Result<Vec<(i64, InboxEvent)>, StoreError> {
        journal::events(&self.connections, source, after, limit).await
    }

    async fn list_breaks(&self, limit: usize) -> Result<Vec<Break>, StoreError> {
        journal::breaks(&self.connections, limit).await
    }

    async fn audit_log(&self, after: u64, limit: usize) -> Result<Vec<AuditRecord>, StoreError> {
        journal::audited(&self.connections, after, limit).await
    }
}
