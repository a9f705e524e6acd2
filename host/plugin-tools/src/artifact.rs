//! Plugin artifact: a component with its manifest and the other files next to it.

use std::path::{Path, PathBuf};
use std::{fs, io};

use super::{BuildError, Built, Package, build_folder, text};
use tillhouse_checkout::diagnostic::Diagnostic;
use tillhouse_runtime::inspect::ComponentInfo;
use tillhouse_runtime::{Limits, Manifest, PackageError};

/// Default file name of a manifest.
pub const MANIFEST: &str = "plugin.toml";

/// Component file with its manifest and, if it was built here, its package.
#[derive(Clone, Debug)]
pub struct Artifact {
    /// Path of the `.wasm` file.
    pub component: PathBuf,
    /// Contents of the `.wasm` file.
    pub bytes: Vec<u8>,
    /// Folder that contains the manifest, the schema and the default configuration.
    pub folder: PathBuf,
    /// File name of the manifest in that folder.
    pub manifest_name: String,
    /// Text of the manifest; `None` if it is missing or unreadable.
    pub manifest_text: Option<String>,
    /// Why the manifest, which exists, cannot be read.
    pub unreadable: Option<Diagnostic>,
    /// Package that the component was built from; `None` for a prebuilt file.
    pub package: Option<Package>,
}

impl Artifact {
    /// Loads the component at a path; if the path is a plugin's folder, builds it first.
    ///
    /// # Errors
    /// If there is no component, or the build fails.
    pub fn at(path: &Path) -> Result<Self, BuildError> {
        if path.is_dir() {
            let package = Package::of(path)?;
            let built = build_folder(path)?;
            return Self::of_package(package, &built);
        }
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        Self::read(path, folder, Self::manifest_beside(path), None)
    }

    /// Returns the file name of a component's manifest: `NAME.toml` next to `NAME.wasm` if it exists, otherwise `plugin.toml`.
    #[must_use]
    pub fn manifest_beside(component: &Path) -> String {
        let own = component.with_extension("toml");
        let name = own.file_name().and_then(|name| name.to_str());
        name.filter(|_| own.is_file()).unwrap_or(MANIFEST).to_owned()
    }

    /// Loads the component that was built from a package.
    ///
    /// # Errors
    /// If its files cannot be read.
    pub fn of_package(package: Package, built: &Built) -> Result<Self, BuildError> {
        let folder = package.folder.clone();
        Self::read(&built.component, folder, MANIFEST.to_owned(), Some(package))
    }

    fn read(
        component: &Path,
        folder: PathBuf,
        manifest_name: String,
        package: Option<Package>,
    ) -> Result<Self, BuildError> {
        let bytes = fs::read(component).map_err(|error| BuildError::Read {
            path: component.to_owned(),
            error,
        })?;
        let (manifest_text, unreadable) = match text::read(&folder.join(&manifest_name), &manifest_name) {
            Ok(text) => (text, None),
            Err(diagnostic) => (None, Some(diagnostic)),
        };
        Ok(Self {
            component: component.to_owned(),
            bytes,
            manifest_text,
            unreadable,
            folder,
            manifest_name,
            package,
        })
    }

    /// Copies the component, its manifest and its schema into a folder, and returns the path of the copied component.
    ///
    /// Each file is replaced atomically, so that a running host reads either the old or the new version.
    ///
    /// # Errors
    /// If a file cannot be copied.
    pub fn copy_to(&self, folder: &Path) -> Result<PathBuf, BuildError> {
        let copy = |from: &Path, to: PathBuf| match copy_file(from, &to) {
            Ok(()) => Ok(to),
            Err(error) => Err(BuildError::Write { path: to, error }),
        };
        let schema = self.manifest().and_then(|manifest| manifest.schema);
        for file in self
            .manifest_text
            .as_ref()
            .map(|_| MANIFEST)
            .into_iter()
            .chain(schema.as_deref())
        {
            let from = if file == MANIFEST { &self.manifest_name } else { file };
            let _ = copy(&self.folder.join(from), folder.join(file))?;
        }
        let component = folder.join(self.component.file_name().unwrap_or_default());
        copy(&self.component, component)
    }

    /// Parses the component's imports, exports and sections.
    ///
    /// # Errors
    /// If the file is not a component.
    pub fn component_info(&self) -> Result<ComponentInfo, PackageError> {
        ComponentInfo::read(&self.bytes, Limits::default().component_bytes)
    }

    /// Returns the parsed manifest; `None` if it is missing or invalid.
    #[must_use]
    pub fn manifest(&self) -> Option<Manifest> {
        Manifest::parse(self.manifest_text.as_deref()?).ok()
    }

    /// Returns a display name: id and version from the manifest or the package, or else the file name.
    #[must_use]
    pub fn name(&self) -> String {
        let file = || {
            self.component
                .file_name()
                .map(|name| name.to_string_lossy().into_owned())
        };
        let package = || {
            let package = self.package.as_ref()?;
            Some(format!("{} {}", package.name, package.version))
        };
        let manifest = self.manifest();
        let manifest = manifest.map(|manifest| format!("{} {}", manifest.id, manifest.version));
        manifest.or_else(package).or_else(file).unwrap_or_default()
    }
}

/// Copies a file atomically; does nothing if source and destination are the same file.
fn copy_file(from: &Path, to: &Path) -> io::Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    if to.exists() && fs::canonicalize(from)? == fs::canonicalize(to)? {
        return Ok(());
    }
    let mut unfinished = to.as_os_str().to_owned();
    unfinished.push(".unfinished");
    fs::copy(from, &unfinished)?;
    fs::rename(unfinished, to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plugin_that_is_put_where_it_is_keeps_its_files() {
        let directory = tempfile::tempdir().unwrap();
        let folder = directory.path();
        let write = |name: &str, text: &str| fs::write(folder.join(name), text).unwrap();
        let manifest = "[plugin]\nid = \"shop\"\nversion = \"1.0.0\"\napi = \"tillhouse:merchant@0.2\"\n\
                        [config]\nschema = \"config.schema.json\"\n";
        write(MANIFEST, manifest);
        write("config.schema.json", "{}");
        write("shop.wasm", "component");
        let artifact = Artifact::at(&folder.join("shop.wasm")).unwrap();
        for to in [folder.to_owned(), folder.join("out/1.0")] {
            let component = artifact.copy_to(&to).unwrap();
            assert_eq!(fs::read_to_string(component).unwrap(), "component");
            assert_eq!(fs::read_to_string(to.join(MANIFEST)).unwrap(), manifest);
            assert_eq!(fs::read_to_string(to.join("config.schema.json")).unwrap(), "{}");
        }
        assert_eq!(fs::read_dir(folder.join("out/1.0")).unwrap().count(), 3);
    }
}
