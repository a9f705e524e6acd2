//! The calls that reverse a charge.

use serde::{Deserialize, Serialize};

/// A call of the processor's plugin that reverses a charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReversalCall {
    /// `payments-void.void`, before the charge settles.
    Void,
    /// `payments-refund.refund`, where it is too late for a void.
    Refund,
}
