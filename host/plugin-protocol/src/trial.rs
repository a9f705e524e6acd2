//! Trials: isolated merchants with a plugin, a catalog and a currency.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::component::ComponentId;
use crate::{Done, Operation, Sensitive};

/// Id of an open trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TrialId(pub u64);

/// Open a trial: a merchant with its own plugin data.
///
/// Trials run concurrently; the calls of one trial run one after the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Open {}

/// Answer to [`Open`]: the id of the new trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// Id of the trial in later requests.
    pub trial: TrialId,
}

impl Operation for Open {
    const NAME: &'static str = "open";
    type Answer = Opened;
}

/// Close a trial and discard its plugin data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Close {
    /// Trial to close; its id becomes invalid.
    pub trial: TrialId,
}

impl Operation for Close {
    const NAME: &'static str = "close";
    type Answer = Done;
}

/// Install a plugin, a catalog and a currency for a trial's merchant.
///
/// Data of an earlier plugin with the same id is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Install {
    /// Trial whose merchant gets the plugin.
    pub trial: TrialId,
    /// Plugin that [`Call`](crate::call::Call) calls.
    pub binding: Binding,
    /// Second plugin for whole quotes; it provides the capabilities that the first one lacks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback: Option<Binding>,
    /// Catalog in CSV; empty for no items.
    #[serde(default)]
    pub catalog: String,
    /// Currency of the merchant, ISO 4217.
    pub currency: String,
}

/// Component with its configuration, secrets and granted upstreams.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Binding {
    /// Id of a component, from [`Loaded`](crate::component::Loaded).
    pub component: ComponentId,
    /// Plugin id; selects the plugin data that the component can access.
    pub plugin: String,
    /// Plugin version, from the manifest.
    pub version: String,
    /// Configuration, flattened to dotted keys.
    #[serde(default)]
    pub config: BTreeMap<String, String>,
    /// Secret values, by the names in the manifest.
    #[serde(default)]
    pub secrets: BTreeMap<String, Sensitive>,
    /// Upstreams that the plugin may send requests to, by their names in the manifest.
    #[serde(default)]
    pub upstreams: BTreeMap<String, Upstream>,
}

/// Server that a plugin may send requests to. Plain HTTP and loopback or private addresses are allowed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upstream {
    /// URL that the plugin's request paths are appended to.
    pub base_url: String,
    /// Names of secrets that the host may fill into requests.
    #[serde(default)]
    pub secrets: BTreeSet<String>,
    /// Card fields that the host may fill into requests.
    #[serde(default)]
    pub credential_slots: BTreeSet<String>,
    /// Timeout of one exchange in milliseconds; `None` uses the host's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
}

/// Answer to [`Install`]. The plugin is installed if there are no problems; otherwise the merchant keeps the previous one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Installed {
    /// Problems that the plugin's `lifecycle.validate-config` reported.
    pub problems: Vec<ConfigDiagnostic>,
}

/// Configuration problem, reported by a plugin, or by a host about the plugins of a merchant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigDiagnostic {
    /// Id of the plugin.
    pub plugin: String,
    /// Configuration key or capability.
    pub key: String,
    /// Description of the problem, for the operator.
    pub message: String,
}

impl fmt::Display for ConfigDiagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.plugin, self.key, self.message)
    }
}

impl Operation for Install {
    const NAME: &'static str = "install";
    type Answer = Installed;
}
