//! Configuration and grants of a plugin, as its instances see them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use tillhouse_checkout::ids::PluginId;
use tillhouse_checkout::secret::Secret;
use tillhouse_egress::Upstream;

/// The configuration of the merchant and the grants of the operator.
pub(crate) trait Grants: Send + Sync + fmt::Debug {
    /// Plugin that they belong to. Merchant and plugin id are the namespace of the plugin's data.
    fn plugin(&self) -> &PluginId;

    fn config(&self) -> &BTreeMap<String, String>;

    /// The upstream with this name in the manifest; `None` when it was not granted.
    fn upstream(&self, name: &str) -> Option<&Upstream>;

    fn secrets(&self) -> &BTreeMap<String, Arc<Secret>>;
}
