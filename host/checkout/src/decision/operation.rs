//! An operation with effects, and a business answer that stops one.

use crate::message::Subject;
use crate::time::Timestamp;

/// An operation with effects: the same `id` has its effect once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Unique per operation.
    pub id: String,
    /// 1 for the first call.
    pub attempt: u32,
    /// At most 45 characters.
    pub idempotency_key: String,
    /// The merchant's reference of the payment.
    pub reference: String,
    /// Time of this call.
    pub now: Timestamp,
}

/// A business answer that stops an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// Lower snake case.
    pub code: String,
    /// For the agent.
    pub message: String,
    /// What it is about.
    pub about: Subject,
}
