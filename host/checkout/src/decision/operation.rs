//! A plugin call that has effects, and the business rejection that stops one.

use crate::message::Subject;
use crate::time::Timestamp;

/// Identity of a plugin call with effects: repeated calls with the same `id` must have their effect only once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Unique per operation, the same in every repetition. For a payment attempt, its id `pa_…`.
    pub id: String,
    /// Number of this call, starting with 1.
    pub attempt: u32,
    /// Idempotency key for the external system that the plugin calls; at most 45 characters.
    pub idempotency_key: String,
    /// The merchant's reference of the payment, under which the processor finds the charge; empty if there is none.
    pub reference: String,
    /// Time of this call, by the host's clock.
    pub now: Timestamp,
}

/// A plugin's rejection for a business reason. The agent sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// Error code in lower snake case; the protocols pass it on.
    pub code: String,
    /// Text for the agent and the buyer, at most 1 KiB.
    pub message: String,
    /// Part of the checkout that the rejection concerns.
    pub about: Subject,
}
