//! The real binary.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

use crate::workspace;

/// Variables that cargo sets for the programs of a package.
const PER_PACKAGE: [&str; 5] = [
    "CARGO_PKG_",
    "CARGO_MANIFEST_",
    "CARGO_BIN_",
    "CARGO_CRATE_",
    "CARGO_PRIMARY_",
];

/// `tillhouse`, built as it is for everybody: the release profile, no features of its own. Once per process.
pub(crate) fn tillhouse() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| built("tillhouse", "tillhouse", &[])).clone()
}

/// A binary of a package of the workspace, with these further arguments for cargo. Cheap when it is fresh.
pub(crate) fn built(package: &str, binary: &str, arguments: &[&str]) -> PathBuf {
    let mut cargo = Command::new("cargo");
    // Cargo tells whatever it runs of the package that it runs. Build scripts that look at these variables would run again
    // for it, and most of the host would be built a second time.
    let of_package = |name: &str| PER_PACKAGE.iter().any(|prefix| name.starts_with(prefix));
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(of_package) {
            cargo.env_remove(&name);
        }
    }
    let output = cargo
        .current_dir(workspace())
        .args(["build", "--release", "--package", package, "--bin", binary])
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
