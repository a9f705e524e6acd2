//! The plugins that serve the merchants of a running host, and how an operator replaces their releases.
//!
//! The documents and the port; the host implements it over its plugin runtime.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::catalogs::ServedCatalogs;
use super::health::OutageView;
use super::{Operator, OperatorError, OperatorRequest};
use tillhouse_checkout::ids::{MerchantId, PluginId};

/// Which statement put a release of a plugin into force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReleaseSource {
    /// The merchant's table in the configuration.
    Configuration,
    /// `plugin load`; stands until `plugin back`, over restarts.
    Loaded,
    /// The shop that decides what the merchant's own plugins do not.
    Bundled,
}

/// Version and digest of a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseView {
    /// Version of the plugin, from its manifest.
    pub version: String,
    /// SHA-256 of the component, in hex.
    pub sha256: String,
    /// Which statement it is of.
    pub source: ReleaseSource,
    /// File that it was read from.
    #[serde(default)]
    pub file: Option<String>,
}

/// A plugin that serves a merchant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PluginView {
    /// The merchant that it serves.
    pub merchant: MerchantId,
    /// Id of the plugin, from its manifest.
    pub plugin: String,
    /// The release in force.
    #[serde(flatten)]
    pub release: ReleaseView,
    /// The capabilities that it provides for this merchant.
    pub serves: Vec<String>,
    /// Since when the release is in force on this host (RFC 3339).
    pub since: String,
    /// The release that `plugin back` puts back into force; `None` if there is none.
    #[serde(default)]
    pub previous: Option<ReleaseView>,
    /// The release that the configuration names, if another one was loaded over it. `None` too if its component cannot be read.
    #[serde(default)]
    pub configured: Option<ReleaseView>,
}

/// `plugin list`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ListPlugins {
    /// Only those of this merchant.
    pub merchant: Option<MerchantId>,
}

/// The plugins of the merchants in service, and the merchants that are not.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PluginList {
    /// By merchant, in the order of the configuration.
    pub plugins: Vec<PluginView>,
    /// The merchants whose plugins serve no request now, and why.
    pub out_of_service: Vec<OutageView>,
    /// Loaded releases that are not used, because the configuration has no such plugin any more: merchant and plugin.
    #[serde(default)]
    pub unused: Vec<(MerchantId, PluginId)>,
}

/// What an operator allows a change of releases to do to a merchant, beyond replacing a plugin's code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllowedChanges {
    /// Capabilities may be left that nothing serves any more.
    #[serde(default)]
    pub lost: bool,
    /// The release may take over capabilities that the configured release does not export, from another plugin or the bundled shop.
    #[serde(default)]
    pub gained: bool,
}

/// `plugin load`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LoadPlugin {
    /// The merchant whose plugin is replaced.
    pub merchant: MerchantId,
    /// Bytes of the component.
    #[serde(with = "super::base64_bytes")]
    pub component: Vec<u8>,
    /// Path of the component, for the record.
    pub file: String,
    /// Text of the manifest; its id says which plugin of the merchant is replaced.
    pub manifest: String,
    /// File name of the manifest, for diagnostics.
    pub manifest_name: String,
    /// What it may change for the merchant.
    #[serde(default)]
    pub allowed: AllowedChanges,
    /// The operator, for the audit log.
    pub actor: String,
}

/// `plugin back`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RevertPlugin {
    /// The merchant whose plugin goes back.
    pub merchant: MerchantId,
    /// Which of its plugins; `None` if only one of them has a loaded release.
    pub plugin: Option<PluginId>,
    /// Go back to the release that the configuration names, not only to the one before.
    pub to_configured: bool,
    /// What it may change for the merchant.
    #[serde(default)]
    pub allowed: AllowedChanges,
    /// The operator, for the audit log.
    pub actor: String,
}

/// What a load or a way back has changed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PluginReplaced {
    /// Whether another release is in force now. `false` if exactly this one was already.
    pub changed: bool,
    /// The merchant that the plugin serves.
    pub merchant: MerchantId,
    /// Id of the plugin, from its manifest.
    pub plugin: PluginId,
    /// The release in force now.
    pub now: ReleaseView,
    /// The release that was in force before; `None` if its files could not be used, and the merchant was out of service.
    pub before: Option<ReleaseView>,
    /// Capabilities that only the release in force now serves.
    pub gained: Vec<String>,
    /// Capabilities that only the release before served: another plugin of the merchant serves them now, or the bundled shop,
    /// or nothing, if that was allowed.
    pub lost: Vec<String>,
}

/// What serves the merchants of this host, and can be replaced while it runs.
#[async_trait]
pub trait ServedMerchants: ServedCatalogs {
    /// Every plugin in force, by merchant, the bundled one last.
    fn plugins(&self) -> Vec<PluginView>;

    /// Loaded releases of plugins that the configuration no longer has.
    fn unused(&self) -> Vec<(MerchantId, PluginId)>;

    /// Check a release as a start does, write it down, and put it into force.
    async fn load(&self, request: LoadPlugin) -> Result<PluginReplaced, OperatorError>;

    /// Put an earlier release of a plugin back into force, and write it down.
    async fn back(&self, request: RevertPlugin) -> Result<PluginReplaced, OperatorError>;
}

impl OperatorRequest for ListPlugins {
    const NAME: &'static str = "plugins/list";
    type Answer = PluginList;

    async fn answer(self, operator: &Operator) -> Result<PluginList, OperatorError> {
        let merchants = operator.merchant(self.merchant.as_ref())?;
        let about = operator.about_now();
        let (mut plugins, mut out_of_service) = (about.plugins, about.out_of_service);
        plugins.retain(|it| merchants.contains(&it.merchant));
        out_of_service.retain(|it| merchants.contains(&it.merchant));
        let mut unused = operator.served.unused();
        unused.retain(|(merchant, _)| merchants.contains(merchant));
        Ok(PluginList {
            plugins,
            out_of_service,
            unused,
        })
    }
}

impl OperatorRequest for LoadPlugin {
    const NAME: &'static str = "plugins/load";
    /// A component of the largest size that can be configured (256 MiB), as base64, and its manifest.
    const MAX_BYTES: usize = 360 * 1024 * 1024;
    type Answer = PluginReplaced;

    async fn answer(self, operator: &Operator) -> Result<PluginReplaced, OperatorError> {
        operator.merchant(Some(&self.merchant))?;
        operator.served.load(self).await
    }
}

impl OperatorRequest for RevertPlugin {
    const NAME: &'static str = "plugins/back";
    type Answer = PluginReplaced;

    async fn answer(self, operator: &Operator) -> Result<PluginReplaced, OperatorError> {
        operator.merchant(Some(&self.merchant))?;
        operator.served.back(self).await
    }
}
