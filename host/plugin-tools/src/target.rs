//! The target that plugins are built for, and the tools that build for it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{BuildError, TARGET};

/// Whether the toolchain of this folder has the target.
///
/// # Errors
/// When there is no toolchain.
pub fn is_installed(folder: &Path) -> Result<bool, BuildError> {
    let mut rustc = Command::new("rustc");
    rustc
        .current_dir(folder)
        .args(["--print", "target-libdir", "--target", TARGET]);
    let output = rustc
        .output()
        .map_err(|error| BuildError::tool("rustc", folder, error))?;
    let libdir = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    Ok(output.status.success() && libdir.is_dir())
}

/// Install the target unless the toolchain of this folder has it.
///
/// # Errors
/// When it cannot be had.
pub fn ensure(folder: &Path) -> Result<(), BuildError> {
    if is_installed(folder)? {
        return Ok(());
    }
    let mut rustup = Command::new("rustup");
    rustup
        .current_dir(folder)
        .args(["target", "add", TARGET])
        .stdout(Stdio::null());
    let status = rustup
        .status()
        .map_err(|error| BuildError::tool("rustup", folder, error))?;
    if status.success() {
        Ok(())
    } else {
        Err(BuildError::Target)
    }
}

/// What a tool says of its version, first line; `None` where it is not there.
#[must_use]
pub fn version(tool: &str, folder: &Path) -> Option<String> {
    let output = Command::new(tool).current_dir(folder).arg("--version").output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = text.lines().next()?.trim().to_owned();
    output.status.success().then_some(line)
}
