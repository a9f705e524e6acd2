//! What the figures were taken on.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde::Serialize;

/// The dependencies that this program was built with.
const LOCK: &str = include_str!("../../../Cargo.lock");

/// The machine, as far as it says.
#[derive(Debug, Serialize)]
pub(super) struct Machine {
    pub(super) cores: usize,
    pub(super) cpu: String,
    pub(super) rustc: String,
    #[serde(rename = "wasmtime")]
    pub(super) engine: String,
    /// The filesystem of the data.
    pub(super) filesystem: String,
    /// Of the last minute, before the first measurement: far above zero, others were at work.
    pub(super) load_before: f64,
    /// Whether this was the short version.
    pub(super) quick: bool,
}

impl Machine {
    pub(super) fn look(data: &Path, quick: bool) -> Self {
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

/// The compiler that builds plugins here; the workspace pins the one that built this program to the same.
fn rustc() -> Option<String> {
    let output = Command::new("rustc").arg("--version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.split_whitespace().nth(1).map(str::to_owned)
}

/// The version of a dependency.
fn locked(package: &str) -> Option<String> {
    let (_, after) = LOCK.split_once(&format!("name = \"{package}\"\nversion = \""))?;
    after.split('"').next().map(str::to_owned)
}

/// Kind and options of the mount that holds the folder: the last one listed whose path is the longest beginning of it.
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
