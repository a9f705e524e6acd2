//! The calls that reverse a charge.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// A call of the processor's plugin that reverses a charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReversalCall {
    /// `payments-void.void`, before the charge settles.
    Void,
    /// `payments-refund.refund`, where it is too late for a void.
    Refund,
}

impl ReversalCall {
    /// The verb, as in the idempotency key of the call.
    #[must_use]
    pub const fn verb(self) -> &'static str {
        match self {
            Self::Void => "void",
            Self::Refund => "refund",
        }
    }
}

/// A call that may have reached the processor, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SentReversal {
    /// Which of the two calls it is.
    pub call: ReversalCall,
    /// When it was made first: its idempotency key lives from then on.
    pub first: Timestamp,
    /// When it was made last: it may be invisible at the processor from then on.
    pub last: Timestamp,
}
