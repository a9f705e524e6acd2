//! What is installed, for operators and the audit log.

use crate::Plugins;
use crate::api::capability::Capability;
use crate::component::package::Digest;
use tillhouse_checkout::ids::{MerchantId, PluginId};

/// A plugin in the hands of a merchant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installed {
    /// Its id.
    pub plugin: PluginId,
    /// Its version.
    pub version: String,
    /// The component.
    pub digest: Digest,
    /// What it decides for this merchant, in the order of the contract.
    pub serves: Vec<Capability>,
    /// Where it may send requests: name of the manifest and base URL.
    pub upstreams: Vec<(String, String)>,
}

impl Plugins {
    /// The plugins of a merchant; none of one that has none.
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
