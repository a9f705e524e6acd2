//! Results of calls in a trial.

use serde_json::Value;

use tillhouse_checkout::ports::DecisionError;

/// Merchant id of every trial.
pub const MERCHANT: &str = "trial";

/// Result of a call.
#[derive(Clone, Debug)]
pub enum TrialAnswer {
    /// The value that the function returned; `null` if it returns none.
    Value(Value),
    /// The contract's `failure`, e.g. `rejected` or `unsupported`.
    Failure(Value),
    /// No valid result: a trap, an exceeded limit, or a violation of the contract.
    Fault(DecisionError),
}
