//! A refund of an order, whole or in part: a saga of its own, from what was asked to what the processor did.

mod balance;
mod state;
mod status;
#[cfg(test)]
mod tests;
mod transition;
mod write;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::attempt::RetrySchedule;
use super::decision::LineUnits;
use super::ids::{AttemptId, MerchantId, OrderId, ProcessorReference, RefundId, SessionId};
use super::money::Money;
use super::time::Timestamp;

pub use balance::{RefundBalance, RefundBalanceError};
pub use state::{RefundState, SentRefund};
pub use status::RefundStatus;
pub use write::{RefundBasis, RefundChange, RefundWrite};

/// Money that goes back to the buyer of an order.
///
/// Its id, and with it the idempotency key at the processor, follows from the payment attempt and from what the operator calls it: a
/// refund that is asked for again is the same one, even if the store has lost it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// Id of the refund, `re_…`; its reference at the processor as well.
    pub id: RefundId,
    /// What the operator calls it, unique within the order: the same name never refunds twice.
    pub name: String,
    /// Merchant whose money it is.
    pub merchant: MerchantId,
    /// Checkout session that the order came from.
    pub session: SessionId,
    /// Order whose payment is refunded.
    pub order: OrderId,
    /// Payment attempt whose charge is refunded.
    pub attempt: AttemptId,
    /// The processor's reference of the charge.
    pub charge: ProcessorReference,
    /// Where the charge was made: the processor's plugin and its upstreams. It is refunded there and nowhere else.
    pub destination: Option<String>,
    /// Amount to refund, tax included.
    pub amount: Money,
    /// Lines of the order that it is about; empty for the order as a whole.
    pub lines: Vec<LineUnits>,
    /// Reason, as text for the buyer.
    pub reason: Option<String>,
    /// Code of the reason: `damaged`, `not_received` …
    pub code: Option<String>,
    /// When it was asked for.
    pub asked: Timestamp,
    /// How far it is, with the processor's answer.
    pub state: RefundState,
    /// When it is worked on again.
    pub retry: RetrySchedule,
    /// Epoch of the lease that this copy was read under. The store sets it, and compares it with every write.
    #[serde(skip)]
    pub epoch: u64,
}

impl RefundId {
    /// The id of the refund of this attempt that an operator calls `name`.
    #[must_use]
    pub fn of(attempt: &AttemptId, name: &str) -> Self {
        let mut digest = Sha256::new();
        digest.update((attempt.as_str().len() as u64).to_be_bytes());
        digest.update(attempt.as_str());
        digest.update(name);
        let digest = hex::encode(digest.finalize());
        Self::new(format!("re_{}", digest.get(..32).unwrap_or(&digest)))
    }
}

impl Refund {
    /// The name of its state.
    #[must_use]
    pub const fn status(&self) -> RefundStatus {
        self.state.status()
    }

    /// Idempotency key of the call at the processor: 42 characters, below the smallest limit of the processors in use (45).
    #[must_use]
    pub fn key(&self) -> String {
        format!("refund:{}", self.id)
    }

    /// Whether the host that writes it keeps its lease, because a task continues with it.
    #[must_use]
    pub const fn keeps_lease(&self) -> bool {
        matches!(self.state, RefundState::Sent(_))
    }

    /// Whether asking for this refund is asking for that one again.
    #[must_use]
    pub fn is_same_request(&self, other: &Self) -> bool {
        self.id == other.id
            && self.amount == other.amount
            && self.lines == other.lines
            && self.reason == other.reason
            && self.code == other.code
    }
}
