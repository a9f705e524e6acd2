//! Trials, and the merchant of each.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::component::ComponentId;
use crate::{Done, Hidden, Operation};

/// A trial of this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TrialId(pub u64);

/// Begin a trial: a merchant with plugin data of its own. Trials run beside each other; the calls of one are made one after the
/// other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Open {}

/// A trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// What later requests call it.
    pub trial: TrialId,
}

impl Operation for Open {
    const NAME: &'static str = "open";
    type Answer = Opened;
}

/// End a trial, with all that its plugins kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Close {
    /// The trial.
    pub trial: TrialId,
}

impl Operation for Close {
    const NAME: &'static str = "close";
    type Answer = Done;
}

/// Give the merchant of a trial its plugin, catalog and currency. What an earlier plugin of the same id kept stays.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Install {
    /// The trial.
    pub trial: TrialId,
    /// The plugin.
    pub binding: Binding,
    /// Another that decides what this one does not, for whole quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback: Option<Binding>,
    /// The catalog as CSV; empty for none.
    #[serde(default)]
    pub catalog: String,
    /// ISO 4217.
    pub currency: String,
}

/// A component with its configuration and what it is granted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Binding {
    /// The component.
    pub component: ComponentId,
    /// The plugin's id, whose data it has.
    pub plugin: String,
    /// Its version.
    pub version: String,
    /// Configuration with dotted keys.
    #[serde(default)]
    pub config: BTreeMap<String, String>,
    /// Values of its secrets.
    #[serde(default)]
    pub secrets: BTreeMap<String, Hidden>,
    /// Where it may send requests, by the names of its manifest.
    #[serde(default)]
    pub upstreams: BTreeMap<String, Upstream>,
}

/// A server that a plugin may send requests to. Plain http and addresses of this machine are allowed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upstream {
    /// Where it is.
    pub base_url: String,
    /// Secrets that may be filled in.
    #[serde(default)]
    pub secrets: BTreeSet<String>,
    /// Fields of a card that may be filled in.
    #[serde(default)]
    pub credential_slots: BTreeSet<String>,
    /// Bound of one exchange, where it is not a host's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
}

/// What the plugin's own `lifecycle.validate-config` says. The merchant has the plugin where that is nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Installed {
    /// Everything that it complains of.
    pub problems: Vec<Complaint>,
}

/// A complaint of a plugin about its configuration, or of a host about the plugins of a merchant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Complaint {
    /// The plugin.
    pub plugin: String,
    /// The key or capability.
    pub key: String,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.plugin, self.key, self.message)
    }
}

impl Operation for Install {
    const NAME: &'static str = "install";
    type Answer = Installed;
}
