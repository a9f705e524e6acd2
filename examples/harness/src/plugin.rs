//! The plugin under test: its component, built and read once per process, and the files beside its sources.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tillhouse_plugin_protocol::component::{Build, Bundled, Describe, Description, Load, Loaded};

use crate::checkout::{Checkout, CheckoutError};
use crate::program::Program;

/// Environment variable that names a component to test instead of building one.
const COMPONENT: &str = "TILLHOUSE_COMPONENT";

/// A package that contains a plugin.
///
/// ```
/// let plugin = tillhouse_harness::this_plugin!();
/// assert_eq!(plugin.package, env!("CARGO_PKG_NAME"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PluginUnderTest {
    /// Folder of the package's `Cargo.toml` and `plugin.toml`.
    pub manifest_dir: &'static str,
    /// Name of the package, as in its `Cargo.toml`.
    pub package: &'static str,
}

/// A plugin that is built, with its manifest, configuration and catalog.
#[derive(Debug)]
pub(crate) struct Plugin {
    /// Name of the package, or of the component's file.
    pub(crate) name: String,
    pub(crate) folder: PathBuf,
    pub(crate) component: PathBuf,
    pub(crate) manifest: Description,
    pub(crate) manifest_text: String,
    /// The configuration beside the sources, with dotted keys.
    pub(crate) config: BTreeMap<String, String>,
    /// The catalog beside the sources, as CSV; `None` if there is no such file.
    pub(crate) catalog: Option<String>,
}

impl Plugin {
    /// The plugin of a package, built now unless it was built before.
    pub(crate) fn of(under_test: PluginUnderTest) -> Arc<Self> {
        Self::cached(under_test, std::env::var_os(COMPONENT).map(PathBuf::from))
    }

    /// Another plugin of the same merchant.
    pub(crate) fn beside(other: PluginUnderTest) -> Arc<Self> {
        Self::cached(other, None)
    }

    /// The reference shop if it is available: it makes the decisions that the plugin under test does not make.
    pub(crate) fn reference() -> Option<Arc<Self>> {
        Self::require_reference().ok()
    }

    /// The reference shop, or where it was looked for.
    pub(crate) fn require_reference() -> Result<Arc<Self>, CheckoutError> {
        Self::shipped("reference-shop")
    }

    /// The processor of the sandbox, if it is available.
    pub(crate) fn processor() -> Option<Arc<Self>> {
        Self::shipped("sandbox-processor").ok()
    }

    /// Looks for the plugin in the checkout that the environment variable names, then in the program, which may contain
    /// it built, then in the checkout that this crate is part of; else the program builds it.
    fn shipped(package: &'static str) -> Result<Arc<Self>, CheckoutError> {
        let checkout = Checkout::of_this_process();
        match checkout.plugin(package) {
            Ok(folder) if checkout.is_named() => Ok(Self::built(&folder, package, None)),
            Err(missing) if checkout.is_named() => Err(missing),
            Ok(folder) => Ok(Self::bundled(package, false).unwrap_or_else(|| Self::built(&folder, package, None))),
            Err(missing) => Self::bundled(package, true).ok_or(missing),
        }
    }

    /// A plugin that the program contains; the program is asked once.
    fn bundled(package: &'static str, build: bool) -> Option<Arc<Self>> {
        type BundledPlugins = HashMap<(&'static str, bool), Option<Arc<Plugin>>>;
        static BUNDLED: OnceLock<Mutex<BundledPlugins>> = OnceLock::new();
        let bundled = BUNDLED.get_or_init(Mutex::default);
        let mut bundled = bundled.lock().unwrap_or_else(PoisonError::into_inner);
        let load = || {
            let name = package.to_owned();
            let found = Program::of_this_process().ask_now(&Bundled { name, build }).ok()?;
            let folder = found.component.parent().unwrap_or(&found.component).to_owned();
            let plugin = Self::from_texts(package, &folder, found.component, found.manifest, found.config);
            Some(Arc::new(plugin))
        };
        bundled.entry((package, build)).or_insert_with(load).clone()
    }

    fn cached(under_test: PluginUnderTest, component: Option<PathBuf>) -> Arc<Self> {
        Self::built(Path::new(under_test.manifest_dir), under_test.package, component)
    }

    fn built(folder: &Path, package: &'static str, component: Option<PathBuf>) -> Arc<Self> {
        type Built = HashMap<(PathBuf, &'static str), Arc<Plugin>>;
        static BUILT: OnceLock<Mutex<Built>> = OnceLock::new();
        let built = BUILT.get_or_init(Mutex::default);
        // Held during the build, so that other tests wait for the same component.
        let mut built = built.lock().unwrap_or_else(PoisonError::into_inner);
        let plugin = built.entry((folder.to_owned(), package));
        let read = || {
            let file = component.unwrap_or_else(|| build(folder, package));
            Arc::new(Self::read(package, folder, file))
        };
        Arc::clone(plugin.or_insert_with(read))
    }

    /// Reads a component together with the manifest, configuration and catalog of a folder.
    pub(crate) fn read(name: &str, folder: &Path, component: PathBuf) -> Self {
        let manifest = first(folder, &["plugin.toml"]).unwrap_or_else(|| {
            panic!(
                "{} has no plugin.toml; the manifest names the plugin and its upstreams",
                folder.display()
            )
        });
        let config = first(folder, &["default-config.toml", "config.toml"]);
        Self::from_texts(name, folder, component, manifest, config.unwrap_or_default())
    }

    fn from_texts(name: &str, folder: &Path, component: PathBuf, manifest_text: String, config: String) -> Self {
        let describe = Describe {
            manifest: manifest_text,
            config,
        };
        let described = Program::of_this_process().ask_now(&describe);
        let mut manifest = described.unwrap_or_else(|problem| panic!("{}: {problem}", folder.display()));
        Self {
            name: name.to_owned(),
            component: std::path::absolute(&component).unwrap_or(component),
            config: std::mem::take(&mut manifest.config),
            manifest,
            manifest_text: describe.manifest,
            catalog: first(folder, &["demo-catalog.csv", "fixtures/catalog.csv"]),
            folder: folder.to_owned(),
        }
    }

    /// Makes the program compile the component, unless it has done so before.
    pub(crate) async fn load(&self, program: &Program) -> Loaded {
        let load = Load {
            component: self.component.clone(),
            code_folder: Some(self.code_folder()),
        };
        let loaded = program.ask(&load).await;
        loaded.unwrap_or_else(|problem| panic!("{problem}"))
    }

    /// Cache of the code compiled for tests: beside the component.
    pub(crate) fn code_folder(&self) -> PathBuf {
        self.component.with_file_name("compiled")
    }
}

fn build(folder: &Path, package: &str) -> PathBuf {
    let build = Build {
        folder: folder.to_owned(),
        package: package.to_owned(),
    };
    let built = Program::of_this_process().ask_now(&build);
    built.unwrap_or_else(|problem| panic!("{package}: {problem}")).component
}

/// Content of the first of these files that exists.
fn first(folder: &Path, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| fs::read_to_string(folder.join(name)).ok())
}
