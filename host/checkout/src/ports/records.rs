//! What an operator looks at: attempts, messages, breaks, events and the audit log.

use async_trait::async_trait;

use super::store_error::StoreError;
use crate::attempt::{Attempt, AttemptState};
use crate::audit::{AuditEntry, AuditRecord};
use crate::ids::{MerchantId, SessionId};
use crate::time::Timestamp;
use crate::unit::{Break, InboxEvent, MessageRecord, MessageState};

/// Which attempts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AttemptFilter {
    /// Of one merchant.
    pub merchant: Option<MerchantId>,
    /// Of one checkout.
    pub session: Option<SessionId>,
    /// In these states; empty for any.
    pub states: Vec<AttemptState>,
    /// Begun at or after.
    pub since: Option<Timestamp>,
    /// Begun before.
    pub until: Option<Timestamp>,
    /// At most so many.
    pub limit: usize,
}

/// Which messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessageFilter {
    /// One message, by its row.
    pub id: Option<i64>,
    /// Of one merchant.
    pub merchant: Option<MerchantId>,
    /// Of one kind.
    pub kind: Option<String>,
    /// In one state.
    pub state: Option<MessageState>,
    /// At most so many.
    pub limit: usize,
}

/// Lists for people. Everything comes oldest first.
#[async_trait]
pub trait Records {
    /// Attempts.
    async fn list_attempts(&self, filter: &AttemptFilter) -> Result<Vec<Attempt>, StoreError>;

    /// Messages of the outbox.
    async fn list_messages(&self, filter: &MessageFilter) -> Result<Vec<MessageRecord>, StoreError>;

    /// Queue messages that were given up or delivered once more, due now, and write that into the audit log in the same
    /// transaction; how many.
    async fn replay_messages(
        &self,
        filter: &MessageFilter,
        now: Timestamp,
        audit: AuditEntry,
    ) -> Result<u64, StoreError>;

    /// Events received from this source, after the one with this number.
    async fn list_events(&self, source: &str, after: i64, limit: usize) -> Result<Vec<(i64, InboxEvent)>, StoreError>;

    /// Breaks between our books and those of others.
    async fn list_breaks(&self, limit: usize) -> Result<Vec<Break>, StoreError>;

    /// The audit log, after the record with this number.
    async fn audit_log(&self, after: u64, limit: usize) -> Result<Vec<AuditRecord>, StoreError>;
}
