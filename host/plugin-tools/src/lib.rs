//! Plugins on their author's machine: made from a template, built for `wasm32-wasip2` in the profile `guest`, and checked as
//! far as that goes without a merchant.

pub mod candidate;
pub mod check;
mod complaint;
pub mod finding;
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

pub use candidate::Candidate;
pub use finding::{Finding, Level};
pub use package::Package;

use messages::Messages;
use package::Workspace;

/// The target that plugins are built for.
pub const TARGET: &str = "wasm32-wasip2";

/// The cargo profile that plugins are built with.
const PROFILE: &str = "guest";

/// That profile for packages whose workspace has none, in the words of `--config`.
const PROFILE_SETTINGS: [&str; 7] = [
    "profile.guest.inherits=\"release\"",
    "profile.guest.opt-level=3",
    "profile.guest.lto=true",
    "profile.guest.codegen-units=1",
    "profile.guest.overflow-checks=true",
    "profile.guest.panic=\"abort\"",
    "profile.guest.strip=true",
];

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
    /// There is no package where one was looked for.
    #[error("there is no plugin in {folder}: {complaint}")]
    NoPackage {
        /// Where.
        folder: PathBuf,
        /// Why.
        complaint: String,
    },
    /// There is a package, and cargo cannot make sense of it or of what it depends on.
    #[error("the package in {folder} cannot be read: {complaint}")]
    Unreadable {
        /// Where.
        folder: PathBuf,
        /// What cargo has against it.
        complaint: Finding,
    },
    /// The workspace has no package of that name.
    #[error("{name} is neither a folder nor a package of this workspace; its plugins are: {known}")]
    Unknown {
        /// The name.
        name: String,
        /// The plugins that there are.
        known: String,
    },
    /// The target is missing and could not be installed.
    #[error("the target {TARGET} could not be installed; run: rustup target add {TARGET}")]
    Target,
    /// The build failed; cargo has said why on standard error.
    #[error("the build of {package} failed{}", first_of(errors))]
    Failed {
        /// The package.
        package: String,
        /// What the compiler has against it, or else cargo.
        errors: Vec<Finding>,
    },
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
    /// It could not be put where it was to be.
    #[error("{path} could not be written: {error}")]
    Write {
        /// Where.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
}

impl BuildError {
    /// A tool that did not start: the folder is missing, or the tool is.
    fn tool(tool: &'static str, folder: &Path, error: io::Error) -> Self {
        if folder.is_dir() {
            return Self::Tool { tool, error };
        }
        Self::NoPackage {
            folder: folder.to_owned(),
            complaint: "it is no folder".to_owned(),
        }
    }

    /// Whether what was asked for does not exist, rather than that it is wrong.
    #[must_use]
    pub const fn is_usage(&self) -> bool {
        matches!(self, Self::NoPackage { .. } | Self::Unknown { .. })
    }
}

/// `; src/lib.rs:3: cannot find value `x` in this scope`: the first of them with its way out, for whoever sees no more.
fn first_of(errors: &[Finding]) -> String {
    errors.first().map_or_else(String::new, |first| format!("; {first}"))
}

/// A built plugin.
#[derive(Clone, Debug)]
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
    target::ensure(folder)?;
    let root = Workspace::around(folder)?.root;
    packages
        .iter()
        .map(|name| build_one(&root, &Package::named(folder, name)?))
        .collect()
}

/// Build the package of a folder.
///
/// # Errors
/// What is missing, or what failed.
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
            // By its id: a dependency may have the same name.
            "--package",
            &package.id,
        ])
        // Only the component: building the library for Rust callers as well keeps half of the unused code in it.
        .args([
            "--lib",
            "--crate-type",
            "cdylib",
            "--message-format",
            messages::format(),
        ])
        // Flags meant for the host's own build are not for guests.
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .stdin(Stdio::null());
    if !has_profile(root) {
        cargo.args(PROFILE_SETTINGS.iter().flat_map(|setting| ["--config", setting]));
    }
    let said = messages::of(cargo.args(["--", STACK]));
    let said = said.map_err(|error| BuildError::tool("cargo", &package.folder, error))?;
    if !said.succeeded {
        return Err(BuildError::Failed {
            package: package.name.clone(),
            errors: said.errors(&package.folder),
        });
    }
    built(&package.name, &said)
}

/// Whether the workspace says itself what the profile is.
fn has_profile(root: &Path) -> bool {
    let text = std::fs::read_to_string(root.join("Cargo.toml")).unwrap_or_default();
    let manifest: toml::Table = text.parse().unwrap_or_default();
    let profiles = manifest.get("profile").and_then(toml::Value::as_table);
    profiles.is_some_and(|profiles| profiles.contains_key(PROFILE))
}

fn built(package: &str, said: &Messages) -> Result<Built, BuildError> {
    let none = || BuildError::NoComponent(package.to_owned());
    let component = said.component_of(package).ok_or_else(none)?;
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
