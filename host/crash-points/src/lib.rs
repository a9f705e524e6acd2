//! Crash points: points at which a test can stop the host. They exist only with the feature `crash-points`, which no released
//! build enables (`tests/crashpoints`). Without it, [`crash_point!`] expands to the commit or the exchange itself.
//!
//! A crash point is at a commit (before, after) or an external effect (before connect, after write, before read, after read). It
//! has a name such as `commit.session.open.new.before`, and the n-th time that a name is reached can be armed with one `Action`.
//! An error injected before a commit has written nothing; one injected after it has written everything; the caller sees no
//! difference.

mod crash_point;
#[cfg(feature = "crash-points")]
pub mod names;
#[cfg(feature = "crash-points")]
mod plan;

#[cfg(feature = "crash-points")]
pub use plan::{
    Action, ArmedCrashPoint, INJECTED_ERROR, Interruption, ReachedCrashPoint, arm, around_commit, inside_exchange,
};
