//! Versions of the build tools and of the host.

use std::path::{Path, PathBuf};

use super::target;
use tillhouse_runtime::CONTRACT_VERSION;
use tillhouse_runtime::engine::WASMTIME;
use tillhouse_runtime::manifest::CONTRACT;

/// Crate name of the SDK.
const SDK: &str = "tillhouse-plugin";

/// Installed build tools; `None` for those that are missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toolchain {
    /// First line of `rustc --version`.
    pub rustc: Option<String>,
    /// First line of `cargo --version`.
    pub cargo: Option<String>,
    /// First line of `rustup --version`.
    pub rustup: Option<String>,
    /// Whether the target `wasm32-wasip2` is installed.
    pub has_target: bool,
    /// SDK version in the folder's lock file, and the path of the lock file.
    pub sdk: Option<(String, PathBuf)>,
}

/// Versions of the host and of what it supports.
#[derive(Clone, Copy, Debug)]
pub struct Versions {
    /// Release version of this program.
    pub host: &'static str,
    /// Plugin contract that it supports, such as `tillhouse:merchant@0.2`.
    pub contract: &'static str,
    /// Version of Wasmtime, the WebAssembly runtime.
    pub runtime: &'static str,
    /// Minimum Rust version of the SDK.
    pub rust: &'static str,
}

/// Versions of this build of the host.
pub const VERSIONS: Versions = Versions {
    host: env!("CARGO_PKG_VERSION"),
    contract: CONTRACT,
    runtime: WASMTIME,
    rust: env!("CARGO_PKG_RUST_VERSION"),
};

impl Toolchain {
    /// Detects the tools for a folder, because rustup can select another toolchain in each folder.
    #[must_use]
    pub fn of(folder: &Path) -> Self {
        Self {
            rustc: target::version("rustc", folder),
            cargo: target::version("cargo", folder),
            rustup: target::version("rustup", folder),
            has_target: target::is_installed(folder).unwrap_or(false),
            sdk: sdk(folder),
        }
    }

    /// Whether rustc is new enough for the SDK; `None` if its version is unknown.
    #[must_use]
    pub fn is_new_enough(&self) -> Option<bool> {
        let version = self.rustc.as_deref()?.split(' ').nth(1)?;
        Some(numbers(version)? >= numbers(VERSIONS.rust)?)
    }
}

/// Whether this host supports plugins built with an SDK version; its first two numbers must be those of the contract.
#[must_use]
pub fn speaks(sdk: &str) -> bool {
    numbers(sdk).is_some_and(|sdk| Some(sdk) == numbers(CONTRACT_VERSION))
}

/// Parses the first two numbers of a version.
fn numbers(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// Finds the SDK version in the lock file that applies to a folder.
fn sdk(folder: &Path) -> Option<(String, PathBuf)> {
    let folder = folder.canonicalize().ok()?;
    let lock = folder
        .ancestors()
        .map(|at| at.join("Cargo.lock"))
        .find(|at| at.is_file())?;
    let text = std::fs::read_to_string(&lock).ok()?;
    Some((locked(&text, SDK)?, lock))
}

/// Finds the version of a package in the text of a lock file.
fn locked(text: &str, name: &str) -> Option<String> {
    let document: toml::Table = text.parse().ok()?;
    let packages = document.get("package")?.as_array()?;
    let found = packages
        .iter()
        .find(|package| package.get("name").and_then(toml::Value::as_str) == Some(name))?;
    Some(found.get("version")?.as_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_runtimes_version_is_the_one_that_is_built_in() {
        let lock = include_str!("../../../Cargo.lock");
        assert_eq!(locked(lock, "wasmtime").as_deref(), Some(VERSIONS.runtime));
        assert_eq!(locked(lock, "nothing"), None);
    }

    #[test]
    fn an_sdk_of_another_contract_is_not_spoken() {
        assert!(speaks("0.2.7"));
        assert!(!speaks("0.1.0") && !speaks("1.2.0") && !speaks("0.20.0") && !speaks("one"));
    }

    #[test]
    fn a_compiler_is_compared_by_its_numbers() {
        let with = |rustc: &str| Toolchain {
            rustc: Some(rustc.to_owned()),
            cargo: None,
            rustup: None,
            has_target: true,
            sdk: None,
        };
        assert_eq!(with("rustc 1.95.0 (x 2026-04-01)").is_new_enough(), Some(true));
        assert_eq!(with("rustc 1.100.0-nightly (x)").is_new_enough(), Some(true));
        assert_eq!(with("rustc 1.94.1 (x)").is_new_enough(), Some(false));
        assert_eq!(with("gcc").is_new_enough(), None);
    }
}
