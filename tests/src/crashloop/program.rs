//! The real binary.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

use crate::{unaware_of_cargo, workspace};

/// `tillhouse`, built as it is for the demo: no features of its own. Once per process.
pub(crate) fn tillhouse() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| built("tillhouse", "tillhouse", &[])).clone()
}

/// A binary of a package of the workspace, with these further arguments for cargo. Cheap when it is fresh.
pub(crate) fn built(package: &str, binary: &str, arguments: &[&str]) -> PathBuf {
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
    assert!(output.status.success(), "{binary} is built");
    let messages = String::from_utf8_lossy(&output.stdout);
    let executable = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["target"]["name"] == binary)
        .find_map(|message| message["executable"].as_str().map(PathBuf::from));
    executable.expect("cargo says where it is")
}
