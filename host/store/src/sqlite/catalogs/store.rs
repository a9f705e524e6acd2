//! The port, on the file of the catalogs.

use std::sync::Arc;

use async_trait::async_trait;

use super::import::ImportHandle;
use super::{forgetting, reads, versions};
use crate::sqlite::SqliteStore;
use tillhouse_checkout::catalog::{CatalogChange, CatalogRow, CatalogVersion, ImportMode, StoredCatalog};
use tillhouse_checkout::ids::{ItemId, MerchantId};
use tillhouse_checkout::lease::LeaseHolder;
use tillhouse_checkout::ports::{BeginImportError, CatalogImport, CatalogStore, StoreError};
use tillhouse_checkout::time::Timestamp;

/// What was quoted or uploaded from versions of a merchant's catalogs.
const KNOWN: &str = "SELECT max(version) FROM (SELECT max(body ->> '$.catalog') AS version FROM session WHERE merchant = ?1 \
     UNION ALL SELECT max(body ->> '$.version') FROM feed_upload WHERE merchant = ?1)";

impl SqliteStore {
    /// The last version that sessions and uploads know of a catalog without any: the file of the catalogs may have been removed, or left
    /// out of a restore. Its number must not come back with other rows. 0 if there is none, or the catalog itself knows.
    async fn last_known_version(&self, merchant: &MerchantId) -> Result<CatalogVersion, StoreError> {
        if self.catalogs.in_force(merchant).await?.is_some() {
            return Ok(CatalogVersion(0));
        }
        // Promotions have a name of their own below that of their merchant.
        let merchant = merchant.as_str().split('/').next().unwrap_or_default().to_owned();
        let known: Option<i64> = self
            .read(move |db| Ok(db.query_row(KNOWN, [merchant], |row| row.get(0))?))
            .await?;
        Ok(CatalogVersion(known.unwrap_or_default().unsigned_abs()))
    }
}

#[async_trait]
impl CatalogStore for SqliteStore {
    async fn catalog(&self, merchant: &MerchantId) -> Result<Option<StoredCatalog>, StoreError> {
        self.catalogs.in_force(merchant).await
    }

    async fn catalog_versions(&self, merchant: &MerchantId, limit: usize) -> Result<Vec<StoredCatalog>, StoreError> {
        let merchant = merchant.clone();
        self.catalogs
            .read(move |db| versions::list(db, &merchant, limit), || Ok(Vec::new()))
            .await
    }

    async fn catalog_rows(
        &self,
        merchant: &MerchantId,
        version: CatalogVersion,
        ids: &[ItemId],
    ) -> Result<Vec<Option<CatalogRow>>, StoreError> {
        let (wanted, ids) = (merchant.clone(), ids.to_vec());
        self.catalogs
            .read(
                move |db| reads::rows(db, &wanted, version, &ids),
                || Err(versions::not_kept(merchant, version)),
            )
            .await
    }

    async fn catalog_page(
        &self,
        merchant: &MerchantId,
        version: CatalogVersion,
        after: Option<&ItemId>,
        limit: usize,
    ) -> Result<Vec<CatalogRow>, StoreError> {
        let (wanted, after) = (merchant.clone(), after.cloned());
        self.catalogs
            .read(
                move |db| reads::page(db, &wanted, version, after.as_ref(), limit),
                || Err(versions::not_kept(merchant, version)),
            )
            .await
    }

    async fn catalog_changes(
        &self,
        merchant: &MerchantId,
        between: (CatalogVersion, CatalogVersion),
        after: Option<&ItemId>,
        limit: usize,
    ) -> Result<Vec<CatalogChange>, StoreError> {
        let (wanted, after) = (merchant.clone(), after.cloned());
        self.catalogs
            .read(
                move |db| reads::changes(db, &wanted, between, after.as_ref(), limit),
                || Err(versions::not_kept(merchant, between.0)),
            )
            .await
    }

    async fn begin_catalog_import(
        &self,
        merchant: &MerchantId,
        by: &LeaseHolder,
        mode: ImportMode,
        now: Timestamp,
    ) -> Result<Box<dyn CatalogImport>, BeginImportError> {
        self.ensure_writable()?;
        let under_way = self.catalogs.imports.begin(merchant, by, now)?;
        let after = self.last_known_version(merchant).await?;
        let import = ImportHandle::start(Arc::clone(&self.catalogs), under_way, mode, after).await?;
        Ok(Box::new(import))
    }

    fn ensure_catalog_room(&self, bytes: u64) -> Result<(), StoreError> {
        self.catalogs.ensure_room(bytes)
    }

    async fn forget_catalog_versions(
        &self,
        merchant: &MerchantId,
        ended_before: Timestamp,
        keep: &[CatalogVersion],
    ) -> Result<u64, StoreError> {
        self.ensure_writable()?;
        // An import under way has the file for itself: it is tried again when this is called again.
        let Some(turn) = self.catalogs.turn_between_imports().await? else {
            return Ok(0);
        };
        let (merchant, keep) = (merchant.clone(), keep.to_vec());
        self.catalogs
            .write(turn, move |db| forgetting::forget(db, &merchant, ended_before, &keep))
            .await
    }
}
