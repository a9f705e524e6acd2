//! Plugin data: what plugins keep.

use std::fmt;

use async_trait::async_trait;

use super::store_error::StoreError;
use crate::unit::{Namespace, Versioned};

/// Reads of plugin data. Writes are part of a [`crate::unit::UnitOfWork`].
#[async_trait]
pub trait PluginData: Send + Sync + fmt::Debug {
    /// A value.
    async fn kv(&self, namespace: &Namespace, key: &str) -> Result<Option<Versioned>, StoreError>;

    /// A counter; 0 where it was never moved.
    async fn counter(&self, namespace: &Namespace, key: &str) -> Result<i64, StoreError>;
}
