//! Durable state.

use async_trait::async_trait;

use super::plugin_data::PluginData;
use super::records::Records;
use super::store_error::{CommitError, StoreError};
use super::worklist::Worklist;
use crate::attempt::Attempt;
use crate::ids::{AttemptId, MerchantId, SessionId, TokenId};
use crate::order::Order;
use crate::session::Session;
use crate::time::Timestamp;
use crate::unit::{IdempotencyRecord, IdempotencyScope, UnitOfWork};

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
