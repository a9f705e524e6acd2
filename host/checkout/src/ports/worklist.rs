//! Work that somebody has to do, and who has it: leases with fencing.
//!
//! Whoever works on an attempt or a message holds a lease on it. When the lease runs out, another may claim the work, and the
//! epoch goes up by one; everything that the first one still tries to write carries the old epoch and is refused. So a host
//! that was paused, or cut off, cannot undo what another has done since.

use async_trait::async_trait;

use super::store_error::StoreError;
use crate::attempt::Attempt;
use crate::ids::{AttemptId, HostId, MerchantId};
use crate::session::Session;
use crate::time::Timestamp;
use crate::unit::{Claimant, QueuedMessage};

/// Open attempts, queued messages, and what is over its time.
///
/// Leases run by the engine's own clock, so that hosts whose clocks differ agree on who has what.
#[async_trait]
pub trait Worklist {
    /// Lease open attempts ([`crate::attempt::AttemptState::is_open`]) whose next try is due and that nobody holds,
    /// oldest first, but none of the merchants that are `busy`. What is returned carries the new epoch.
    async fn claim_attempts(
        &self,
        by: &Claimant,
        now: Timestamp,
        busy: &[MerchantId],
        limit: usize,
    ) -> Result<Vec<Attempt>, StoreError>;

    /// Lease one open attempt, whenever it is due. `None` when it is not open or somebody holds it.
    async fn claim_attempt(&self, by: &Claimant, id: &AttemptId) -> Result<Option<Attempt>, StoreError>;

    /// Hold on to attempts for another lease: id and epoch of each. Returns those that another has now, or that are over.
    async fn renew_attempts(&self, by: &Claimant, held: &[(AttemptId, u64)]) -> Result<Vec<AttemptId>, StoreError>;

    /// Let go of everything that this host holds, so that others need not wait for its leases to run out.
    async fn let_go(&self, host: &HostId) -> Result<(), StoreError>;

    /// Lease messages that are due and that nobody holds, oldest first, but none of the merchants that are `busy`. Of the
    /// messages of one kind and stream only the oldest that is still queued is given out.
    async fn claim_messages(
        &self,
        by: &Claimant,
        now: Timestamp,
        busy: &[MerchantId],
        limit: usize,
    ) -> Result<Vec<QueuedMessage>, StoreError>;

    /// A message was delivered: it leaves the queue. Has no effect when another has the message now.
    async fn delivered(&self, message: &QueuedMessage, now: Timestamp) -> Result<(), StoreError>;

    /// A message failed: try again then. Has no effect when another has the message now.
    async fn postpone(&self, message: &QueuedMessage, until: Timestamp, reason: &str) -> Result<(), StoreError>;

    /// A message cannot be delivered and shall not be tried again by itself. Has no effect when another has the message now.
    async fn bury(&self, message: &QueuedMessage, now: Timestamp, reason: &str) -> Result<(), StoreError>;

    /// Open sessions that are over their time, oldest first.
    async fn overdue_sessions(&self, now: Timestamp, limit: usize) -> Result<Vec<Session>, StoreError>;

    /// Remove what nobody will ask for any more; how many rows.
    async fn forget(&self, horizon: &Horizon) -> Result<u64, StoreError>;
}

/// What may be forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Horizon {
    /// Idempotency records that expired by then.
    pub expired: Timestamp,
    /// Messages that were delivered before then.
    pub delivered_before: Timestamp,
    /// Messages that were given up, and events that were received, before then.
    pub ended_before: Timestamp,
}
