//! The rows of the merchants' catalogs.

use std::fmt;

use async_trait::async_trait;

use super::store_error::StoreError;
use crate::catalog::{
    CatalogChange, CatalogRow, CatalogVersion, CatalogWrite, DuplicateRow, ImportMode, ImportRecord, ImportSoFar,
    StoredCatalog,
};
use crate::ids::{ItemId, MerchantId};
use crate::lease::LeaseHolder;
use crate::time::Timestamp;

/// Why an import did not begin.
#[derive(Debug, thiserror::Error)]
pub enum BeginImportError {
    /// Another import of this merchant's catalog is under way.
    #[error("another import of this catalog is under way on host {host} since {}", .since.rfc3339())]
    Busy {
        /// The host that imports.
        host: String,
        /// When that import was begun.
        since: Timestamp,
    },
    /// Error of the store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Catalogs in versions. A read of a version sees nothing of a later one, and nothing of an import before it is committed.
#[async_trait]
pub trait CatalogStore: Send + Sync + fmt::Debug {
    /// The version in force; `None` if nothing was imported for this merchant yet.
    async fn catalog(&self, merchant: &MerchantId) -> Result<Option<StoredCatalog>, StoreError>;

    /// Versions of a merchant that are still known, the newest first.
    async fn catalog_versions(&self, merchant: &MerchantId, limit: usize) -> Result<Vec<StoredCatalog>, StoreError>;

    /// Rows by id, in the order of the ids; `None` for an id that the version does not have.
    async fn catalog_rows(
        &self,
        merchant: &MerchantId,
        version: CatalogVersion,
        ids: &[ItemId],
    ) -> Result<Vec<Option<CatalogRow>>, StoreError>;

    /// Rows in the byte order of their ids, at most `limit` of those after `after`. An empty page is the end.
    async fn catalog_page(
        &self,
        merchant: &MerchantId,
        version: CatalogVersion,
        after: Option<&ItemId>,
        limit: usize,
    ) -> Result<Vec<CatalogRow>, StoreError>;

    /// Items that differ between two versions whose rows are kept, in the byte order of their ids.
    async fn catalog_changes(
        &self,
        merchant: &MerchantId,
        between: (CatalogVersion, CatalogVersion),
        after: Option<&ItemId>,
        limit: usize,
    ) -> Result<Vec<CatalogChange>, StoreError>;

    /// Begin the next version. One import of a merchant runs at a time, over all hosts.
    async fn begin_catalog_import(
        &self,
        merchant: &MerchantId,
        by: &LeaseHolder,
        mode: ImportMode,
        now: Timestamp,
    ) -> Result<Box<dyn CatalogImport>, BeginImportError>;

    /// Refuse an import of a file of `bytes` bytes if the disk with the catalogs lacks room for it. Stores on another machine cannot tell.
    ///
    /// # Errors
    /// How much room there is, and how much is needed.
    fn ensure_catalog_room(&self, bytes: u64) -> Result<(), StoreError> {
        let _ = bytes;
        Ok(())
    }

    /// Delete rows that only versions have which ended before this time, except the versions in `keep`. Returns the number of rows.
    async fn forget_catalog_versions(
        &self,
        merchant: &MerchantId,
        ended_before: Timestamp,
        keep: &[CatalogVersion],
    ) -> Result<u64, StoreError>;
}

/// An import under way. Dropped before [`finish`](Self::finish), or killed, it leaves nothing.
#[async_trait]
pub trait CatalogImport: Send + fmt::Debug {
    /// The version that it makes.
    fn version(&self) -> CatalogVersion;

    /// What it has done so far.
    fn so_far(&self) -> ImportSoFar;

    /// Rows as the import has left them so far, in the order of the ids: what an increment is merged into.
    async fn current(&mut self, ids: &[ItemId]) -> Result<Vec<Option<CatalogRow>>, StoreError>;

    /// Write rows. Returns those for which this import was given a row before, also if it deletes the item: neither what is written nor
    /// what is returned depends on where in the file a delete is, nor on how its rows are batched.
    async fn write(&mut self, rows: Vec<CatalogWrite>) -> Result<Vec<DuplicateRow>, StoreError>;

    /// Put the version into force, in one commit: every phase that opens after this sees it, in every host. If nothing differs from
    /// the version in force, that one stays and is returned.
    async fn finish(self: Box<Self>, import: ImportRecord, now: Timestamp) -> Result<StoredCatalog, StoreError>;
}
