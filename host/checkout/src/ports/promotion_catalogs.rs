//! Promotions in the store: a second catalog of each merchant, in the same tables as that of its items.
//!
//! It is kept under a name that no merchant can have, so that versions, imports, backups and the
//! forgetting of versions are those of every catalog.

use std::sync::Arc;

use async_trait::async_trait;

use super::catalog_store::{BeginImportError, CatalogImport, CatalogStore};
use super::store_error::StoreError;
use crate::catalog::{
    CatalogChange, CatalogKind, CatalogRow, CatalogVersion, CatalogWrite, DuplicateRow, ImportMode, ImportRecord,
    ImportSoFar, StoredCatalog,
};
use crate::ids::{ItemId, MerchantId};
use crate::lease::LeaseHolder;
use crate::time::Timestamp;

/// The catalogs of one kind in a store.
#[must_use]
pub fn catalogs_of(store: &Arc<dyn CatalogStore>, kind: CatalogKind) -> Arc<dyn CatalogStore> {
    match kind {
        CatalogKind::Product => Arc::clone(store),
        CatalogKind::Promotion => Arc::new(PromotionCatalogs(Arc::clone(store))),
    }
}

/// The merchants' promotions, in the store of their items.
#[derive(Debug)]
struct PromotionCatalogs(Arc<dyn CatalogStore>);

fn name(merchant: &MerchantId) -> MerchantId {
    CatalogKind::Promotion.kept_under(merchant)
}

fn of(merchant: &MerchantId) -> impl Fn(StoredCatalog) -> StoredCatalog {
    let merchant = merchant.clone();
    move |stored| StoredCatalog {
        merchant: merchant.clone(),
        ..stored
    }
}

#[async_trait]
impl CatalogStore for PromotionCatalogs {
    async fn catalog(&self, merchant: &MerchantId) -> Result<Option<StoredCatalog>, StoreError> {
        let found = self.0.catalog(&name(merchant)).await?;
        Ok(found.map(of(merchant)))
    }

    async fn catalog_versions(&self, merchant: &MerchantId, limit: usize) -> Result<Vec<StoredCatalog>, StoreError> {
        let versions = self.0.catalog_versions(&name(merchant), limit).await?;
        Ok(versions.into_iter().map(of(merchant)).collect())
    }

    async fn catalog_rows(
        &self,
        merchant: &MerchantId,
        version: CatalogVersion,
        ids: &[ItemId],
    ) -> Result<Vec<Option<CatalogRow>>, StoreError> {
        self.0.catalog_rows(&name(merchant), version, ids).await
    }

    async fn catalog_page(
        &self,
        merchant: &MerchantId,
        version: CatalogVersion,
        after: Option<&ItemId>,
        limit: usize,
    ) -> Result<Vec<CatalogRow>, StoreError> {
        self.0.catalog_page(&name(merchant), version, after, limit).await
    }

    async fn catalog_changes(
        &self,
        merchant: &MerchantId,
        between: (CatalogVersion, CatalogVersion),
        after: Option<&ItemId>,
        limit: usize,
    ) -> Result<Vec<CatalogChange>, StoreError> {
        self.0.catalog_changes(&name(merchant), between, after, limit).await
    }

    async fn begin_catalog_import(
        &self,
        merchant: &MerchantId,
        by: &LeaseHolder,
        mode: ImportMode,
        now: Timestamp,
    ) -> Result<Box<dyn CatalogImport>, BeginImportError> {
        let import = self.0.begin_catalog_import(&name(merchant), by, mode, now).await?;
        Ok(Box::new(PromotionImport {
            import,
            merchant: merchant.clone(),
        }))
    }

    async fn forget_catalog_versions(
        &self,
        merchant: &MerchantId,
        ended_before: Timestamp,
        keep: &[CatalogVersion],
    ) -> Result<u64, StoreError> {
        let name = name(merchant);
        self.0.forget_catalog_versions(&name, ended_before, keep).await
    }
}

/// An import of promotions, which is told of under the merchant's own name.
#[derive(Debug)]
struct PromotionImport {
    import: Box<dyn CatalogImport>,
    merchant: MerchantId,
}

#[async_trait]
impl CatalogImport for PromotionImport {
    fn version(&self) -> CatalogVersion {
        self.import.version()
    }

    fn so_far(&self) -> ImportSoFar {
        self.import.so_far()
    }

    async fn current(&mut self, ids: &[ItemId]) -> Result<Vec<Option<CatalogRow>>, StoreError> {
        self.import.current(ids).await
    }

    async fn write(&mut self, rows: Vec<CatalogWrite>) -> Result<Vec<DuplicateRow>, StoreError> {
        self.import.write(rows).await
    }

    async fn finish(self: Box<Self>, import: ImportRecord, now: Timestamp) -> Result<StoredCatalog, StoreError> {
        let stored = self.import.finish(import, now).await?;
        Ok(of(&self.merchant)(stored))
    }
}
