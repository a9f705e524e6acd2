//! Cargo packages and workspaces, as `cargo metadata` reports them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cargo_metadata::{CrateType, Metadata};

use super::{BuildError, cargo_error};

/// Cargo package that may be a plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// Package name in `Cargo.toml`.
    pub name: String,
    /// Cargo's package id, which is unique even among packages with the same name.
    pub id: String,
    /// Package version in `Cargo.toml`.
    pub version: String,
    /// Folder of its `Cargo.toml`.
    pub folder: PathBuf,
    /// Whether its library has the crate type `cdylib`, so that it can be built into a component.
    pub is_component: bool,
}

/// Cargo workspace that contains a folder.
#[derive(Debug)]
pub(super) struct Workspace {
    /// Root folder, whose `Cargo.toml` defines the profiles.
    pub(super) root: PathBuf,
    pub(super) packages: Vec<Package>,
}

impl Workspace {
    /// Finds the workspace that contains a folder, with `cargo metadata`.
    pub(super) fn around(folder: &Path) -> Result<Self, BuildError> {
        let mut cargo = Command::new("cargo");
        cargo
            .current_dir(folder)
            .args(["metadata", "--no-deps", "--format-version", "1", "--color", "never"])
            .stdin(Stdio::null());
        let output = cargo
            .output()
            .map_err(|error| BuildError::tool("cargo", folder, error))?;
        if !output.status.success() {
            return Err(metadata_error(folder, &String::from_utf8_lossy(&output.stderr)));
        }
        let metadata: Metadata = serde_json::from_slice(&output.stdout).map_err(|error| BuildError::NoPackage {
            folder: folder.to_owned(),
            reason: error.to_string(),
        })?;
        Ok(Self {
            root: metadata.workspace_root.into(),
            packages: metadata.packages.into_iter().map(Package::from).collect(),
        })
    }

    /// Names of the packages that can be built into a component, separated by commas.
    pub(super) fn components(&self) -> String {
        let of = self.packages.iter().filter(|package| package.is_component);
        let names: Vec<&str> = of.map(|package| package.name.as_str()).collect();
        names.join(", ")
    }
}

/// Classifies an error of `cargo metadata`: there is no package, or the package is invalid.
fn metadata_error(folder: &Path, stderr: &str) -> BuildError {
    let folder = folder.to_owned();
    match cargo_error::from_stderr(stderr, &folder) {
        Some(diagnostic) if diagnostic.message.starts_with("could not find `Cargo.toml`") => BuildError::NoPackage {
            folder,
            reason: diagnostic.message,
        },
        Some(diagnostic) => BuildError::Unreadable {
            folder,
            diagnostic: Box::new(diagnostic),
        },
        None => BuildError::NoPackage {
            folder,
            reason: stderr.trim().to_owned(),
        },
    }
}

impl From<cargo_metadata::Package> for Package {
    fn from(package: cargo_metadata::Package) -> Self {
        let mut kinds = package.targets.iter().flat_map(|target| &target.crate_types);
        let folder = package.manifest_path.parent();
        Self {
            is_component: kinds.any(|kind| *kind == CrateType::CDyLib),
            folder: folder.map(PathBuf::from).unwrap_or_default(),
            name: package.name.into_inner(),
            id: package.id.repr,
            version: package.version.to_string(),
        }
    }
}

impl Package {
    /// Finds a package by its name in the workspace that contains a folder.
    ///
    /// # Errors
    /// If there is no such package, or cargo cannot load it.
    pub fn named(folder: &Path, name: &str) -> Result<Self, BuildError> {
        let workspace = Workspace::around(folder)?;
        let known = workspace.components();
        let found = workspace.packages.into_iter().find(|package| package.name == name);
        found.ok_or_else(|| BuildError::Unknown {
            name: name.to_owned(),
            known,
        })
    }

    /// Finds the package whose `Cargo.toml` is in a folder.
    ///
    /// # Errors
    /// If there is no such package, or cargo cannot load it.
    pub fn of(folder: &Path) -> Result<Self, BuildError> {
        let workspace = Workspace::around(folder)?;
        let wanted = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        let names = workspace.components();
        let found = workspace
            .packages
            .into_iter()
            .find(|package| package.folder.canonicalize().is_ok_and(|at| at == wanted));
        found.ok_or_else(|| BuildError::NoPackage {
            folder: folder.to_owned(),
            reason: if names.is_empty() {
                "not a Cargo package, and no plugin found below it".to_owned()
            } else {
                format!("not a Cargo package; the plugins of its workspace are: {names}")
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invalid_package_differs_from_a_missing_one() {
        let of = |stderr: &str| metadata_error(Path::new("shop"), stderr);
        let none = of("error: could not find `Cargo.toml` in `/shop` or any parent directory\n");
        assert!(matches!(none, BuildError::NoPackage { .. }), "{none}");
        let invalid = of("error: extra `=`, expected nothing\n --> Cargo.toml:1:5\n  |\n1 | x = = 1\n");
        assert!(
            matches!(&invalid, BuildError::Unreadable { diagnostic, .. } if diagnostic.place.to_string() == "Cargo.toml:1"),
            "{invalid}"
        );
        let gone = of(
            "error: failed to load manifest for dependency `rates`\n\nCaused by:\n  failed to read `/r/Cargo.toml`\n",
        );
        assert!(
            !gone.is_usage() && gone.to_string().contains("dependency `rates`"),
            "{gone}"
        );
    }
}
