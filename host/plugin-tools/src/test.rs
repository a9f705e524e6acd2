//! Runs a plugin's own tests with cargo.

use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use super::BuildError;

/// Environment variable with the path of the `tillhouse` program that the harness uses to run components.
const PROGRAM: &str = "TILLHOUSE";

/// Runs `cargo test` in a folder with these arguments, and returns whether all tests passed.
///
/// With `stdout_to_stderr`, the standard output of cargo and of the tests is redirected to standard error. If `program` is given, the
/// harness runs the component in it.
///
/// # Errors
/// If cargo cannot be started.
pub fn run(
    folder: &Path,
    arguments: &[String],
    stdout_to_stderr: bool,
    program: Option<&Path>,
) -> Result<bool, BuildError> {
    let mut cargo = Command::new("cargo");
    cargo
        .current_dir(folder)
        // The default test profile compiles fastest; the component is built with its own profile and runs in `program`.
        .arg("test")
        .args(arguments)
        .stdin(Stdio::null());
    if let Some(program) = program {
        cargo.env(PROGRAM, program);
    }
    if stdout_to_stderr {
        cargo.stdout(Stdio::from(io::stderr()));
    }
    let status = cargo
        .status()
        .map_err(|error| BuildError::tool("cargo", folder, error))?;
    Ok(status.success())
}
