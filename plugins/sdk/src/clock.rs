//! The time of the call, for logs and signatures. Decisions take it from their context.

use crate::imports;

/// The time at which the host began this phase, in epoch milliseconds. It does not move during the phase.
#[must_use]
pub fn now() -> u64 {
    imports::clock::now()
}
