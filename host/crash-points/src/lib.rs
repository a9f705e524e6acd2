//! Places at which a test has the host fall over: with the feature `crash-points` only, which no build that is shipped turns on
//! (`tests/crashpoints`). Without it, [`crash_point!`] is the commit or the exchange itself, and nothing else is here.
//!
//! A place is a commit (before it, after it) or an outside effect (before connect, after write, before read, after read). It
//! is named by what it is about, and the n-th passing of a name can be armed with one `Action`. An error that is injected
//! before a commit has written nothing; one that is injected after it has written everything, and the caller cannot tell.

mod crash_point;
#[cfg(feature = "crash-points")]
pub mod names;
#[cfg(feature = "crash-points")]
mod plan;

#[cfg(feature = "crash-points")]
pub use plan::{Action, Armed, Interruption, MARK, Passing, arm, around, effect};
