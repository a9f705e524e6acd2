//! Builds the real binary.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

use crate::{without_cargo_variables, workspace};

/// Path of `tillhouse`, built with default features. Builds once per process.
pub(crate) fn tillhouse() -> PathBuf {
    static BUILT: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let built = BUILT.get_or_init(|| built("tillhouse", "tillhouse", &[]));
    built.clone().expect("tillhouse could not be built")
}

/// Builds a binary of a workspace package, with further arguments for cargo. The error is returned as text, so that the next test
/// does not build again. Fast when the binary is up to date.
pub(crate) fn built(package: &str, binary: &str, arguments: &[&str]) -> Result<PathBuf, String> {
    let mut cargo = Command::new("cargo");
    let output = without_cargo_variables(&mut cargo)
        .current_dir(workspace())
        .args(["build", "--package", package, "--bin", binary])
        .args(arguments)
        .args(["--message-format", "json-render-diagnostics"])
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .expect("cargo can be started");
    if !output.status.success() {
        return Err(format!("could not build {binary}; see the output of cargo above"));
    }
    let messages = String::from_utf8_lossy(&output.stdout);
    let executable = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["target"]["name"] == binary)
        .find_map(|message| message["executable"].as_str().map(PathBuf::from));
    executable.ok_or_else(|| format!("the output of cargo has no executable for {binary}"))
}
