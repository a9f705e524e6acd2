//! Installed plugins, as shown to operators and written to the audit log.

use crate::Plugins;
use crate::api::capability::Capability;
use crate::component::package::Digest;
use tillhouse_checkout::ids::{MerchantId, PluginId};

/// A plugin that a merchant has installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installed {
    /// Id from the plugin's manifest.
    pub plugin: PluginId,
    /// Version from the plugin's manifest.
    pub version: String,
    /// SHA-256 of the component's bytes.
    pub digest: Digest,
    /// Capabilities that it serves for this merchant, in the order of the contract.
    pub serves: Vec<Capability>,
    /// Upstreams that it may send requests to: name in the manifest, and base URL.
    pub upstreams: Vec<(String, String)>,
}

impl Plugins {
    /// Installed plugins of a merchant, the fallback last; empty when the merchant has none or is unknown.
    #[must_use]
    pub fn inventory(&self, merchant: &MerchantId) -> Vec<Installed> {
        let Some(routes) = self.shared.routes.of(merchant) else {
            return Vec::new();
        };
        let installed = routes.bindings.iter().enumerate().map(|(index, binding)| Installed {
            plugin: binding.plugin.clone(),
            version: binding.version.clone(),
            digest: binding.component.digest(),
            serves: Capability::ALL
                .iter()
                .copied()
                .filter(|capability| routes.index(*capability) == Some(index))
                .collect(),
            upstreams: binding
                .upstreams
                .iter()
                .map(|(name, upstream)| (name.clone(), upstream.base().to_string()))
                .collect(),
        });
        installed.collect()
    }
}
