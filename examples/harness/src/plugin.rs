//! The plugin under test: its component, built and read once per process, and what lies beside its sources.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tillhouse::config::flatten;
use tillhouse::guests;
use tillhouse::plugin::Manifest;

use crate::checkout::{Checkout, NoCheckout};

/// Names a component to test instead of the one that would be built.
const COMPONENT: &str = "TILLHOUSE_COMPONENT";

/// A package that is a plugin.
///
/// ```
/// let plugin = tillhouse_harness::this_plugin!();
/// assert_eq!(plugin.package, env!("CARGO_PKG_NAME"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PluginUnderTest {
    /// The folder of its `Cargo.toml` and `plugin.toml`.
    pub manifest_dir: &'static str,
    /// Name of the package.
    pub package: &'static str,
}

/// A plugin that can be put to the test.
#[derive(Debug)]
pub(crate) struct Plugin {
    /// The package, or the name of the component's file.
    pub(crate) name: String,
    /// The folder of the package.
    pub(crate) folder: PathBuf,
    pub(crate) component: PathBuf,
    pub(crate) bytes: Vec<u8>,
    pub(crate) manifest: Manifest,
    pub(crate) manifest_text: String,
    /// The configuration that it comes with, with dotted keys.
    pub(crate) config: BTreeMap<String, String>,
    /// The catalog that it comes with.
    pub(crate) catalog: Option<String>,
}

impl Plugin {
    /// The plugin of a package, built now unless it was before.
    pub(crate) fn of(under_test: PluginUnderTest) -> Arc<Self> {
        Self::kept(under_test, std::env::var_os(COMPONENT).map(PathBuf::from))
    }

    /// Another plugin of the merchant whose plugin is under test.
    pub(crate) fn beside(other: PluginUnderTest) -> Arc<Self> {
        Self::kept(other, None)
    }

    /// The reference shop, where there is a checkout: it does what the plugin under test does not.
    pub(crate) fn reference() -> Option<Arc<Self>> {
        Self::needed_reference().ok()
    }

    /// The reference shop, for a rule that cannot be judged without it.
    pub(crate) fn needed_reference() -> Result<Arc<Self>, NoCheckout> {
        Self::shipped("reference-shop")
    }

    /// The processor of the sandbox, where there is a checkout.
    pub(crate) fn processor() -> Option<Arc<Self>> {
        Self::shipped("sandbox-processor").ok()
    }

    fn shipped(package: &'static str) -> Result<Arc<Self>, NoCheckout> {
        let folder = Checkout::of_this_process().plugin(package)?;
        Ok(Self::built(&folder, package, None))
    }

    fn kept(under_test: PluginUnderTest, component: Option<PathBuf>) -> Arc<Self> {
        Self::built(Path::new(under_test.manifest_dir), under_test.package, component)
    }

    fn built(folder: &Path, package: &'static str, component: Option<PathBuf>) -> Arc<Self> {
        type Built = HashMap<(PathBuf, &'static str), Arc<Plugin>>;
        static BUILT: OnceLock<Mutex<Built>> = OnceLock::new();
        let built = BUILT.get_or_init(Mutex::default);
        // Held while it builds: the other tests wait for the same component.
        let mut built = built.lock().unwrap_or_else(PoisonError::into_inner);
        let plugin = built.entry((folder.to_owned(), package));
        let read = || {
            let file = component.unwrap_or_else(|| build(folder, package));
            Arc::new(Self::read(package, folder, file))
        };
        Arc::clone(plugin.or_insert_with(read))
    }

    /// A component with the manifest, the configuration and the catalog of a folder.
    pub(crate) fn read(name: &str, folder: &Path, component: PathBuf) -> Self {
        let bytes = fs::read(&component).unwrap_or_else(|error| panic!("{}: {error}", component.display()));
        let manifest_text = first(folder, &["plugin.toml"]).unwrap_or_else(|| {
            panic!(
                "{} has no plugin.toml, which names the plugin and what it may reach",
                folder.display()
            )
        });
        let manifest = Manifest::parse(&manifest_text).unwrap_or_else(|errors| {
            let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
            panic!("{}: {}", folder.display(), errors.join("; "))
        });
        let config = first(folder, &["default-config.toml", "config.toml"]);
        Self {
            name: name.to_owned(),
            component,
            bytes,
            manifest,
            manifest_text,
            config: config.map(|text| flat(folder, &text)).unwrap_or_default(),
            catalog: first(folder, &["demo-catalog.csv", "fixtures/catalog.csv"]),
            folder: folder.to_owned(),
        }
    }

    /// Where code compiled for tests is kept: beside the component.
    pub(crate) fn code_folder(&self) -> PathBuf {
        self.component.with_file_name("compiled")
    }
}

fn build(folder: &Path, package: &str) -> PathBuf {
    let built = guests::build(folder, &[package]);
    let built = built.unwrap_or_else(|error| panic!("{package}: {error}"));
    let only = built.into_iter().next();
    only.expect("a package that was built").component
}

/// The first of these files that there is.
fn first(folder: &Path, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| fs::read_to_string(folder.join(name)).ok())
}

fn flat(folder: &Path, text: &str) -> BTreeMap<String, String> {
    let table = text
        .parse()
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    flatten(&table).unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
}
