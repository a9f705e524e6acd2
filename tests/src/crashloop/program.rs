//! The real binary.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

use crate::{unaware_of_cargo, workspace};

/// `tillhouse`, built as it is for the demo: no features of its own. Once per process.
pub(crate) fn tillhouse() -> PathBuf {
    static BUILT: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let built = BUILT.get_or_init(|| built("tillhouse", "tillhouse", &[]));
    built.clone().expect("a binary")
}

/// A binary of a package of the workspace, with these further arguments for cargo, or that there is none: a build that failed is not
/// tried again by the next test. Cheap when it is fresh.
pub(crate) fn built(package: &str, binary: &str, arguments: &[&str]) -> Result<PathBuf, String> {
    let mut cargo = Command::new("cargo");
    let output = unaware_of_cargo(&mut cargo)
        .current_dir(workspace())
        .args(["build", "--package", package, "--bin", binary])
        .args(arguments)
        .args(["--message-format", "json-render-diagnostics"])
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .expect("cargo starts");
    if !output.status.success() {
        return Err(format!("{binary} does not compile; cargo has said why"));
    }
    let messages = String::from_utf8_lossy(&output.stdout);
    let executable = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["target"]["name"] == binary)
        .find_map(|message| message["executable"].as_str().map(PathBuf::from));
    executable.ok_or_else(|| format!("cargo does not say where {binary} is"))
}
