//! The time of the call, for logs and signatures. Decisions take it from their context.

use crate::imports;

/// The time at which the host began this phase, in epoch milliseconds. It does not move during the phase.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// let _host = testing::Host::new().at(1_767_225_600_000).install();
/// assert_eq!(clock::now(), 1_767_225_600_000);
/// ```
#[must_use]
pub fn now() -> u64 {
    imports::clock::now()
}
