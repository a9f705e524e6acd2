//! Builds the binary with crash points and the shipped one.

use std::path::PathBuf;
use std::sync::OnceLock;

use crate::crashloop::program;

/// Path of `crashpoints`, built once per process: compiles the crates with crash points, and those that depend on them, a second
/// time.
#[must_use]
pub fn crashpoints() -> PathBuf {
    static BUILT: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let build = || program::built("tillhouse-tests", "crashpoints", &["--features", "crash-points"]);
    BUILT
        .get_or_init(build)
        .clone()
        .expect("crashpoints could not be built")
}

/// Path of `tillhouse` as it is shipped: without crash points.
#[must_use]
pub fn shipped() -> PathBuf {
    program::tillhouse()
}
