//! The time of the call, for logs and signatures. For decisions, use the time in the call's context.

use crate::imports;

/// Returns the time at which the host started this phase, in epoch milliseconds. It is constant during the phase.
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
