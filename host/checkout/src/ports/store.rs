//! The store: durable state of sessions, attempts and orders.

use async_trait::async_trait;

use super::delegated_cards::DelegatedCards;
use super::operator_queries::OperatorQueries;
use super::plugin_data::PluginData;
use super::refunds::RefundQueue;
use super::retention::RetainedData;
use super::store_error::{CommitError, StoreError};
use super::work_queue::WorkQueue;
use crate::attempt::Attempt;
use crate::idempotency::{IdempotencyRecord, IdempotencyScope};
use crate::ids::{AttemptId, MerchantId, OrderId, ProcessorReference, SavedCartId, SessionId, TokenId};
use crate::order::Order;
use crate::saved_cart::SavedCart;
use crate::session::Session;
use crate::time::Timestamp;
use crate::unit_of_work::UnitOfWork;

/// Durable state. A read sees every commit that was confirmed before the read began.
#[async_trait]
pub trait Store: PluginData + WorkQueue + RefundQueue + OperatorQueries + RetainedData + DelegatedCards {
    /// Commit a unit of work as a whole or not at all. It is durable on return.
    async fn commit(&self, unit: UnitOfWork) -> Result<(), CommitError>;

    /// A session of a merchant; `None` if the merchant has no such session. A completed one has its order as it is now.
    async fn session(&self, merchant: &MerchantId, id: &SessionId) -> Result<Option<Session>, StoreError>;

    /// How many sessions of a merchant's principal are open, whether overdue or not; counts up to `limit`.
    async fn open_sessions(
        &self,
        merchant: &MerchantId,
        principal: Option<&str>,
        limit: u64,
    ) -> Result<u64, StoreError>;

    /// A saved cart of a merchant, whether it has expired or not; `None` if the merchant has no such cart.
    async fn saved_cart(&self, merchant: &MerchantId, id: &SavedCartId) -> Result<Option<SavedCart>, StoreError>;

    /// How many saved carts of a merchant's principal live on after `now`; counts up to `limit`.
    async fn saved_carts(
        &self,
        merchant: &MerchantId,
        principal: Option<&str>,
        now: Timestamp,
        limit: u64,
    ) -> Result<u64, StoreError>;

    /// The recorded answer for an idempotency key; `None` if there is none or it expired before `now`.
    async fn idempotency(
        &self,
        scope: &IdempotencyScope,
        now: Timestamp,
    ) -> Result<Option<IdempotencyRecord>, StoreError>;

    /// The attempt with this id, of any merchant.
    async fn attempt(&self, id: &AttemptId) -> Result<Option<Attempt>, StoreError>;

    /// All attempts to pay a session of a merchant, oldest first.
    async fn attempts_of(&self, merchant: &MerchantId, session: &SessionId) -> Result<Vec<Attempt>, StoreError>;

    /// The merchant's attempt whose charge has this reference of ours (`pa_…`) at the processor.
    async fn attempt_by_reference(&self, merchant: &MerchantId, reference: &str)
    -> Result<Option<Attempt>, StoreError>;

    /// The merchant's live attempt that makes the order with this id, or has made it.
    async fn attempt_by_order(&self, merchant: &MerchantId, order: &str) -> Result<Option<Attempt>, StoreError>;

    /// The merchant's attempt whose charge has this reference at its processor, or at the party that took the payment.
    async fn attempt_by_charge(
        &self,
        merchant: &MerchantId,
        charge: &ProcessorReference,
    ) -> Result<Option<Attempt>, StoreError>;

    /// Whether the token may have been consumed by an attempt of this merchant for another session.
    async fn token_used(
        &self,
        merchant: &MerchantId,
        token: &TokenId,
        by_other_than: &SessionId,
    ) -> Result<bool, StoreError>;

    /// The order of a session, as it is now; `None` if the session is not completed.
    async fn order(&self, merchant: &MerchantId, session: &SessionId) -> Result<Option<Order>, StoreError>;

    /// An order of a merchant by its id, as it is now; `None` if the merchant has no such order.
    async fn order_by_id(&self, merchant: &MerchantId, id: &OrderId) -> Result<Option<Order>, StoreError>;

    /// Orders of a merchant, the newest first: at most `limit` of those that were placed before `before`.
    async fn list_orders(
        &self,
        merchant: &MerchantId,
        before: Option<Timestamp>,
        limit: usize,
    ) -> Result<Vec<Order>, StoreError>;
}
