//! A component with one merchant's configuration and grants.

use std::collections::BTreeMap;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use crate::api::capability::Capabilities;
use crate::component::package::Component;
use crate::guest::grants::Grants;
use tillhouse_checkout::credential::CredentialForm;
use tillhouse_checkout::ids::PluginId;
use tillhouse_checkout::secret::Secret;
use tillhouse_egress::Upstream;

/// A component with the merchant's configuration and the operator's grants. Immutable: a change creates a new binding.
#[derive(Debug)]
pub struct Binding {
    /// Plugin id from the manifest. Merchant and plugin id are the namespace of the plugin's data.
    pub plugin: PluginId,
    /// Plugin version from the manifest.
    pub version: String,
    /// Compiled component; several bindings may share it.
    pub component: Arc<Component>,
    /// Capabilities that this binding may serve: all or some of those that the component exports.
    pub serves: Capabilities,
    /// Configuration of the plugin as flat strings with dotted keys, e.g. `rates.de`.
    pub config: BTreeMap<String, String>,
    /// Upstreams that the plugin may send requests to, by their names in the manifest.
    pub upstreams: BTreeMap<String, Upstream>,
    /// Values of the plugin's secrets, by their names in the manifest.
    pub secrets: BTreeMap<String, Arc<Secret>>,
}

impl Binding {
    /// Create a binding that serves everything that the component exports, without configuration or grants.
    #[must_use]
    pub fn new(plugin: PluginId, version: impl Into<String>, component: Arc<Component>) -> Self {
        Self {
            plugin,
            version: version.into(),
            serves: component.capabilities(),
            component,
            config: BTreeMap::new(),
            upstreams: BTreeMap::new(),
            secrets: BTreeMap::new(),
        }
    }

    /// Where requests go, as `plugin name=base-url …`. Recorded with a charge, and compared before a later status check.
    pub(crate) fn destination(&self) -> String {
        let bases = self.upstreams.values();
        let bases = bases.map(|upstream| format!(" {}={}", upstream.name(), upstream.base()));
        format!("{}{}", self.plugin, bases.collect::<String>())
    }

    /// The forms of a card that may be filled into its requests, to any of its upstreams.
    pub(crate) fn credential_forms(&self) -> Vec<CredentialForm> {
        let is_granted = |form: &CredentialForm| {
            let mut upstreams = self.upstreams.values();
            upstreams.any(|upstream| upstream.credential_slots.contains(form.slot()))
        };
        CredentialForm::ALL.into_iter().filter(is_granted).collect()
    }

    /// Cache key of answers of this binding: SHA-256 of the component's digest and the configuration.
    pub(crate) fn cache_key(&self) -> [u8; 32] {
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
