//! A plugin's own tests.

use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use super::BuildError;

/// Names the program that the harness has components run in.
const PROGRAM: &str = "TILLHOUSE";

/// Run `cargo test` in a folder with these words, and say whether all tests passed.
///
/// Nobody's standard output but that of the tests is written to; with `aside` they write to standard error. The component is
/// tested in the program, where one is given.
///
/// # Errors
/// When cargo does not start.
pub fn run(folder: &Path, words: &[String], aside: bool, program: Option<&Path>) -> Result<bool, BuildError> {
    let mut cargo = Command::new("cargo");
    cargo
        .current_dir(folder)
        // In cargo's own profile for tests, which compiles the quickest: the component is built in its own profile, and runs in
        // the program.
        .arg("test")
        .args(words)
        .stdin(Stdio::null());
    if let Some(program) = program {
        cargo.env(PROGRAM, program);
    }
    if aside {
        cargo.stdout(Stdio::from(io::stderr()));
    }
    let status = cargo
        .status()
        .map_err(|error| BuildError::tool("cargo", folder, error))?;
    Ok(status.success())
}
