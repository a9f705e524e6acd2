//! What is there to build plugins with.

use std::path::{Path, PathBuf};

use super::target;
use tillhouse_runtime::engine::WASMTIME;
use tillhouse_runtime::manifest::CONTRACT;

/// The SDK's crate.
const SDK: &str = "tillhouse-plugin";

/// What is there, as far as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toolchain {
    /// What rustc says of itself.
    pub rustc: Option<String>,
    /// What cargo says of itself.
    pub cargo: Option<String>,
    /// Whether rustup is there to install what is missing.
    pub rustup: Option<String>,
    /// Whether plugins can be built for their target.
    pub has_target: bool,
    /// The SDK that the package of the folder is locked to, and the lock file.
    pub sdk: Option<(String, PathBuf)>,
}

/// Versions of the host itself.
#[derive(Clone, Copy, Debug)]
pub struct Versions {
    /// Of this program.
    pub host: &'static str,
    /// Of the contract that it speaks.
    pub contract: &'static str,
    /// Of the runtime.
    pub runtime: &'static str,
    /// The oldest Rust that the SDK compiles with.
    pub rust: &'static str,
}

/// Versions of this host.
pub const VERSIONS: Versions = Versions {
    host: env!("CARGO_PKG_VERSION"),
    contract: CONTRACT,
    runtime: WASMTIME,
    rust: env!("CARGO_PKG_RUST_VERSION"),
};

impl Toolchain {
    /// Of a folder: rustup may have another for each.
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

    /// Whether rustc is at least as new as the SDK needs; `None` where it does not say.
    #[must_use]
    pub fn is_new_enough(&self) -> Option<bool> {
        let said = self.rustc.as_deref()?.split(' ').nth(1)?;
        Some(numbers(said)? >= numbers(VERSIONS.rust)?)
    }
}

/// Whether this host takes what is built with that version of the SDK: the first two numbers are those of the contract.
#[must_use]
pub fn speaks(sdk: &str) -> bool {
    let contract = CONTRACT.rsplit('@').next().and_then(numbers);
    contract.is_some() && numbers(sdk) == contract
}

/// The first two numbers of a version.
fn numbers(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// The SDK in the lock file that holds for a folder.
fn sdk(folder: &Path) -> Option<(String, PathBuf)> {
    let folder = folder.canonicalize().ok()?;
    let lock = folder
        .ancestors()
        .map(|at| at.join("Cargo.lock"))
        .find(|at| at.is_file())?;
    let text = std::fs::read_to_string(&lock).ok()?;
    Some((locked(&text, SDK)?, lock))
}

/// The version of a package in the text of a lock file.
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
        assert!(speaks("0.1.7"));
        assert!(!speaks("0.2.0") && !speaks("1.1.0") && !speaks("0.10.0") && !speaks("one"));
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
