//! Queries of the operator: attempts, outbox messages, discrepancies, events and the audit log.

use async_trait::async_trait;

use super::store_error::StoreError;
use crate::attempt::{Attempt, AttemptStatus};
use crate::audit::{AuditEntry, AuditRecord};
use crate::discrepancy::Discrepancy;
use crate::ids::{MerchantId, SessionId};
use crate::inbox::{EventSource, InboxEvent};
use crate::outbox::{MessageKind, MessageRecord, MessageState};
use crate::time::Timestamp;

/// Filter for attempts; a field that is `None` or empty does not restrict.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AttemptFilter {
    /// Only attempts of this merchant.
    pub merchant: Option<MerchantId>,
    /// Only attempts of this session.
    pub session: Option<SessionId>,
    /// Only attempts in one of these states.
    pub states: Vec<AttemptStatus>,
    /// Only attempts begun at this time or later.
    pub since: Option<Timestamp>,
    /// Only attempts begun before this time.
    pub until: Option<Timestamp>,
    /// Maximum number of attempts.
    pub limit: usize,
}

/// Filter for outbox messages; a field that is `None` does not restrict.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessageFilter {
    /// Only the message with this id.
    pub id: Option<i64>,
    /// Only messages of this merchant.
    pub merchant: Option<MerchantId>,
    /// Only messages of this kind, e.g. `acp.order_event`.
    pub kind: Option<MessageKind>,
    /// Only messages in this state.
    pub state: Option<MessageState>,
    /// Maximum number of messages.
    pub limit: usize,
}

/// Lists for the operator, oldest first.
#[async_trait]
pub trait OperatorQueries {
    /// The attempts that match the filter.
    async fn list_attempts(&self, filter: &AttemptFilter) -> Result<Vec<Attempt>, StoreError>;

    /// The outbox messages that match the filter.
    async fn list_messages(&self, filter: &MessageFilter) -> Result<Vec<MessageRecord>, StoreError>;

    /// Queue dead or delivered messages again, due now, and add the audit entry in the same transaction. Returns their number.
    async fn replay_messages(
        &self,
        filter: &MessageFilter,
        now: Timestamp,
        audit: AuditEntry,
    ) -> Result<u64, StoreError>;

    /// Events received from a source, after the event with the number `after`.
    async fn list_events(
        &self,
        source: &EventSource,
        after: i64,
        limit: usize,
    ) -> Result<Vec<(i64, InboxEvent)>, StoreError>;

    /// Discrepancies between the host's ledger and the processor's, oldest first.
    async fn list_discrepancies(&self, limit: usize) -> Result<Vec<Discrepancy>, StoreError>;

    /// Records of the audit log after the one with the number `after`.
    async fn audit_log(&self, after: u64, limit: usize) -> Result<Vec<AuditRecord>, StoreError>;
}
