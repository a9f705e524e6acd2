//! A host process that crashes at a chosen crash point, and the sandbox around it that survives.
//!
//! The process runs the binary `crashpoints`: the only one built with the feature `crash-points`.

mod child;
mod program;
mod shop;

pub use child::{ArmedPoint, HostCrashed};
pub use program::{crashpoints, shipped};
pub use shop::{Delays, Shop};

/// How many times faster than the system clock the clock of these hosts runs, so that backoffs of seconds take tens of
/// milliseconds.
pub const PACE: u64 = 20;
