//! The merchants' catalogs. An import is one transaction on a connection of its own: the commit is the switch, in every host.
//!
//! One import of a merchant runs at a time over all hosts, held by an advisory lock of its transaction, and one import of whatever
//! merchant in each host.

mod import;
mod reads;
mod rows;
mod versions;

use std::sync::Arc;

use async_trait::async_trait;

use super::PostgresStore;
use import::PostgresImport;
use tillhouse_checkout::catalog::{CatalogChange, CatalogRow, CatalogVersion, ImportMode, StoredCatalog};
use tillhouse_checkout::ids::{ItemId, MerchantId};
use tillhouse_checkout::lease::LeaseHolder;
use tillhouse_checkout::ports::{BeginImportError, CatalogImport, CatalogStore, StoreError};
use tillhouse_checkout::time::Timestamp;

#[async_trait]
impl CatalogStore for PostgresStore {
    async fn catalog(&self, merchant: &MerchantId) -> Result<Option<StoredCatalog>, StoreError> {
        Ok(versions::list(&self.connections, merchant, 1).await?.pop())
    }

    async fn catalog_versions(&self, merchant: &MerchantId, limit: usize) -> Result<Vec<StoredCatalog>, StoreError> {
        versions::list(&self.connections, merchant, limit).await
    }

    async fn catalog_rows(
        &self,
        merchant: &MerchantId,
        version: CatalogVersion,
        ids: &[ItemId],
    ) -> Result<Vec<Option<CatalogRow>>, StoreError> {
        let rows = reads::rows(&self.connections, merchant, version, ids).await?;
        versions::ensure_kept(&self.connections, merchant, &[version]).await?;
        Ok(rows)
    }

    async fn catalog_page(
        &self,
        merchant: &MerchantId,
        version: CatalogVersion,
        after: Option<&ItemId>,
        limit: usize,
    ) -> Result<Vec<CatalogRow>, StoreError> {
        let page = reads::page(&self.connections, merchant, version, after, limit).await?;
        versions::ensure_kept(&self.connections, merchant, &[version]).await?;
        Ok(page)
    }

    async fn catalog_changes(
        &self,
        merchant: &MerchantId,
        between: (CatalogVersion, CatalogVersion),
        after: Option<&ItemId>,
        limit: usize,
    ) -> Result<Vec<CatalogChange>, StoreError> {
        let changes = reads::changes(&self.connections, merchant, between, after, limit).await?;
        versions::ensure_kept(&self.connections, merchant, &[between.0, between.1]).await?;
        Ok(changes)
    }

    async fn begin_catalog_import(
        &self,
        merchant: &MerchantId,
        by: &LeaseHolder,
        mode: ImportMode,
        now: Timestamp,
    ) -> Result<Box<dyn CatalogImport>, BeginImportError> {
        let under_way = self.imports.begin(merchant, by, now)?;
        let import = PostgresImport::begin(Arc::clone(&self.connections), &self.imports, under_way, by, mode, now);
        Ok(Box::new(import.await?))
    }

    async fn forget_catalog_versions(
        &self,
        merchant: &MerchantId,
        ended_before: Timestamp,
        keep: &[CatalogVersion],
    ) -> Result<u64, StoreError> {
        versions::forget(&self.connections, merchant, ended_before, keep).await
    }
}
