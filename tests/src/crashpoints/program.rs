//! The two binaries: the one with the places, and the one that is shipped.

use std::path::PathBuf;
use std::sync::OnceLock;

use crate::crashloop::program;

/// `crashpoints`, built once in a process: the crates that have places, and those above them, a second time.
#[must_use]
pub fn crashpoints() -> PathBuf {
    static BUILT: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let build = || program::built("tillhouse-tests", "crashpoints", &["--features", "crash-points"]);
    BUILT.get_or_init(build).clone().expect("a binary")
}

/// `tillhouse`, built as it is for everybody.
#[must_use]
pub fn shipped() -> PathBuf {
    program::tillhouse()
}
