//! How much a plugin may keep in the store.

use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;

use tillhouse_checkout::plugin_data::{DataUsage, Namespace};
use tillhouse_checkout::ports::{PluginData, StoreError};

/// How long a measurement holds. A plugin can go over its quota by what it commits in this time.
const MEASUREMENT_LIFE: Duration = Duration::from_secs(5);
/// Namespaces whose measurements are kept.
const MEASUREMENTS: u64 = 10_000;

/// The quota of every plugin, and what the plugins were found to keep.
#[derive(Clone, Debug)]
pub(crate) struct DataQuota {
    most: DataUsage,
    measured: Cache<Namespace, DataUsage>,
}

impl DataQuota {
    pub(crate) fn new(most: DataUsage) -> Self {
        Self {
            most,
            measured: Cache::builder()
                .max_capacity(MEASUREMENTS)
                .time_to_live(MEASUREMENT_LIFE)
                .build(),
        }
    }

    /// What the plugin keeps, as of a few seconds ago.
    pub(crate) async fn used(
        &self,
        store: &dyn PluginData,
        namespace: &Namespace,
    ) -> Result<DataUsage, Arc<StoreError>> {
        let measurement = self.measured.try_get_with(namespace.clone(), store.usage(namespace));
        measurement.await
    }

    /// Which limit this usage exceeds, in words for the plugin; `None` if it fits.
    pub(crate) fn exceeded(&self, usage: DataUsage) -> Option<String> {
        if usage.keys > self.most.keys {
            Some(format!(
                "over {} keys of kv and counters in all (plugins.data_keys); delete what is not needed",
                self.most.keys
            ))
        } else if usage.bytes > self.most.bytes {
            Some(format!(
                "over {} bytes of kv and counters in all (plugins.data_bytes); delete what is not needed",
                self.most.bytes
            ))
        } else {
            None
        }
    }
}
