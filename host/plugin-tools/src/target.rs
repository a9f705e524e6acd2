//! The target that plugins are built for, and the versions of the build tools.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{BuildError, TARGET};

/// Returns whether the toolchain of a folder has the target installed.
///
/// # Errors
/// If rustc cannot be started.
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

/// Installs the target with rustup, unless the toolchain of a folder has it already.
///
/// # Errors
/// If the target cannot be installed.
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

/// Returns the first line of a tool's `--version` output; `None` if the tool is not installed.
#[must_use]
pub fn version(tool: &str, folder: &Path) -> Option<String> {
    let output = Command::new(tool).current_dir(folder).arg("--version").output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = text.lines().next()?.trim().to_owned();
    output.status.success().then_some(line)
}
