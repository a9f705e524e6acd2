//! The real binary.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::workspace;

/// `tillhouse`, built as it is for everybody: the release profile, no features of its own. Cheap when it is fresh.
pub(super) fn tillhouse() -> PathBuf {
    let output = Command::new("cargo")
        .current_dir(workspace())
        .args(["build", "--release", "--package", "tillhouse", "--bin", "tillhouse"])
        .args(["--message-format", "json-render-diagnostics"])
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .expect("cargo starts");
    assert!(output.status.success(), "the host is built");
    let messages = String::from_utf8_lossy(&output.stdout);
    let executable = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["target"]["name"] == "tillhouse")
        .find_map(|message| message["executable"].as_str().map(PathBuf::from));
    executable.expect("cargo says where the host is")
}
