//! Refunds in the store: reads, and the leases on open ones.

use async_trait::async_trait;

use super::store_error::StoreError;
use crate::ids::{AttemptId, MerchantId, OrderId, RefundId};
use crate::lease::LeaseHolder;
use crate::refund::{Refund, RefundStatus};
use crate::time::Timestamp;

/// Filter for refunds; a field that is `None` or empty does not restrict.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RefundFilter {
    /// Only refunds of this merchant.
    pub merchant: Option<MerchantId>,
    /// Only refunds of this order.
    pub order: Option<OrderId>,
    /// Only refunds of this attempt's charge.
    pub attempt: Option<AttemptId>,
    /// Only refunds in one of these states.
    pub states: Vec<RefundStatus>,
    /// Maximum number of refunds.
    pub limit: usize,
}

impl RefundFilter {
    /// Every refund of an order.
    #[must_use]
    pub fn of_order(merchant: &MerchantId, order: &OrderId) -> Self {
        Self {
            merchant: Some(merchant.clone()),
            order: Some(order.clone()),
            limit: usize::MAX,
            ..Self::default()
        }
    }
}

/// Refunds, and who works on them. Leases and their epochs are those of [`WorkQueue`](super::WorkQueue).
#[async_trait]
pub trait RefundQueue {
    /// The refund with this id, of any merchant.
    async fn refund(&self, id: &RefundId) -> Result<Option<Refund>, StoreError>;

    /// Id of the record that the issuer of its token keeps of an attempt's payment; `None` if it was not reported yet, or by an earlier
    /// release of the host.
    async fn payment_record(&self, attempt: &AttemptId) -> Result<Option<String>, StoreError>;

    /// The refunds that match the filter, oldest first.
    async fn list_refunds(&self, filter: &RefundFilter) -> Result<Vec<Refund>, StoreError>;

    /// Lease up to `limit` open refunds that are due and not leased, oldest first, except those of the merchants in `busy`.
    async fn lease_refunds(
        &self,
        by: &LeaseHolder,
        now: Timestamp,
        busy: &[MerchantId],
        limit: usize,
    ) -> Result<Vec<Refund>, StoreError>;

    /// Lease one open refund, even if it is not due. `None` if it is not open or another host holds it.
    async fn lease_refund(&self, by: &LeaseHolder, id: &RefundId) -> Result<Option<Refund>, StoreError>;

    /// Renew the leases on refunds, given by id and epoch. Returns those that another host holds now, or that are over.
    async fn renew_refund_leases(
        &self,
        by: &LeaseHolder,
        held: &[(RefundId, u64)],
    ) -> Result<Vec<RefundId>, StoreError>;
}
