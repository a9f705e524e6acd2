//! What a plugin was given, as its instances see it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use tillhouse_checkout::ids::PluginId;
use tillhouse_checkout::secret::Secret;
use tillhouse_egress::Upstream;

/// The configuration of the merchant and the grants of the operator.
pub(crate) trait Grants: Send + Sync + fmt::Debug {
    /// Whose they are; with the merchant it names the plugin's data.
    fn plugin(&self) -> &PluginId;

    fn config(&self) -> &BTreeMap<String, String>;

    /// Where the plugin may send requests under this name.
    fn upstream(&self, name: &str) -> Option<&Upstream>;

    fn secrets(&self) -> &BTreeMap<String, Arc<Secret>>;
}
