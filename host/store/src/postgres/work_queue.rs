//! Leases of work, across all hosts of the database.

use async_trait::async_trait;

use tillhouse_checkout::attempt::Attempt;
use tillhouse_checkout::ids::{AttemptId, HostId, MerchantId};
use tillhouse_checkout::lease::LeaseHolder;
use tillhouse_checkout::outbox::QueuedMessage;
use tillhouse_checkout::ports::{MessageSelection, RetentionCutoffs, StoreError, WorkQueue};
use tillhouse_checkout::session::Session;
use tillhouse_checkout::time::Timestamp;
use tillhouse_crash_points::crash_point;

use super::messages::MessageMove;
use super::{PostgresStore, attempts, feeds, messages, records, refunds};

#[async_trait]
impl WorkQueue for PostgresStore {
    async fn lease_attempts(
        &self,
        by: &LeaseHolder,
        now: Timestamp,
        busy: &[MerchantId],
        limit: usize,
    ) -> Result<Vec<Attempt>, StoreError> {
        attempts::lease_due(&self.connections, by, now, busy, limit).await
    }

    async fn lease_attempt(&self, by: &LeaseHolder, id: &AttemptId) -> Result<Option<Attempt>, StoreError> {
        attempts::lease(&self.connections, by, id).await
    }

    async fn renew_leases(&self, by: &LeaseHolder, held: &[(AttemptId, u64)]) -> Result<Vec<AttemptId>, StoreError> {
        attempts::renew(&self.connections, by, held).await
    }

    async fn release_leases(&self, host: &HostId) -> Result<(), StoreError> {
        attempts::release_leases(&self.connections, host).await?;
        refunds::release_leases(&self.connections, host).await?;
        feeds::release_leases(&self.connections, host).await?;
        messages::release_leases(&self.connections, host).await
    }

    async fn lease_messages(
        &self,
        by: &LeaseHolder,
        now: Timestamp,
        selection: &MessageSelection,
    ) -> Result<Vec<QueuedMessage>, StoreError> {
        messages::lease_due(&self.connections, by, now, selection).await
    }

    async fn mark_delivered(&self, message: &QueuedMessage, now: Timestamp) -> Result<(), StoreError> {
        self.move_message(message, MessageMove::Delivered(now)).await
    }

    async fn mark_reported(&self, message: &QueuedMessage, now: Timestamp, record: &str) -> Result<(), StoreError> {
        self.move_message(message, MessageMove::Reported(now, record)).await
    }

    async fn postpone(&self, message: &QueuedMessage, until: Timestamp, reason: &str) -> Result<(), StoreError> {
        self.move_message(message, MessageMove::Postponed(until, reason)).await
    }

    async fn dead_letter(&self, message: &QueuedMessage, now: Timestamp, reason: &str) -> Result<(), StoreError> {
        self.move_message(message, MessageMove::DeadLettered(now, reason)).await
    }

    async fn overdue_sessions(&self, now: Timestamp, limit: usize) -> Result<Vec<Session>, StoreError> {
        records::overdue(&self.connections, now, limit).await
    }

    async fn purge(&self, cutoffs: &RetentionCutoffs) -> Result<u64, StoreError> {
        crash_point!(around "purge".to_owned(), records::purge(&self.connections, cutoffs))
    }
}

impl PostgresStore {
    /// Moves a message if this lease still holds it.
    async fn move_message(&self, message: &QueuedMessage, to: MessageMove<'_>) -> Result<(), StoreError> {
        crash_point!(around tillhouse_crash_points::names::message(message, to.state()), messages::move_message(&self.connections, message, to))
    }
}
