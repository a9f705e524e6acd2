//! Queries for operators: lists, replay, audit log.

use async_trait::async_trait;

use tillhouse_checkout::attempt::Attempt;
use tillhouse_checkout::audit::{AuditEntry, AuditRecord};
use tillhouse_checkout::discrepancy::Discrepancy;
use tillhouse_checkout::inbox::{EventSource, InboxEvent};
use tillhouse_checkout::outbox::MessageRecord;
use tillhouse_checkout::ports::{AttemptFilter, MessageFilter, OperatorQueries, StoreError};
use tillhouse_checkout::time::Timestamp;

use super::writer::WriteRequest;
use super::{SqliteStore, attempts, journal, messages};

#[async_trait]
impl OperatorQueries for SqliteStore {
    async fn list_attempts(&self, filter: &AttemptFilter) -> Result<Vec<Attempt>, StoreError> {
        let filter = filter.clone();
        self.read_attempts(move |db| attempts::filtered(db, &filter)).await
    }

    async fn list_messages(&self, filter: &MessageFilter) -> Result<Vec<MessageRecord>, StoreError> {
        let filter = filter.clone();
        self.read(move |db| messages::filtered(db, &filter)).await
    }

    async fn replay_messages(
        &self,
        filter: &MessageFilter,
        now: Timestamp,
        audit: AuditEntry,
    ) -> Result<u64, StoreError> {
        let filter = filter.clone();
        self.write(WriteRequest::Replay { filter, now, audit }).await
    }

    async fn list_events(
        &self,
        source: &EventSource,
        after: i64,
        limit: usize,
    ) -> Result<Vec<(i64, InboxEvent)>, StoreError> {
        let source = source.to_owned();
        self.read(move |db| journal::events(db, &source, after, limit)).await
    }

    async fn list_discrepancies(&self, limit: usize) -> Result<Vec<Discrepancy>, StoreError> {
        self.read(move |db| journal::discrepancies(db, limit)).await
    }

    async fn audit_log(&self, after: u64, limit: usize) -> Result<Vec<AuditRecord>, StoreError> {
        self.read(move |db| journal::audit_records(db, after, limit)).await
    }
}
