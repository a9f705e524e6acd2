//! A host in a process of its own that falls over at a chosen place, and the sandbox around it that does not.
//!
//! The process is the binary `crashpoints`: the only one that is built with the feature `crash-points`.

mod child;
mod program;
mod shop;

pub use child::{Arming, Fell};
pub use program::{crashpoints, shipped};
pub use shop::{Shop, Waits};

/// How much faster than the machine's the clock of these hosts goes, so that pauses of seconds cost tens of milliseconds.
pub const PACE: u64 = 20;
