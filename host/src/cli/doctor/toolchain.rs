//! The toolchain that builds plugins.

use std::path::Path;

use super::checks::Checks;
use tillhouse_plugin_tools::TARGET;
use tillhouse_plugin_tools::toolchain::{Toolchain, VERSIONS, speaks};
use tillhouse_runtime::CONTRACT_VERSION;

const CHECK: &str = "toolchain";

/// Check the tools that build a folder's plugins, and the SDK version in its lock file.
pub(super) fn check(folder: &Path, checks: &mut Checks) {
    report_toolchain(&Toolchain::of(folder), checks);
}

fn report_toolchain(toolchain: &Toolchain, checks: &mut Checks) {
    let versions = VERSIONS;
    checks.ok(
        "versions",
        format!(
            "tillhouse {}, contract {}, wasmtime {}",
            versions.host, versions.contract, versions.runtime
        ),
    );
    report_tools(toolchain, checks);
    report_target(toolchain, checks);
    if let Some((version, lock)) = &toolchain.sdk {
        let finding = format!("tillhouse-plugin {version} in {}", lock.display());
        if speaks(version) {
            checks.ok("sdk", finding);
        } else {
            checks.fail(
                "sdk",
                format!("{finding} is for another contract than {}", versions.contract),
                format!("depend on tillhouse-plugin = \"{CONTRACT_VERSION}\", or use the host of that version"),
            );
        }
    }
}

fn report_tools(toolchain: &Toolchain, checks: &mut Checks) {
    let install = "install Rust with rustup (rustup.rs)";
    match (&toolchain.rustc, toolchain.is_new_enough()) {
        (None, _) => checks.fail(CHECK, "rustc was not found", install),
        (Some(rustc), Some(false)) => checks.fail(
            CHECK,
            format!("{rustc} is older than {}", VERSIONS.rust),
            "run: rustup update",
        ),
        (Some(rustc), _) => checks.ok(CHECK, rustc.as_str()),
    }
    match &toolchain.cargo {
        None => checks.fail(CHECK, "cargo was not found", install),
        Some(cargo) => checks.ok(CHECK, cargo.as_str()),
    }
}

fn report_target(toolchain: &Toolchain, checks: &mut Checks) {
    if toolchain.has_target {
        return checks.ok("target", format!("{TARGET} is installed"));
    }
    let finding = format!("{TARGET} is not installed");
    if toolchain.rustup.is_some() {
        let remedy = format!("tillhouse plugin build installs it, or run: rustup target add {TARGET}");
        checks.warn("target", finding, remedy);
    } else {
        let remedy = format!("there is no rustup to install it: install the Rust standard library for {TARGET}");
        checks.fail("target", finding, remedy);
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn toolchain() -> Toolchain {
        Toolchain {
            rustc: Some(format!("rustc {}.0 (x)", VERSIONS.rust)),
            cargo: Some("cargo 1.95.0".to_owned()),
            rustup: Some("rustup 1.29.0".to_owned()),
            has_target: true,
            sdk: Some(("0.2.0".to_owned(), PathBuf::from("Cargo.lock"))),
        }
    }

    fn fails(toolchain: &Toolchain) -> bool {
        let mut checks = Checks::default();
        report_toolchain(toolchain, &mut checks);
        checks.has_failures()
    }

    #[test]
    fn an_installed_tool_passes_and_a_missing_one_fails() {
        assert!(!fails(&toolchain()));
        assert!(fails(&Toolchain {
            rustc: None,
            ..toolchain()
        }));
        assert!(fails(&Toolchain {
            cargo: None,
            ..toolchain()
        }));
        let old = Some("rustc 1.80.0 (x)".to_owned());
        assert!(fails(&Toolchain {
            rustc: old,
            ..toolchain()
        }));
        let sdk = Some(("0.1.0".to_owned(), PathBuf::from("Cargo.lock")));
        assert!(fails(&Toolchain { sdk, ..toolchain() }));
    }

    #[test]
    fn a_missing_target_fails_only_where_nothing_can_install_it() {
        let without = Toolchain {
            has_target: false,
            ..toolchain()
        };
        assert!(!fails(&without));
        assert!(fails(&Toolchain {
            rustup: None,
            ..without
        }));
    }
}
