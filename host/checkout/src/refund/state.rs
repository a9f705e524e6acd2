//! The state of a refund, with the data that each state cannot be without.

use serde::{Deserialize, Serialize};

use super::status::RefundStatus;
use crate::time::Timestamp;

/// Where a refund is. Each state is committed before the effect that follows it.
///
/// `Asked → Sent → Done | Declined | Pending | Unknown`. `Pending` and `Unknown` move on only by evidence: a lookup, an event of the
/// processor, or an operator; `NeedsReview` waits for the operator, and is looked up meanwhile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum RefundState {
    /// An operator asked for it; nothing was sent.
    Asked,
    /// The call is about to be made, or was made.
    Sent(SentRefund),
    /// The processor has it and decides later.
    Pending {
        /// The call that was made.
        sent: SentRefund,
    },
    /// It is not known whether the money goes back.
    Unknown {
        /// The call that may have been made.
        sent: SentRefund,
        /// Since when it is not known.
        since: Timestamp,
        /// Why, for the operator.
        reason: String,
    },
    /// The host could not find the outcome, or must not make the call; an operator has to look.
    NeedsReview {
        /// The call that may have been made; `None` if it certainly was not.
        sent: Option<SentRefund>,
        /// Since when its outcome is not known, or since when it waits.
        since: Timestamp,
        /// Why, for the operator.
        reason: String,
    },
    /// The money went back.
    Done {
        /// The processor's reference of the refund.
        reference: String,
        /// When the outcome was committed.
        settled: Timestamp,
    },
    /// The money did not go back and will not.
    Declined {
        /// The processor's code, or one of the host's own.
        code: String,
        /// When the outcome was committed.
        settled: Timestamp,
    },
}

/// A call that may have reached the processor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentRefund {
    /// When it was made first: its idempotency key lives from then on.
    pub first: Timestamp,
    /// When it was made last: it may be invisible at the processor from then on.
    pub last: Timestamp,
    /// The processor's reference of the refund, once it named one.
    #[serde(default)]
    pub reference: Option<String>,
}

impl RefundState {
    /// The name of the state.
    #[must_use]
    pub const fn status(&self) -> RefundStatus {
        match self {
            Self::Asked => RefundStatus::Asked,
            Self::Sent(_) => RefundStatus::Sent,
            Self::Pending { .. } => RefundStatus::Pending,
            Self::Unknown { .. } => RefundStatus::Unknown,
            Self::NeedsReview { .. } => RefundStatus::NeedsReview,
            Self::Done { .. } => RefundStatus::Done,
            Self::Declined { .. } => RefundStatus::Declined,
        }
    }

    /// The call that may have reached the processor; `None` before the first, and once the refund is over.
    #[must_use]
    pub const fn sent(&self) -> Option<&SentRefund> {
        match self {
            Self::Sent(sent) | Self::Pending { sent } | Self::Unknown { sent, .. } => Some(sent),
            Self::NeedsReview { sent, .. } => sent.as_ref(),
            Self::Asked | Self::Done { .. } | Self::Declined { .. } => None,
        }
    }

    /// Since when the outcome is not known.
    #[must_use]
    pub const fn unknown_since(&self) -> Option<Timestamp> {
        match self {
            Self::Unknown { since, .. } | Self::NeedsReview { since, .. } => Some(*since),
            _ => None,
        }
    }

    /// The processor's reference of the refund, as far as it is known.
    #[must_use]
    pub fn reference(&self) -> Option<&str> {
        match self {
            Self::Done { reference, .. } => Some(reference),
            _ => self.sent().and_then(|sent| sent.reference.as_deref()),
        }
    }

    /// Why the refund is in this state: a decline code, or a sentence for the operator.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Unknown { reason, .. } | Self::NeedsReview { reason, .. } | Self::Declined { code: reason, .. } => {
                Some(reason)
            }
            Self::Asked | Self::Sent(_) | Self::Pending { .. } | Self::Done { .. } => None,
        }
    }

    /// When the outcome was committed; `None` while the refund is open.
    #[must_use]
    pub const fn settled(&self) -> Option<Timestamp> {
        match self {
            Self::Done { settled, .. } | Self::Declined { settled, .. } => Some(*settled),
            _ => None,
        }
    }
}
