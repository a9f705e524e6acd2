//! A catalog in memory as the source of its own, only version: for harnesses, trials and benchmarks.

use std::sync::Arc;

use async_trait::async_trait;

use super::{Catalog, CatalogReadError, CatalogReader, CatalogSource, Item};
use tillhouse_checkout::catalog::CatalogVersion;
use tillhouse_checkout::ids::ItemId;
use tillhouse_checkout::time::Timestamp;

#[async_trait]
impl CatalogSource for Catalog {
    async fn open(
        &self,
        _pinned: Option<CatalogVersion>,
        _now: Timestamp,
    ) -> Result<Arc<dyn CatalogReader>, CatalogReadError> {
        Ok(Arc::new(self.clone()))
    }
}

#[async_trait]
impl CatalogReader for Catalog {
    fn version(&self) -> Option<CatalogVersion> {
        None
    }

    async fn items(&self, ids: &[ItemId]) -> Result<Vec<Option<Arc<Item>>>, CatalogReadError> {
        Ok(ids.iter().map(|id| self.shared(id).cloned()).collect())
    }
}
