//! Leases of work, across all hosts of the database.

use async_trait::async_trait;

use tillhouse_checkout::attempt::Attempt;
use tillhouse_checkout::ids::{AttemptId, HostId, MerchantId};
use tillhouse_checkout::ports::{Horizon, StoreError, Worklist};
use tillhouse_checkout::session::Session;
use tillhouse_checkout::time::Timestamp;
use tillhouse_checkout::unit::{Claimant, QueuedMessage};
use tillhouse_crash_points::crash_point;

use super::messages::Move;
use super::{PostgresStore, attempts, messages, records};

#[async_trait]
impl Worklist for PostgresStore {
    async fn claim_attempts(
        &self,
        by: &Claimant,
        now: Timestamp,
        busy: &[MerchantId],
        limit: usize,
    ) -> Result<Vec<Attempt>, StoreError> {
        attempts::claim_due(&self.connections, by, now, busy, limit).await
    }

    async fn claim_attempt(&self, by: &Claimant, id: &AttemptId) -> Result<Option<Attempt>, StoreError> {
        attempts::claim(&self.connections, by, id).await
    }

    async fn renew_attempts(&self, by: &Claimant, held: &[(AttemptId, u64)]) -> Result<Vec<AttemptId>, StoreError> {
        attempts::renew(&self.connections, by, held).await
    }

    async fn let_go(&self, host: &HostId) -> Result<(), StoreError> {
        attempts::let_go(&self.connections, host).await?;
        messages::let_go(&self.connections, host).await
    }

    async fn claim_messages(
        &self,
        by: &Claimant,
        now: Timestamp,
        busy: &[MerchantId],
        limit: usize,
    ) -> Result<Vec<QueuedMessage>, StoreError> {
        messages::claim_due(&self.connections, by, now, busy, limit).await
    }

    async fn delivered(&self, message: &QueuedMessage, now: Timestamp) -> Result<(), StoreError> {
        self.settle(message, Move::Delivered(now)).await
    }

    async fn postpone(&self, message: &QueuedMessage, until: Timestamp, reason: &str) -> Result<(), StoreError> {
        self.settle(message, Move::Postponed(until, reason)).await
    }

    async fn bury(&self, message: &QueuedMessage, now: Timestamp, reason: &str) -> Result<(), StoreError> {
        self.settle(message, Move::Buried(now, reason)).await
    }

    async fn overdue_sessions(&self, now: Timestamp, limit: usize) -> Result<Vec<Session>, StoreError> {
        records::overdue(&self.connections, now, limit).await
    }

    async fn forget(&self, horizon: &Horizon) -> Result<u64, StoreError> {
        crash_point!(around "forget".to_owned(), records::forget(&self.connections, horizon))
    }
}

impl PostgresStore {
    /// Moves a message if this lease still holds it.
    async fn settle(&self, message: &QueuedMessage, to: Move<'_>) -> Result<(), StoreError> {
        crash_point!(around tillhouse_crash_points::names::message(message, to.state()), messages::settle(&self.connections, message, to))
    }
}
