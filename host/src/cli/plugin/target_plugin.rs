//! The plugin that a verb works on: how it is found, built and read.

use std::path::{Path, PathBuf};

use clap::Args;

use super::error::VerbError;
use tillhouse_console::output;
use tillhouse_plugin_tools::artifact::MANIFEST;
use tillhouse_plugin_tools::{Artifact, Package, check, text};
use tillhouse_runtime::Manifest;

/// Where the plugin is.
#[derive(Clone, Debug, Args)]
pub(super) struct PluginPath {
    /// Folder with Cargo.toml and plugin.toml, which is built; or component (.wasm) with plugin.toml, or a manifest of the same
    /// name, beside it.
    #[arg(default_value = ".", value_name = "PATH")]
    pub(super) path: PathBuf,
    /// Manifest, if it is not the one beside Cargo.toml or the component.
    #[arg(long, value_name = "FILE")]
    pub(super) manifest: Option<PathBuf>,
}

/// A plugin that was found, and not built yet.
#[derive(Clone, Debug)]
pub(super) struct PluginSource {
    /// Folder of the manifest and of the files beside it.
    pub(super) folder: PathBuf,
    /// Path of the manifest file.
    pub(super) manifest: PathBuf,
    kind: SourceKind,
}

#[derive(Clone, Debug)]
enum SourceKind {
    /// A package that cargo builds.
    Package(PathBuf),
    /// A component file, used as it is.
    Component(PathBuf),
}

/// A plugin that was built and checked, ready to be loaded.
#[derive(Debug)]
pub(super) struct BuiltPlugin {
    /// The component, and the files beside it.
    pub(super) artifact: Artifact,
    pub(super) manifest: Manifest,
}

impl PluginPath {
    /// Find the plugin and its manifest, without building it.
    pub(super) fn find(&self) -> Result<PluginSource, VerbError> {
        let path = &self.path;
        let (beside, kind, package) = if path.join("Cargo.toml").is_file() {
            let package = Package::of(path)?;
            (path.join(MANIFEST), SourceKind::Package(path.clone()), Some(package))
        } else if path.is_file() {
            let beside = parent(path).join(Artifact::manifest_beside(path));
            (beside, SourceKind::Component(path.clone()), None)
        } else {
            return Err(VerbError::Usage(format!(
                "{} is not a plugin: give a folder with Cargo.toml and plugin.toml, or a .wasm file",
                path.display()
            )));
        };
        let manifest = match &self.manifest {
            Some(file) if !file.exists() => return Err(VerbError::Usage(format!("{} does not exist", file.display()))),
            Some(file) => file.clone(),
            None => beside,
        };
        if !manifest.exists() {
            let missing = check::no_manifest(&display_path(&manifest), package.as_ref());
            return Err(VerbError::Diagnostics(vec![missing]));
        }
        Ok(PluginSource {
            folder: parent(&manifest),
            manifest,
            kind,
        })
    }
}

impl PluginSource {
    /// Build the plugin if it is a package, then read it. Cargo prints progress and errors on standard error.
    pub(super) fn build(&self) -> Result<BuiltPlugin, VerbError> {
        let component = match &self.kind {
            SourceKind::Component(file) => file.clone(),
            SourceKind::Package(folder) => {
                output::print_progress(&format!(
                    "building {} for {}",
                    folder.display(),
                    tillhouse_plugin_tools::TARGET
                ));
                tillhouse_plugin_tools::build_folder(folder)?.component
            }
        };
        let read = |file: &Path, error: std::io::Error| VerbError::Usage(format!("{}: {error}", file.display()));
        let bytes = std::fs::read(&component).map_err(|error| read(&component, error))?;
        let text = read_text(&self.manifest)?;
        let artifact = self.artifact(component, bytes, text);
        let problems = check::loading(&artifact);
        match artifact.manifest() {
            Some(manifest) if problems.is_empty() => Ok(BuiltPlugin { artifact, manifest }),
            _ => Err(VerbError::Diagnostics(problems)),
        }
    }

    fn artifact(&self, component: PathBuf, bytes: Vec<u8>, manifest: String) -> Artifact {
        let name = self.manifest.file_name().unwrap_or_default();
        Artifact {
            component,
            bytes,
            folder: self.folder.clone(),
            manifest_name: name.to_string_lossy().into_owned(),
            manifest_text: Some(manifest),
            unreadable: None,
            package: None,
        }
    }

    /// The first of these files that lies beside the manifest.
    pub(super) fn file_beside(&self, names: &[&str]) -> Option<PathBuf> {
        names
            .iter()
            .map(|name| self.folder.join(name))
            .find(|path| path.is_file())
    }

    /// What to watch for changes: the folder of the sources, or the component file.
    pub(super) fn watch_path(&self) -> &Path {
        match &self.kind {
            SourceKind::Package(folder) => folder,
            SourceKind::Component(file) => file,
        }
    }
}

fn parent(file: &Path) -> PathBuf {
    let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty());
    parent.map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// A path for messages: relative to the current folder, without `./`.
pub(super) fn display_path(path: &Path) -> String {
    path.strip_prefix(".").unwrap_or(path).display().to_string()
}

/// Text of a file that was given, or that is beside the plugin; an error if it does not exist.
pub(super) fn read_text(file: &Path) -> Result<String, VerbError> {
    match text::read(file, &display_path(file)) {
        Ok(Some(text)) => Ok(text),
        Ok(None) => Err(VerbError::Usage(format!("{} does not exist", file.display()))),
        Err(unreadable) => Err(VerbError::Diagnostics(vec![unreadable])),
    }
}

/// The problems, one per line.
pub(super) fn join_lines<E: ToString>(problems: &[E]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plugin_path(path: PathBuf) -> PluginPath {
        PluginPath { path, manifest: None }
    }

    #[test]
    fn a_component_has_the_manifest_of_its_name_or_the_one_of_the_folder() {
        let directory = tempfile::tempdir().unwrap();
        let folder = directory.path();
        let component = folder.join("shop.wasm");
        std::fs::write(&component, "").unwrap();
        let missing = plugin_path(component.clone()).find();
        std::fs::write(folder.join("plugin.toml"), "").unwrap();
        let common = plugin_path(component.clone()).find();
        std::fs::write(folder.join("shop.toml"), "").unwrap();
        let own = plugin_path(component).find();
        let Err(VerbError::Diagnostics(found)) = missing else {
            panic!("{missing:?}")
        };
        let help = found[0].help.as_deref().unwrap();
        assert!(help.starts_with("create it:\n[plugin]"), "{found:?}");
        assert_eq!(common.unwrap().manifest, folder.join("plugin.toml"));
        assert_eq!(own.unwrap().manifest, folder.join("shop.toml"));
    }
}
