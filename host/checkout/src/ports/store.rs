//! Durable state, and why a commit may fail.

use async_trait::async_trait;

use super::plugin_data::PluginData;
use super::records::Records;
use super::worklist::Worklist;
use crate::attempt::Attempt;
use crate::ids::{AttemptId, MerchantId, SessionId, TokenId};
use crate::order::Order;
use crate::session::Session;
use crate::time::Timestamp;
use crate::unit::{IdempotencyRecord, IdempotencyScope, UnitOfWork};

/// The store does not answer.
#[derive(Clone, Debug, thiserror::Error)]
#[error("store: {0}")]
pub struct StoreError(pub String);

/// Why a unit of work was not committed. Nothing of it was.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CommitError {
    /// The session has another revision, or exists already.
    #[error("the checkout session was changed by another request")]
    Session,
    /// A key that the phase read has another version; run the phase again.
    #[error("plugin data was changed by another request")]
    PluginData,
    /// A counter would fall below its floor.
    #[error("counter {key} would fall below its floor")]
    Insufficient {
        /// The counter.
        key: String,
    },
    /// The idempotency key was recorded by another request in the meantime.
    #[error("the idempotency key was used by another request")]
    Idempotency,
    /// The checkout has a live attempt.
    #[error("a payment of this checkout is under way")]
    LiveAttempt,
    /// The token belongs to an attempt that may have used it up.
    #[error("the payment token was used before")]
    TokenUsed,
    /// The processor's reference belongs to another attempt: a break to be looked at, never a rollback.
    #[error("the processor's reference was seen before")]
    ReferenceSeen,
    /// The attempt is not in the state that it was thought to be in, or another worker has it now.
    #[error("the payment attempt was changed by another worker")]
    Attempt,
    /// The event was received before.
    #[error("the event was received before")]
    EventSeen,
    /// The order exists.
    #[error("the order exists already")]
    Order,
    /// The store does not answer: it is not known whether the unit was committed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Durable state. Reads see every commit that was reported before they began.
#[async_trait]
pub trait Store: PluginData + Worklist + Records {
    /// Commit a unit of work, durably, or nothing of it.
    async fn commit(&self, unit: UnitOfWork) -> Result<(), CommitError>;

    /// A session of a merchant.
    async fn session(&self, merchant: &MerchantId, id: &SessionId) -> Result<Option<Session>, StoreError>;

    /// The record of an answered request, unless it has expired.
    async fn idempotency(
        &self,
        scope: &IdempotencyScope,
        now: Timestamp,
    ) -> Result<Option<IdempotencyRecord>, StoreError>;

    /// An attempt.
    async fn attempt(&self, id: &AttemptId) -> Result<Option<Attempt>, StoreError>;

    /// The attempts of a checkout, oldest first.
    async fn attempts_of(&self, session: &SessionId) -> Result<Vec<Attempt>, StoreError>;

    /// The attempt with this reference at the merchant's processor.
    async fn attempt_by_reference(&self, merchant: &MerchantId, reference: &str)
    -> Result<Option<Attempt>, StoreError>;

    /// Whether the token may have been used up by an attempt of this merchant for another checkout.
    async fn token_used(
        &self,
        merchant: &MerchantId,
        token: &TokenId,
        by_other_than: &SessionId,
    ) -> Result<bool, StoreError>;

    /// The order of a checkout.
    async fn order(&self, merchant: &MerchantId, session: &SessionId) -> Result<Option<Order>, StoreError>;
}
