//! What a store forgets: ended sessions with all that depends on them, the old end of the audit log, and the data of a buyer.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::store_error::{CommitError, StoreError};
use crate::attempt::Attempt;
use crate::audit::AuditEntry;
use crate::ids::{MerchantId, OrderId, SessionId};
use crate::order::OrderWrite;
use crate::session::Session;
use crate::time::Timestamp;

/// Deletes what is past its retention, and erases buyers.
///
/// A session is never deleted while it is open, while one of its attempts or refunds is, while a message about it is not delivered, or if a
/// discrepancy names one of its attempts.
#[async_trait]
pub trait RetainedData {
    /// Delete ended sessions past their retention with their attempts, order and delivered messages, in transactions of bounded size.
    /// Returns the number of sessions.
    async fn purge_sessions(&self, cutoffs: &SessionCutoffs) -> Result<u64, StoreError>;

    /// Delete the records at the old end of the audit log that were written before this time, in transactions of bounded size. Each
    /// adds a record with the number and the hash of the last record that it deletes, so that the rest of the chain still verifies.
    /// `entry` is that record without its detail. Returns the number of deleted records.
    async fn purge_audit(&self, before: Timestamp, entry: &AuditEntry) -> Result<u64, StoreError>;

    /// The sessions that match among the next rows after the one with the number `after`, at most `limit` rows; 0 begins.
    async fn find_sessions(&self, search: &SessionSearch, after: i64, limit: usize) -> Result<SessionPage, StoreError>;

    /// How many messages about a session wait for their delivery.
    async fn undelivered(&self, merchant: &MerchantId, session: &SessionId) -> Result<u64, StoreError>;

    /// What [`Self::erase_buyer`] would change.
    async fn count_erased(&self, erasure: &BuyerErasure) -> Result<ErasedRows, StoreError>;

    /// Write a session and its attempts without what identifies the buyer, delete recorded answers and delivered messages about them,
    /// and overwrite received events that name them; with the audit entry in one transaction.
    ///
    /// # Errors
    /// [`CommitError::Session`] or [`CommitError::Attempt`] if one of them was changed since it was read.
    async fn erase_buyer(&self, erasure: &BuyerErasure, audit: &AuditEntry) -> Result<ErasedRows, CommitError>;

    /// What [`Self::erase_carts`] would delete.
    async fn count_carts(&self, erasure: &CartErasure) -> Result<ErasedRows, StoreError>;

    /// Delete the saved carts that name a buyer, and recorded answers about them; with the audit entry in one transaction.
    async fn erase_carts(&self, erasure: &CartErasure, audit: &AuditEntry) -> Result<ErasedRows, StoreError>;
}

/// Retention cut-offs of sessions: those that ended before may be deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionCutoffs {
    /// Of sessions that were canceled or expired, and for which no money was taken.
    pub unpaid: Timestamp,
    /// Of all other sessions; `None` keeps them.
    pub paid: Option<Timestamp>,
}

/// Which sessions are looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionSearch {
    /// The merchant whose sessions they are.
    pub merchant: MerchantId,
    /// What they are known by.
    pub by: SessionKey,
}

/// Some of the sessions that match.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionPage {
    /// Those that match, oldest first.
    pub sessions: Vec<Session>,
    /// The row after which to go on; `None` at the end.
    pub next: Option<i64>,
}

/// What a session is known by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionKey {
    /// Its id, which is unique for the merchant.
    Session(SessionId),
    /// The id of its order.
    Order(OrderId),
    /// Text that its stored form contains, in any case (ASCII). The caller decides which of them match.
    Text(String),
}

/// A session and its attempts as they are written over the stored ones.
#[derive(Clone, Debug)]
pub struct BuyerErasure {
    /// The session, with the revision after the one that is stored.
    pub session: Session,
    /// Every attempt to pay it, each in its stored state.
    pub attempts: Vec<Attempt>,
    /// The order of the session, if something became of it after it was placed.
    pub order: Option<OrderWrite>,
    /// Texts by which received events are about them: ids, references, e-mail addresses.
    pub names: Vec<String>,
}

/// The saved carts of a buyer, who may never have begun a checkout with them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CartErasure {
    /// The merchant whose carts they are.
    pub merchant: MerchantId,
    /// E-mail address that a string of their stored form is, in any case (ASCII).
    pub email: String,
    /// Sessions whose carts are erased with them, and not here.
    pub except: Vec<SessionId>,
}

/// How many rows an erasure has changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasedRows {
    /// Sessions that were written again without their buyer.
    pub sessions: u64,
    /// Attempts that were written again without their buyer.
    pub attempts: u64,
    /// Delivered messages that were deleted, and order events that were given up.
    pub messages: u64,
    /// Recorded answers that were deleted: a retry under their key is a new request.
    pub answers: u64,
    /// Saved carts that were deleted: those that the sessions were begun with, and others that name the buyer.
    #[serde(default)]
    pub carts: u64,
    /// Received events whose body was overwritten.
    pub events: u64,
}

impl std::ops::AddAssign for ErasedRows {
    fn add_assign(&mut self, other: Self) {
        self.sessions += other.sessions;
        self.attempts += other.attempts;
        self.messages += other.messages;
        self.answers += other.answers;
        self.carts += other.carts;
        self.events += other.events;
    }
}
