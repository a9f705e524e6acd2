//! With the feature `embedded-plugins`: builds the three plugins that are embedded in the program, in a separate target folder.

#![allow(clippy::print_stdout, reason = "this is how a build script speaks to cargo")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;

const PLUGINS: [(&str, &str); 3] = [
    ("reference-shop", "reference_shop.wasm"),
    ("sandbox-processor", "sandbox_processor.wasm"),
    ("adyen-processor", "adyen_processor.wasm"),
];
const TARGET: &str = "wasm32-wasip2";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var_os("CARGO_FEATURE_EMBEDDED_PLUGINS").is_none() {
        return Ok(());
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for folder in [
        "plugins/sdk",
        "plugins/reference-shop",
        "plugins/sandbox-processor",
        "plugins/adyen-processor",
        "wit",
        "Cargo.lock",
        "Cargo.toml",
    ] {
        println!("cargo::rerun-if-changed={}", root.join(folder).display());
    }
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    let target = out.join("guests");
    // Installs the target in a toolchain that rustup manages; with any other toolchain the build below reports a missing target.
    let _ = Command::new("rustup")
        .args(["target", "add", TARGET])
        .current_dir(&root)
        .status();
    for (package, file) in PLUGINS {
        make(&root, &target, package)?;
        std::fs::copy(target.join(TARGET).join("guest").join(file), out.join(file))?;
    }
    Ok(())
}

/// Build a plugin as `tillhouse plugin build` does (host/plugin-tools/src/lib.rs).
fn make(root: &Path, target: &Path, package: &str) -> Result<(), Box<dyn Error>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .current_dir(root)
        .args([
            "rustc",
            "--locked",
            "--profile",
            "guest",
            "--target",
            TARGET,
            "--package",
            package,
        ])
        .args(["--lib", "--crate-type", "cdylib", "--target-dir"])
        .arg(target)
        .args(["--", "-Clink-arg=-zstack-size=65536"])
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        // These belong to the outer build, which may be a run of clippy.
        .env_remove("RUSTC_WRAPPER")
        .env_remove("RUSTC_WORKSPACE_WRAPPER")
        .status()?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("could not build the plugin {package} for {TARGET}").into())
    }
}
