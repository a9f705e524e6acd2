//! A plugin's own tests.

use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use super::BuildError;

/// Run `cargo test` in a folder with these words, and say whether all tests passed. Nobody's standard output but that of the
/// tests is written to; with `aside` they write to standard error.
///
/// # Errors
/// When cargo does not start.
pub fn run(folder: &Path, words: &[String], aside: bool) -> Result<bool, BuildError> {
    let mut cargo = Command::new("cargo");
    cargo
        .current_dir(folder)
        // As the component and its runtime are built: the tests of a debug build would measure something else.
        .args(["test", "--release"])
        .args(words)
        .stdin(Stdio::null());
    if aside {
        cargo.stdout(Stdio::from(io::stderr()));
    }
    let status = cargo
        .status()
        .map_err(|error| BuildError::tool("cargo", folder, error))?;
    Ok(status.success())
}
