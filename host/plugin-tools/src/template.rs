//! Template of `tillhouse plugin new`: a plugin that compiles, passes its tests and can be used in a shop.
//!
//! The files below `template/files` are its parts. A plugin with several capabilities has a module for each; a minimal plugin,
//! or one with a single capability, is one file.

mod capability_template;
mod name;
mod shop;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::{fs, io};

use tillhouse_runtime::manifest::CONTRACT;
use tillhouse_runtime::{Capabilities, Capability};

use capability_template::CapabilityTemplate;
pub use name::{Name, NameError};

/// Minimum Rust version of the SDK.
const RUST: &str = env!("CARGO_PKG_RUST_VERSION");
/// Toolchain file of the host's own workspace.
const TOOLCHAIN: &str = include_str!("../../../rust-toolchain.toml");
const CARGO: &str = include_str!("template/files/folder/Cargo.toml");
const MANIFEST: &str = include_str!("template/files/folder/plugin.toml");
const UPSTREAM: &str = include_str!("template/files/folder/upstream.toml");
const README: &str = include_str!("template/files/folder/README.md");
const CI: &str = include_str!("template/files/folder/ci.yml");
const CI_OF_CHECKOUT: &str = include_str!("template/files/folder/ci-checkout.yml");
const IGNORE: &str = include_str!("template/files/folder/gitignore");
const CATALOG: &str = include_str!("template/files/folder/catalog.csv");
const CART: &str = include_str!("template/files/folder/cart.json");

/// Options of the plugin to generate.
#[derive(Clone, Debug)]
pub struct Template {
    /// Package name, which is also the plugin id.
    pub name: Name,
    /// Chosen capabilities, with those that they depend on.
    pub capabilities: Capabilities,
    /// Whether to generate only Cargo.toml, plugin.toml and src/lib.rs.
    pub is_minimal: bool,
    /// Source of the SDK and the harness.
    pub source: Source,
}

/// Source of the SDK and the harness.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The release with the version of this host.
    Release,
    /// A Tillhouse checkout, by its absolute path.
    Checkout(PathBuf),
}

/// File of a generated plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Path relative to the plugin's folder, with `/` as separator.
    pub path: String,
    /// Contents of the file.
    pub text: String,
}

/// Error of generating a plugin.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// `lifecycle` is the only capability; carries the names of all capabilities.
    #[error("lifecycle decides nothing by itself; add another capability: {0}")]
    DecidesNothing(String),
    /// The folder is not a Tillhouse checkout.
    #[error("{0} is not a Tillhouse checkout: plugins/sdk not found")]
    NoCheckout(PathBuf),
    /// The destination folder exists already.
    #[error("{0} exists; choose another name, or remove it")]
    Exists(PathBuf),
    /// A file could not be written.
    #[error("{path} could not be written: {error}")]
    Write {
        /// Path of the file.
        path: PathBuf,
        /// Error of the file system.
        error: io::Error,
    },
}

impl Source {
    /// Checks that a folder is a Tillhouse checkout.
    ///
    /// # Errors
    /// If the folder does not contain the SDK.
    pub fn checkout(folder: &Path) -> Result<Self, TemplateError> {
        let no = || TemplateError::NoCheckout(folder.to_owned());
        let folder = folder.canonicalize().map_err(|_| no())?;
        if folder.join("plugins/sdk/Cargo.toml").is_file() {
            Ok(Self::Checkout(folder))
        } else {
            Err(no())
        }
    }

    /// Dependency on a Tillhouse crate, as a line of Cargo.toml.
    fn dependency(&self, name: &str, place: &str) -> String {
        match self {
            Self::Release => format!("{name} = \"{}\"\n", release()),
            Self::Checkout(folder) => {
                let path = toml::Value::String(folder.join(place).display().to_string());
                format!("{name} = {{ path = {path} }}\n")
            }
        }
    }

    /// GitHub Actions workflow that tests the plugin.
    fn ci(&self) -> String {
        match self {
            Self::Release => CI.to_owned(),
            Self::Checkout(folder) => {
                let folder = serde_json::Value::from(folder.display().to_string());
                CI_OF_CHECKOUT.replace("{{checkout}}", &folder.to_string())
            }
        }
    }

    /// Whether the harness is available; an old checkout may not contain it.
    fn has_harness(&self) -> bool {
        match self {
            Self::Release => true,
            Self::Checkout(folder) => folder.join("examples/harness/Cargo.toml").is_file(),
        }
    }
}

impl Template {
    /// Creates a template with these capabilities and those that they depend on, such as `payments` for `payments-refund`, and
    /// every single decision for `quoting`.
    ///
    /// # Errors
    /// If `lifecycle` is the only capability.
    pub fn new(name: Name, chosen: &[Capability], is_minimal: bool, source: Source) -> Result<Self, TemplateError> {
        let followed = chosen.iter().filter_map(|capability| capability.must_accompany());
        let quoted: &[Capability] = if chosen.contains(&Capability::Quoting) {
            &Capability::QUOTED
        } else {
            &[]
        };
        let all = chosen.iter().chain(quoted).copied().chain(followed);
        let capabilities: Capabilities = all.collect();
        if capabilities.decides_nothing() {
            return Err(TemplateError::DecidesNothing(Capability::names()));
        }
        Ok(Self {
            name,
            capabilities,
            is_minimal,
            source,
        })
    }

    /// Generates all files, without writing them.
    #[must_use]
    pub fn files(&self) -> Vec<File> {
        let templates: Vec<CapabilityTemplate> = self.capabilities.iter().map(CapabilityTemplate::of).collect();
        let mut files = vec![
            self.file("Cargo.toml", &self.cargo()),
            self.file("plugin.toml", &self.manifest(&templates)),
        ];
        files.extend(shop::files(&self.name, &templates, self.is_minimal));
        if self.is_minimal {
            return files;
        }
        files.extend([
            self.file("default-config.toml", &shop::configuration(&templates)),
            self.file("config.schema.json", &shop::schema(&self.name, &templates)),
            self.file("rust-toolchain.toml", TOOLCHAIN),
            self.file(".gitignore", IGNORE),
            self.file(".github/workflows/ci.yml", &self.source.ci()),
            self.file("README.md", &readme(&templates)),
            self.file("fixtures/catalog.csv", CATALOG),
            self.file("fixtures/cart.json", CART),
        ]);
        for (name, text) in templates.iter().filter_map(|template| template.fixture) {
            files.push(self.file(&format!("fixtures/{name}"), text));
        }
        if self.source.has_harness() {
            files.push(self.file("tests/component.rs", &shop::component(&templates)));
        }
        files
    }

    fn file(&self, path: &str, text: &str) -> File {
        let decides: Vec<&str> = self.capabilities.iter().map(Capability::name).collect();
        let text = text
            .replace("{{name}}", self.name.as_str())
            .replace("{{rust}}", RUST)
            .replace("{{release}}", &release())
            .replace("{{contract}}", CONTRACT)
            .replace("{{decides}}", &decides.join(", "));
        File {
            path: path.to_owned(),
            text,
        }
    }

    fn cargo(&self) -> String {
        let mut dependencies = String::new();
        if self.capabilities.contains(Capability::Payments) {
            dependencies.push_str("serde_json = \"1\"\n");
        }
        dependencies.push_str(&self.source.dependency("tillhouse-plugin", "plugins/sdk"));
        let harness = self.source.dependency("tillhouse-harness", "examples/harness");
        let is_tested = !self.is_minimal && self.source.has_harness();
        let dev = if is_tested {
            format!("\n[dev-dependencies]\n{harness}")
        } else {
            String::new()
        };
        CARGO
            .replace("{{dependencies}}\n", &dependencies)
            .replace("{{dev_dependencies}}", &dev)
    }

    fn manifest(&self, templates: &[CapabilityTemplate]) -> String {
        let names: Vec<String> = templates
            .iter()
            .map(|template| format!("\"{}\"", template.capability))
            .collect();
        let config = if self.is_minimal {
            ""
        } else {
            "\n# Schema of the operator's configuration.\n[config]\nschema = \"config.schema.json\"\n"
        };
        let upstream = if self.capabilities.contains(Capability::Payments) {
            UPSTREAM
        } else {
            ""
        };
        MANIFEST
            .replace("{{capabilities}}", &names.join(", "))
            .replace("{{config}}{{upstream}}\n", &format!("{config}{upstream}"))
    }

    /// Writes the files into a new folder, and returns them.
    ///
    /// With a checkout, its `Cargo.lock` is copied, so that dependencies have the same versions.
    ///
    /// # Errors
    /// If the folder exists, or a file cannot be written.
    pub fn write(&self, folder: &Path) -> Result<Vec<File>, TemplateError> {
        if folder.symlink_metadata().is_ok() {
            return Err(TemplateError::Exists(folder.to_owned()));
        }
        let mut files = self.files();
        if let Source::Checkout(checkout) = &self.source
            && let Ok(lock) = fs::read_to_string(checkout.join("Cargo.lock"))
        {
            files.push(File {
                path: "Cargo.lock".to_owned(),
                text: lock,
            });
        }
        for file in &files {
            let path = folder.join(&file.path);
            let made = path.parent().map_or(Ok(()), fs::create_dir_all);
            made.and_then(|()| fs::write(&path, &file.text))
                .map_err(|error| TemplateError::Write { path, error })?;
        }
        Ok(files)
    }
}

/// Fills in the two commands of the README that depend on the capabilities.
fn readme(templates: &[CapabilityTemplate]) -> String {
    let measure = if templates.iter().any(CapabilityTemplate::is_about_carts) {
        "tillhouse plugin bench      # measure the cost of a call, and the cart size at which it reaches the limits"
    } else {
        "tillhouse plugin build      # build the component, and show its size"
    };
    README
        .replace(
            "{{call}}",
            &templates.first().map(CapabilityTemplate::call).unwrap_or_default(),
        )
        .replace("{{measure}}", measure)
}

/// SDK version that is compatible with this host, such as `0.2`.
fn release() -> String {
    format!(
        "{}.{}",
        env!("CARGO_PKG_VERSION_MAJOR"),
        env!("CARGO_PKG_VERSION_MINOR")
    )
}
