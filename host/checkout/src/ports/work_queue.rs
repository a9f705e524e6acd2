//! Pending work, and the leases on it with fencing.
//!
//! A host that works on an attempt or a message holds a lease on it. When the lease expires, another host may lease the work, and
//! the epoch goes up by one. Every write of the first host still carries the old epoch and is refused, so that a host that was
//! paused or cut off cannot undo what another host has done since.

use async_trait::async_trait;

use super::message_selection::MessageSelection;
use super::store_error::StoreError;
use crate::attempt::Attempt;
use crate::ids::{AttemptId, HostId, MerchantId};
use crate::lease::LeaseHolder;
use crate::outbox::QueuedMessage;
use crate::session::Session;
use crate::time::Timestamp;

/// The work queue: open attempts, queued messages, overdue sessions and data to purge.
///
/// Leases are timed by the database's clock, so that hosts whose clocks differ agree on them.
#[async_trait]
pub trait WorkQueue {
    /// Lease up to `limit` open attempts ([`crate::attempt::AttemptStatus::is_open`]) that are due and not leased, oldest first,
    /// except those of the merchants in `busy`. The returned attempts carry the new epoch.
    async fn lease_attempts(
        &self,
        by: &LeaseHolder,
        now: Timestamp,
        busy: &[MerchantId],
        limit: usize,
    ) -> Result<Vec<Attempt>, StoreError>;

    /// Lease one open attempt, even if it is not due. `None` if it is not open or another host holds it.
    async fn lease_attempt(&self, by: &LeaseHolder, id: &AttemptId) -> Result<Option<Attempt>, StoreError>;

    /// Renew the leases on attempts, given by id and epoch. Returns those that another host holds now, or that are closed.
    async fn renew_leases(&self, by: &LeaseHolder, held: &[(AttemptId, u64)]) -> Result<Vec<AttemptId>, StoreError>;

    /// Release every lease of this host, those on refunds too, so that other hosts need not wait for them to expire.
    async fn release_leases(&self, host: &HostId) -> Result<(), StoreError>;

    /// Lease the selected messages that are due and not leased, oldest first. Of the queued messages of one merchant, kind and
    /// stream only the oldest is leased, which keeps their order.
    async fn lease_messages(
        &self,
        by: &LeaseHolder,
        now: Timestamp,
        selection: &MessageSelection,
    ) -> Result<Vec<QueuedMessage>, StoreError>;

    /// Mark a message as delivered. Has no effect if another host holds the message now.
    async fn mark_delivered(&self, message: &QueuedMessage, now: Timestamp) -> Result<(), StoreError>;

    /// The same for the report of a payment, with the id of the record that its issuer keeps of it.
    async fn mark_reported(&self, message: &QueuedMessage, now: Timestamp, record: &str) -> Result<(), StoreError>;

    /// Schedule the next delivery attempt after a failure. Has no effect if another host holds the message now.
    async fn postpone(&self, message: &QueuedMessage, until: Timestamp, reason: &str) -> Result<(), StoreError>;

    /// Dead-letter a message: no further automatic retry. Has no effect if another host holds the message now.
    async fn dead_letter(&self, message: &QueuedMessage, now: Timestamp, reason: &str) -> Result<(), StoreError>;

    /// Open sessions past their expiry, oldest first.
    async fn overdue_sessions(&self, now: Timestamp, limit: usize) -> Result<Vec<Session>, StoreError>;

    /// Purge data past its retention. Returns the number of deleted rows.
    async fn purge(&self, cutoffs: &RetentionCutoffs) -> Result<u64, StoreError>;
}

/// Retention cut-offs: data older than these may be purged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetentionCutoffs {
    /// Purge idempotency records and delegated cards that expired by this time.
    pub expired: Timestamp,
    /// Purge messages delivered before this time.
    pub delivered_before: Timestamp,
    /// Purge messages dead-lettered, and events received, before this time.
    pub ended_before: Timestamp,
}
