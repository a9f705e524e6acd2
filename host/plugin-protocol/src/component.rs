//! Components: built, found in the program, read and loaded.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::{Capability, Operation};

/// Build a package of the workspace around a folder. Cargo speaks on the program's standard error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Build {
    /// A folder of the workspace.
    pub folder: PathBuf,
    /// The package.
    pub package: String,
}

/// What was built.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Built {
    /// The component.
    pub component: PathBuf,
}

impl Operation for Build {
    const NAME: &'static str = "build";
    type Answer = Built;
}

/// A plugin that the program brings: `reference-shop` or `sandbox-processor`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bundled {
    /// Its name.
    pub name: String,
    /// Whether cargo may build it, from the sources that the program was built from, where the program does not hold it.
    #[serde(default)]
    pub build: bool,
}

/// The plugin, as files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Brought {
    /// The component.
    pub component: PathBuf,
    /// Text of its manifest.
    pub manifest: String,
    /// Text of its default configuration; empty where it has none.
    pub config: String,
}

impl Operation for Bundled {
    const NAME: &'static str = "bundled";
    type Answer = Brought;
}

/// Read a manifest and a configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Describe {
    /// Text of `plugin.toml`.
    pub manifest: String,
    /// Text of the configuration, as TOML.
    #[serde(default)]
    pub config: String,
}

/// A manifest, and a configuration as the plugin sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Description {
    /// The plugin's id.
    pub id: String,
    /// Its version.
    pub version: String,
    /// Where it wants to send requests.
    pub upstreams: Vec<UpstreamWish>,
    /// The configuration with dotted keys.
    pub config: BTreeMap<String, String>,
}

/// An upstream that a manifest asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpstreamWish {
    /// Its name.
    pub name: String,
    /// Secrets that are filled into requests to it.
    pub secrets: BTreeSet<String>,
    /// Fields of a card that are filled into requests to it.
    pub credential_slots: BTreeSet<String>,
}

impl Operation for Describe {
    const NAME: &'static str = "describe";
    type Answer = Description;
}

/// Check and compile a component. A file is read once, and is the same for as long as the program runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Load {
    /// The file.
    pub component: PathBuf,
    /// A folder for compiled code, to be used again by the next program. The first one that is given holds; without it nothing is
    /// kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_folder: Option<PathBuf>,
}

/// A component that can be installed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loaded {
    /// What later requests call it.
    pub component: ComponentId,
    /// What it exports.
    pub capabilities: Vec<Capability>,
}

/// A component of this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ComponentId(pub u64);

impl Operation for Load {
    const NAME: &'static str = "load";
    type Answer = Loaded;
}
