//! Building plugins: cargo for `wasm32-wasip2`, in the profile `guest`, with the target installed if it is missing.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The target that plugins are built for.
pub const TARGET: &str = "wasm32-wasip2";

/// The cargo profile that plugins are built with.
const PROFILE: &str = "guest";

/// A shadow stack of 64 KiB: fewer pages to touch in every fresh instance.
const STACK: &str = "-Clink-arg=-zstack-size=65536";

/// Why there is no component.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A tool could not be started.
    #[error("{tool} could not be started: {error}; install Rust with rustup")]
    Tool {
        /// Its name.
        tool: &'static str,
        /// Why.
        error: io::Error,
    },
    /// The target is missing and could not be installed.
    #[error("the target {TARGET} could not be installed; run: rustup target add {TARGET}")]
    Target,
    /// The build failed; cargo has said why.
    #[error("the build of {0} failed")]
    Failed(String),
    /// The package has no component to build.
    #[error("{0} builds no component; its Cargo.toml needs: [lib] crate-type = [\"cdylib\", \"rlib\"]")]
    NoComponent(String),
    /// The component could not be read.
    #[error("{path} could not be read: {error}")]
    Read {
        /// Where.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
}

/// A built plugin.
#[derive(Debug)]
pub struct Built {
    /// The package.
    pub package: String,
    /// The component.
    pub component: PathBuf,
    /// Its size.
    pub bytes: u64,
}

/// Build packages of the workspace that holds this folder. Cargo's own progress goes to standard error.
///
/// # Errors
/// What is missing, or what failed.
pub fn build(folder: &Path, packages: &[&str]) -> Result<Vec<Built>, BuildError> {
    ensure_target(folder)?;
    packages.iter().map(|package| build_one(folder, package)).collect()
}

fn build_one(folder: &Path, package: &str) -> Result<Built, BuildError> {
    let mut cargo = Command::new("cargo");
    cargo
        .current_dir(folder)
        .args(["rustc", "--profile", PROFILE, "--target", TARGET, "--package", package])
        // Only the component: building the library for Rust callers as well keeps half of the unused code in it.
        .args([
            "--lib",
            "--crate-type",
            "cdylib",
            "--message-format",
            "json-render-diagnostics",
        ])
        // Flags meant for the host's own build are not for guests.
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .args(["--", STACK]);
    let output = cargo
        .output()
        .map_err(|error| BuildError::Tool { tool: "cargo", error })?;
    if !output.status.success() {
        return Err(BuildError::Failed(package.to_owned()));
    }
    built(package, &String::from_utf8_lossy(&output.stdout))
}

fn built(package: &str, messages: &str) -> Result<Built, BuildError> {
    let none = || BuildError::NoComponent(package.to_owned());
    let component = component_of(package, messages).ok_or_else(none)?;
    let meta = std::fs::metadata(&component).map_err(|error| BuildError::Read {
        path: component.clone(),
        error,
    })?;
    Ok(Built {
        package: package.to_owned(),
        component,
        bytes: meta.len(),
    })
}

/// The `.wasm` file among cargo's artifacts of a package.
fn component_of(package: &str, messages: &str) -> Option<PathBuf> {
    let library = package.replace('-', "_");
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .find_map(|message| {
            let of_package = text(&message, "/reason") == Some("compiler-artifact")
                && text(&message, "/target/name") == Some(&library);
            let files = message.get("filenames")?.as_array().filter(|_| of_package)?;
            let file = files
                .iter()
                .filter_map(|file| file.as_str())
                .find(|file| file.ends_with(".wasm"))?;
            Some(PathBuf::from(file))
        })
}

fn text<'a>(message: &'a serde_json::Value, pointer: &str) -> Option<&'a str> {
    message.pointer(pointer)?.as_str()
}

/// Install the target unless the toolchain of this folder has it.
fn ensure_target(folder: &Path) -> Result<(), BuildError> {
    let mut rustc = Command::new("rustc");
    rustc
        .current_dir(folder)
        .args(["--print", "target-libdir", "--target", TARGET]);
    let output = rustc
        .output()
        .map_err(|error| BuildError::Tool { tool: "rustc", error })?;
    let libdir = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    if output.status.success() && libdir.is_dir() {
        return Ok(());
    }
    let mut rustup = Command::new("rustup");
    rustup
        .current_dir(folder)
        .args(["target", "add", TARGET])
        .stdout(Stdio::null());
    let status = rustup
        .status()
        .map_err(|error| BuildError::Tool { tool: "rustup", error })?;
    if status.success() {
        Ok(())
    } else {
        Err(BuildError::Target)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_component_is_found_among_the_artifacts_by_its_library_name() {
        let messages = [
            r#"{"reason":"compiler-artifact","target":{"name":"other"},"filenames":["x/other.wasm"]}"#,
            "not json",
            r#"{"reason":"compiler-artifact","target":{"name":"my_shop"},"filenames":["x/libmy_shop.rlib","x/my_shop.wasm"]}"#,
        ]
        .join("\n");
        assert_eq!(
            component_of("my-shop", &messages),
            Some(PathBuf::from("x/my_shop.wasm"))
        );
        assert_eq!(component_of("missing", &messages), None);
    }
}
