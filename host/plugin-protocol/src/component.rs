//! Components: building, bundled plugins, manifests and loading.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::{Capability, Operation};

/// Build a package of the workspace that contains a folder. Cargo's output goes to the program's standard error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Build {
    /// Any folder of the workspace.
    pub folder: PathBuf,
    /// Package name in `Cargo.toml`.
    pub package: String,
}

/// Result of a build.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Built {
    /// Path of the `.wasm` file.
    pub component: PathBuf,
}

impl Operation for Build {
    const NAME: &'static str = "build";
    type Answer = Built;
}

/// Get a plugin that is bundled with the program: `reference-shop`, `sandbox-processor` or `adyen-processor`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bundled {
    /// Name of the plugin: `reference-shop`, `sandbox-processor` or `adyen-processor`.
    pub name: String,
    /// Whether cargo may build the plugin from the program's own sources if the program does not embed it.
    #[serde(default)]
    pub build: bool,
}

/// Component, manifest and default configuration of a bundled plugin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BundledPlugin {
    /// Path of the `.wasm` file.
    pub component: PathBuf,
    /// Text of the plugin's `plugin.toml`.
    pub manifest: String,
    /// Text of its default configuration as TOML; empty if it has none.
    pub config: String,
}

impl Operation for Bundled {
    const NAME: &'static str = "bundled";
    type Answer = BundledPlugin;
}

/// Parse a manifest and a configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Describe {
    /// Text of the manifest, `plugin.toml`.
    pub manifest: String,
    /// Text of the configuration as TOML; may be empty.
    #[serde(default)]
    pub config: String,
}

/// A manifest, and a configuration as the plugin sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Description {
    /// Plugin id, from `plugin.id` of the manifest.
    pub id: String,
    /// Plugin version, from `plugin.version` of the manifest.
    pub version: String,
    /// Upstreams that the manifest asks for.
    pub upstreams: Vec<RequestedUpstream>,
    /// Configuration, flattened to dotted keys.
    pub config: BTreeMap<String, String>,
}

/// Upstream that a manifest asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestedUpstream {
    /// Name that the plugin's code uses for it.
    pub name: String,
    /// Names of secrets that the host fills into requests to it.
    pub secrets: BTreeSet<String>,
    /// Card fields that the host fills into requests to it.
    pub credential_slots: BTreeSet<String>,
}

impl Operation for Describe {
    const NAME: &'static str = "describe";
    type Answer = Description;
}

/// Check and compile a component. Each file is read once; later changes to it are not seen by this program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Load {
    /// Path of the `.wasm` file.
    pub component: PathBuf,
    /// Folder that caches compiled code between runs of the program.
    ///
    /// The first folder given applies to all later requests; `None` means no cache.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_folder: Option<PathBuf>,
}

/// Component that is ready to be installed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loaded {
    /// Id of the component in later requests.
    pub component: ComponentId,
    /// Capabilities that the component exports.
    pub capabilities: Vec<Capability>,
}

/// Id of a loaded component; valid until the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ComponentId(pub u64);

impl Operation for Load {
    const NAME: &'static str = "load";
    type Answer = Loaded;
}
