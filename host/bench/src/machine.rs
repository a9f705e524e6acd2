//! The machine on which the figures were measured.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde::Serialize;

/// Lock file of this program, for the versions of its dependencies.
const LOCK: &str = include_str!("../../../Cargo.lock");

/// Properties of the machine; `unknown` where they cannot be read.
#[derive(Debug, Serialize)]
pub(super) struct Machine {
    pub(super) cores: usize,
    pub(super) cpu: String,
    pub(super) rustc: String,
    #[serde(rename = "wasmtime")]
    pub(super) engine: String,
    /// Type of the file system that holds the data, such as `ext4`.
    pub(super) filesystem: String,
    /// Load average of the last minute, before the first measurement. Far above zero, other processes disturbed the run.
    pub(super) load_before: f64,
    /// Whether this was a run with `--quick`.
    pub(super) quick: bool,
}

impl Machine {
    pub(super) fn detect(data: &Path, quick: bool) -> Self {
        Self {
            cores: std::thread::available_parallelism().map_or(0, usize::from),
            cpu: cpu().unwrap_or_else(unknown),
            rustc: rustc().unwrap_or_else(unknown),
            engine: locked("wasmtime").unwrap_or_else(unknown),
            filesystem: filesystem(data).unwrap_or_else(unknown),
            load_before: load().unwrap_or_default(),
            quick,
        }
    }
}

fn unknown() -> String {
    "unknown".to_owned()
}

fn cpu() -> Option<String> {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn load() -> Option<f64> {
    let text = fs::read_to_string("/proc/loadavg").ok()?;
    text.split_whitespace().next()?.parse().ok()
}

/// Version of the compiler that builds plugins here; the workspace pins the same one for this program.
fn rustc() -> Option<String> {
    let output = Command::new("rustc").arg("--version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.split_whitespace().nth(1).map(str::to_owned)
}

/// Version of a dependency in the lock file.
fn locked(package: &str) -> Option<String> {
    let (_, after) = LOCK.split_once(&format!("name = \"{package}\"\nversion = \""))?;
    after.split('"').next().map(str::to_owned)
}

/// File system type of the mount that holds the folder: the last one listed with the longest matching path.
fn filesystem(folder: &Path) -> Option<String> {
    let folder = folder.canonicalize().ok()?;
    let mounts = fs::read_to_string("/proc/mounts").ok()?;
    let fields = mounts.lines().map(|line| line.split(' ').collect::<Vec<_>>());
    let holding = fields.filter_map(|fields| match fields.as_slice() {
        [_, at, kind, ..] if folder.starts_with(at) => Some((at.len(), (*kind).to_owned())),
        _ => None,
    });
    holding.max_by_key(|(length, _)| *length).map(|(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_engine_is_found_in_the_lock_file() {
        assert!(locked("wasmtime").unwrap().starts_with("48."));
        assert_eq!(locked("no-such-package"), None);
    }
}
