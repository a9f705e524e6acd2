//! What comes back from a plugin under trial, and for whom it speaks.

use serde_json::Value;

use tillhouse_checkout::ports::DecisionError;

/// The merchant of a trial.
pub const MERCHANT: &str = "trial";

/// What the plugin said.
#[derive(Clone, Debug)]
pub enum Answer {
    /// The value.
    Value(Value),
    /// The contract's `failure`: no decision, for a reason.
    Failure(Value),
    /// Nothing of use: a trap, a limit, a broken contract.
    Fault(DecisionError),
}
