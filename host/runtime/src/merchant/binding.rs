//! A component in the hands of one merchant.

use std::collections::BTreeMap;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use crate::api::capability::Capabilities;
use crate::component::package::Component;
use crate::guest::grants::Grants;
use tillhouse_checkout::ids::PluginId;
use tillhouse_checkout::secret::Secret;
use tillhouse_egress::Upstream;

/// A component with the merchant's configuration and the operator's grants. Immutable: a change makes a new one.
#[derive(Debug)]
pub struct Binding {
    /// The plugin's id from its manifest; with the merchant it names the plugin's data.
    pub plugin: PluginId,
    /// Its version from its manifest.
    pub version: String,
    /// The component.
    pub component: Arc<Component>,
    /// What it is asked for: some or all of what the component exports.
    pub serves: Capabilities,
    /// Configuration with dotted keys.
    pub config: BTreeMap<String, String>,
    /// Where it may send requests, by the names of its manifest.
    pub upstreams: BTreeMap<String, Upstream>,
    /// What the operator granted when the host started. A release that asks for less leaves it as it is, so that the one before
    /// can come back.
    pub granted: BTreeMap<String, Upstream>,
    /// Values of its secrets, by the names of its manifest.
    pub secrets: BTreeMap<String, Arc<Secret>>,
}

impl Binding {
    /// A binding that serves everything that the component exports, without configuration and grants.
    #[must_use]
    pub fn new(plugin: PluginId, version: impl Into<String>, component: Arc<Component>) -> Self {
        Self {
            plugin,
            version: version.into(),
            serves: component.capabilities(),
            component,
            config: BTreeMap::new(),
            upstreams: BTreeMap::new(),
            granted: BTreeMap::new(),
            secrets: BTreeMap::new(),
        }
    }

    /// Where its requests go: the plugin and its upstreams.
    pub(crate) fn destination(&self) -> String {
        let bases = self.upstreams.values();
        let bases = bases.map(|upstream| format!(" {}={}", upstream.name(), upstream.base()));
        format!("{}{}", self.plugin, bases.collect::<String>())
    }

    /// What answers of this binding may be kept under: component and configuration.
    pub(crate) fn release(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(self.component.digest().to_string());
        for (key, value) in &self.config {
            for text in [key, value] {
                hash.update((text.len() as u64).to_be_bytes());
                hash.update(text);
            }
        }
        hash.finalize().into()
    }
}

impl Grants for Binding {
    fn plugin(&self) -> &PluginId {
        &self.plugin
    }

    fn config(&self) -> &BTreeMap<String, String> {
        &self.config
    }

    fn upstream(&self, name: &str) -> Option<&Upstream> {
        self.upstreams.get(name)
    }

    fn secrets(&self) -> &BTreeMap<String, Arc<Secret>> {
        &self.secrets
    }
}
