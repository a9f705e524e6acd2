//! Toolchain for plugin authors: creates plugins from a template, builds them for `wasm32-wasip2` with the profile `guest`, and
//! checks them without a merchant.

pub mod artifact;
mod cargo_error;
pub mod check;
pub mod code;
mod messages;
mod package;
pub mod target;
pub mod template;
pub mod test;
#[cfg(test)]
mod testing;
pub mod text;
pub mod toolchain;

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub use artifact::Artifact;
pub use package::Package;

use messages::Messages;
use package::Workspace;
use tillhouse_checkout::diagnostic::Diagnostic;

/// Rust target that plugins are built for.
pub const TARGET: &str = "wasm32-wasip2";

/// Cargo profile that plugins are built with.
const PROFILE: &str = "guest";

/// `--config` arguments that define the profile, for workspaces that do not define it.
const PROFILE_SETTINGS: [&str; 7] = [
    "profile.guest.inherits=\"release\"",
    "profile.guest.opt-level=3",
    "profile.guest.lto=true",
    "profile.guest.codegen-units=1",
    "profile.guest.overflow-checks=true",
    "profile.guest.panic=\"abort\"",
    "profile.guest.strip=true",
];

/// Shadow stack of 64 KiB, so that a fresh instance touches fewer pages.
const STACK: &str = "-Clink-arg=-zstack-size=65536";

/// Error of building or reading a component.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A tool could not be started.
    #[error("{tool} could not be started: {error}; install Rust with rustup")]
    Tool {
        /// Name of the executable, such as `cargo`.
        tool: &'static str,
        /// Error of starting the process.
        error: io::Error,
    },
    /// The folder contains no plugin package.
    #[error("no plugin found in {folder}: {reason}")]
    NoPackage {
        /// Folder that was searched.
        folder: PathBuf,
        /// Reason, such as the error of cargo.
        reason: String,
    },
    /// Cargo cannot parse the package or resolve its dependencies.
    #[error("the package in {folder} cannot be loaded: {diagnostic:#}")]
    Unreadable {
        /// Folder of the package.
        folder: PathBuf,
        /// Error that cargo reported.
        diagnostic: Box<Diagnostic>,
    },
    /// The workspace has no package with this name.
    #[error("{name} is neither a folder nor a package of this workspace; its plugins are: {known}")]
    Unknown {
        /// Name that was given.
        name: String,
        /// Names of the workspace's plugins, separated by commas.
        known: String,
    },
    /// The target is missing and could not be installed.
    #[error("the target {TARGET} could not be installed; run: rustup target add {TARGET}")]
    Target,
    /// The build failed; cargo printed the errors to standard error.
    #[error("the build of {package} failed{}", first_error(errors))]
    Failed {
        /// Name of the package.
        package: String,
        /// Errors of the compiler, or else the error of cargo.
        errors: Vec<Diagnostic>,
    },
    /// The package does not build a component.
    #[error("{0} does not build a component; add to its Cargo.toml: [lib] crate-type = [\"cdylib\", \"rlib\"]")]
    NoComponent(String),
    /// The component could not be read.
    #[error("{path} could not be read: {error}")]
    Read {
        /// Path of the `.wasm` file.
        path: PathBuf,
        /// Error of the file system.
        error: io::Error,
    },
    /// A file could not be copied to its destination.
    #[error("{path} could not be written: {error}")]
    Write {
        /// Destination of the file.
        path: PathBuf,
        /// Error of the file system.
        error: io::Error,
    },
}

impl BuildError {
    /// Classifies a tool that did not start: either the folder or the tool is missing.
    fn tool(tool: &'static str, folder: &Path, error: io::Error) -> Self {
        if folder.is_dir() {
            return Self::Tool { tool, error };
        }
        Self::NoPackage {
            folder: folder.to_owned(),
            reason: "not a folder".to_owned(),
        }
    }

    /// Whether the caller named something that does not exist, as opposed to a broken package.
    #[must_use]
    pub const fn is_usage(&self) -> bool {
        matches!(self, Self::NoPackage { .. } | Self::Unknown { .. })
    }
}

/// Formats the first error with its fix: `; src/lib.rs:3: cannot find value `x` in this scope`.
fn first_error(errors: &[Diagnostic]) -> String {
    errors.first().map_or_else(String::new, |first| format!("; {first:#}"))
}

/// Component that was built from a package.
#[derive(Clone, Debug)]
pub struct Built {
    /// Name of the package.
    pub package: String,
    /// Path of the `.wasm` file.
    pub component: PathBuf,
    /// Size of the file in bytes.
    pub bytes: u64,
}

/// Builds packages of the workspace that contains a folder. Cargo's output goes to standard error.
///
/// # Errors
/// If a tool, the target or a package is missing, or a build fails.
pub fn build(folder: &Path, packages: &[&str]) -> Result<Vec<Built>, BuildError> {
    target::ensure(folder)?;
    let root = Workspace::around(folder)?.root;
    packages
        .iter()
        .map(|name| build_one(&root, &Package::named(folder, name)?))
        .collect()
}

/// Builds the package of a folder.
///
/// # Errors
/// If a tool, the target or the package is missing, or the build fails.
pub fn build_folder(folder: &Path) -> Result<Built, BuildError> {
    target::ensure(folder)?;
    let package = Package::of(folder)?;
    let workspace = Workspace::around(folder)?;
    build_one(&workspace.root, &package)
}

fn build_one(root: &Path, package: &Package) -> Result<Built, BuildError> {
    if !package.is_component {
        return Err(BuildError::NoComponent(package.name.clone()));
    }
    let mut cargo = Command::new("cargo");
    cargo
        .current_dir(&package.folder)
        .args([
            "rustc",
            "--profile",
            PROFILE,
            "--target",
            TARGET,
            // Select by id, because a dependency may have the same name.
            "--package",
            &package.id,
        ])
        // Build only the cdylib: building the rlib as well keeps half of the unused code in the component.
        .args([
            "--lib",
            "--crate-type",
            "cdylib",
            "--message-format",
            messages::format(),
        ])
        // These flags are meant for builds of the host, not of plugins.
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .stdin(Stdio::null());
    if !has_profile(root) {
        cargo.args(PROFILE_SETTINGS.iter().flat_map(|setting| ["--config", setting]));
    }
    let messages = messages::run(cargo.args(["--", STACK]));
    let messages = messages.map_err(|error| BuildError::tool("cargo", &package.folder, error))?;
    if !messages.succeeded {
        return Err(BuildError::Failed {
            package: package.name.clone(),
            errors: messages.errors(&package.folder),
        });
    }
    built(&package.name, &messages)
}

/// Whether the workspace defines the profile itself.
fn has_profile(root: &Path) -> bool {
    let text = std::fs::read_to_string(root.join("Cargo.toml")).unwrap_or_default();
    let manifest: toml::Table = text.parse().unwrap_or_default();
    let profiles = manifest.get("profile").and_then(toml::Value::as_table);
    profiles.is_some_and(|profiles| profiles.contains_key(PROFILE))
}

fn built(package: &str, messages: &Messages) -> Result<Built, BuildError> {
    let none = || BuildError::NoComponent(package.to_owned());
    let component = messages.component_of(package).ok_or_else(none)?;
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
