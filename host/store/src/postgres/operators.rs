//! Queries for operators: lists, replay, audit log.

use async_trait::async_trait;

use tillhouse_checkout::attempt::Attempt;
use tillhouse_checkout::audit::{AuditEntry, AuditRecord};
use tillhouse_checkout::discrepancy::Discrepancy;
use tillhouse_checkout::inbox::{EventSource, InboxEvent};
use tillhouse_checkout::outbox::MessageRecord;
use tillhouse_checkout::ports::{AttemptFilter, CommitError, MessageFilter, OperatorQueries, StoreError};
use tillhouse_checkout::time::Timestamp;

use super::{PostgresStore, attempts, journal, messages, unit_of_work};

#[async_trait]
impl OperatorQueries for PostgresStore {
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
        let replayed = unit_of_work::replay(&self.connections, filter, now, &audit).await;
        replayed.map_err(|error| match error {
            CommitError::Store(error) => error,
            other => StoreError::caused_by(other),
        })
    }

    async fn list_events(
        &self,
        source: &EventSource,
        after: i64,
        limit: usize,
    ) -> Result<Vec<(i64, InboxEvent)>, StoreError> {
        journal::events(&self.connections, source, after, limit).await
    }

    async fn list_discrepancies(&self, limit: usize) -> Result<Vec<Discrepancy>, StoreError> {
        journal::discrepancies(&self.connections, limit).await
    }

    async fn audit_log(&self, after: u64, limit: usize) -> Result<Vec<AuditRecord>, StoreError> {
        journal::audit_records(&self.connections, after, limit).await
    }
}
