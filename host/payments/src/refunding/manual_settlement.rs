//! Manual settlement: an operator who knows what became of a refund says so.

use tillhouse_checkout::audit::AuditEntry;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::RefundId;
use tillhouse_checkout::refund::{Refund, RefundStatus};

use super::Refunding;
use crate::settlement::{SETTLED_BY_OPERATOR, Trigger};

/// What an operator knows of a refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KnownRefund {
    /// The money went back, under this reference of the processor.
    Refunded(String),
    /// The money did not go back, and will not.
    NotRefunded,
}

/// Why a refund was not settled. Nothing was changed, unless the variant says so.
#[derive(Debug, thiserror::Error)]
pub enum SettleRefundError {
    /// The store has no such refund.
    #[error("there is no refund {0}")]
    Absent(RefundId),
    /// The refund is in a state that needs no operator.
    #[error("refund {name} is {}: only one that is pending, unknown or needs_review can be settled", status.name())]
    NotSettleable {
        /// What the operator calls it.
        name: String,
        /// Its status, which does not allow a manual settlement.
        status: RefundStatus,
    },
    /// A worker holds the lease of the refund.
    #[error("refund {0} is being worked on; retry in a few seconds")]
    Busy(String),
    /// Without the processor's reference it cannot be told which refund was made.
    #[error("the processor's reference of the refund is empty")]
    NoReference,
    /// The ledger contradicts what was said; the refund, as it was committed, says why.
    #[error("refund {} could not be settled as stated, and is {} now: {}", .0.name, .0.status().name(), .0.state.reason().unwrap_or("see the log of the host"))]
    Contradicted(Box<Refund>),
    /// The store gave no answer, or the order does not allow the change.
    #[error(transparent)]
    Checkout(#[from] CheckoutError),
}

impl Refunding {
    /// Settle a refund as an operator says, with all that follows from it as from an answer of the processor, together with the audit
    /// entry. Returns the refund after it.
    ///
    /// # Errors
    /// When the refund does not allow that, a worker holds it, or the store gives no answer.
    pub async fn settle_manually(
        &self,
        id: &RefundId,
        known: KnownRefund,
        entry: impl FnOnce(&Refund) -> AuditEntry + Send,
    ) -> Result<Refund, SettleRefundError> {
        if known == KnownRefund::Refunded(String::new()) {
            return Err(SettleRefundError::NoReference);
        }
        check(&self.stored(id).await?)?;
        let leased = self.lease(id).await?;
        let Some(refund) = leased else {
            let seen = self.stored(id).await?;
            check(&seen)?;
            return Err(SettleRefundError::Busy(seen.name));
        };
        let _guard = self.begin(&refund);
        // If it has moved on in between, the lease expires by itself.
        check(&refund)?;
        let trigger = Trigger::Operator(entry(&refund));
        match known {
            KnownRefund::Refunded(reference) => self.settle_done(refund, reference, &trigger).await?,
            KnownRefund::NotRefunded => self.settle_declined(&refund, SETTLED_BY_OPERATOR, &trigger).await?,
        }
        let now = self.stored(id).await?;
        if now.status().is_open() {
            return Err(SettleRefundError::Contradicted(Box::new(now)));
        }
        Ok(now)
    }

    async fn stored(&self, id: &RefundId) -> Result<Refund, SettleRefundError> {
        let found = self.context.store().refund(id).await.map_err(CheckoutError::from)?;
        found.ok_or_else(|| SettleRefundError::Absent(id.clone()))
    }
}

fn check(refund: &Refund) -> Result<(), SettleRefundError> {
    match refund.status() {
        RefundStatus::Pending | RefundStatus::Unknown | RefundStatus::NeedsReview => Ok(()),
        status => Err(SettleRefundError::NotSettleable {
            name: refund.name.clone(),
            status,
        }),
    }
}
