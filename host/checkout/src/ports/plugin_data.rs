//! Reads of plugin data: the key-value pairs and counters that plugins keep.

use std::fmt;

use async_trait::async_trait;

use super::store_error::StoreError;
use crate::plugin_data::{DataUsage, Namespace, VersionedValue};

/// Reads of plugin data. Writes are part of a [`crate::unit_of_work::UnitOfWork`].
#[async_trait]
pub trait PluginData: Send + Sync + fmt::Debug {
    /// The committed value of a key, with its version; `None` if there is none.
    async fn kv(&self, namespace: &Namespace, key: &str) -> Result<Option<VersionedValue>, StoreError>;

    /// The committed value of a counter; 0 if it was never changed.
    async fn counter(&self, namespace: &Namespace, key: &str) -> Result<i64, StoreError>;

    /// Whether a counter was ever changed, whatever its value.
    async fn has_counter(&self, namespace: &Namespace, key: &str) -> Result<bool, StoreError>;

    /// How much the plugin keeps. Reads every key of the namespace: about a millisecond per thousand.
    async fn usage(&self, namespace: &Namespace) -> Result<DataUsage, StoreError>;
}
