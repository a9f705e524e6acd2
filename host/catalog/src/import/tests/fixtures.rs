//! A shop with a store in a temporary folder.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use tempfile::TempDir;

use super::super::{CatalogImporter, FeedFile, ImportError, ImportRequest, Imported, PreparedImport, RefusedFile};
use crate::ReadOptions;
use tillhouse_checkout::catalog::{
    CatalogChange, CatalogKind, CatalogRow, CatalogVersion, CatalogWrite, DuplicateRow, ImportMode, ImportRecord,
    ImportSoFar, StoredCatalog,
};
use tillhouse_checkout::feed::FeedType;
use tillhouse_checkout::ids::{HostId, ItemId, MerchantId};
use tillhouse_checkout::lease::LeaseHolder;
use tillhouse_checkout::ports::{BeginImportError, CatalogImport, CatalogStore, StoreError, catalogs_of};
use tillhouse_checkout::time::{Clock, Timestamp};
use tillhouse_store::{SqliteSettings, StoreEngine, StoreSettings};

pub(super) const NOW: Timestamp = Timestamp(1_767_225_600_000);
pub(super) const HEADER: &str = "id,title,price,availability";

/// A file with these items.
pub(super) fn rows(ids: &[&str]) -> String {
    let mut text = format!("{HEADER}\n");
    for id in ids {
        writeln!(text, "{id},{id},1.00 USD,in_stock").unwrap();
    }
    text
}

#[derive(Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        NOW
    }
}

/// A merchant, its store, and a folder for files.
pub(super) struct Shop {
    folder: TempDir,
    store: Arc<dyn CatalogStore>,
    files: AtomicU32,
    _engine: StoreEngine,
}

impl Shop {
    pub(super) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = StoreSettings::Sqlite(SqliteSettings::new(folder.path().join("store")));
        let engine = StoreEngine::open(&settings, Arc::new(Still)).await.unwrap();
        Self {
            store: engine.catalogs(),
            folder,
            files: AtomicU32::new(0),
            _engine: engine,
        }
    }

    pub(super) async fn with(items: &[&str]) -> Self {
        let shop = Self::new().await;
        shop.import(&shop.request(&rows(items))).await.unwrap();
        shop
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// An import of this content, from a file of its own.
    pub(super) fn request(&self, content: &str) -> ImportRequest {
        let number = self.files.fetch_add(1, Ordering::Relaxed);
        let path = self.folder().join(format!("{number}.csv"));
        fs::write(&path, content).unwrap();
        ImportRequest::replacing(merchant(), FeedFile::product(path), "operator:tester".to_owned())
    }

    /// An import of these promotions.
    pub(super) fn promotions(&self, content: &str) -> ImportRequest {
        let mut request = self.request(content);
        request.file.read = ReadOptions::new(FeedType::Promotion);
        request
    }

    /// Ids of the promotions in force.
    pub(super) async fn promotion_ids(&self) -> Vec<String> {
        let store = catalogs_of(&self.store, CatalogKind::Promotion);
        let stored = store.catalog(&merchant()).await.unwrap().unwrap();
        let page = store.catalog_page(&merchant(), stored.version, None, 100).await;
        page.unwrap().into_iter().map(|row| row.id.to_string()).collect()
    }

    pub(super) fn importer(&self) -> CatalogImporter {
        CatalogImporter::new(Arc::clone(&self.store), holder())
    }

    /// An importer whose file changes in this way whenever rows are written.
    pub(super) fn meddling(&self, request: &ImportRequest, meddle: Meddle) -> CatalogImporter {
        let store = Meddling {
            store: Arc::clone(&self.store),
            file: request.file.path.clone(),
            meddle,
        };
        CatalogImporter::new(Arc::new(store), holder())
    }

    pub(super) async fn prepare(&self, request: &ImportRequest) -> Result<PreparedImport, ImportError> {
        self.importer().prepare(request, &Arc::default(), NOW).await
    }

    pub(super) async fn import(&self, request: &ImportRequest) -> Result<Imported, ImportError> {
        Ok(self.prepare(request).await?.finish(NOW).await?)
    }

    /// The same, asked of which of these items the file states a quantity.
    pub(super) async fn import_watching(
        &self,
        request: &ImportRequest,
        watched: &HashSet<ItemId>,
    ) -> Result<Imported, ImportError> {
        let (importer, progress) = (self.importer(), Arc::default());
        let begun = importer.begin(request, &progress, NOW).await?;
        Ok(begun.read(watched.clone()).await?.finish(NOW).await?)
    }

    pub(super) async fn refused(&self, request: &ImportRequest) -> RefusedFile {
        match self.prepare(request).await {
            Err(ImportError::Refused(refused)) => *refused,
            other => panic!("expected refused rows: {other:?}"),
        }
    }

    /// Ids of the catalog in force.
    pub(super) async fn items(&self) -> Vec<String> {
        let Some(stored) = self.store.catalog(&merchant()).await.unwrap() else {
            return Vec::new();
        };
        let page = self
            .store
            .catalog_page(&merchant(), stored.version, None, 100)
            .await
            .unwrap();
        page.into_iter().map(|row| row.id.to_string()).collect()
    }

    pub(super) async fn row(&self, id: &str) -> Option<CatalogRow> {
        let stored = self.store.catalog(&merchant()).await.unwrap().unwrap();
        let rows = self
            .store
            .catalog_rows(&merchant(), stored.version, &[ItemId::new(id)])
            .await;
        rows.unwrap().remove(0)
    }
}

fn merchant() -> MerchantId {
    MerchantId::new("acme")
}

fn holder() -> LeaseHolder {
    LeaseHolder {
        host: HostId::new("host_1".to_owned()),
        lease: Duration::from_secs(30),
    }
}

/// What another process does to a file that is read.
#[derive(Clone, Copy, Debug)]
pub(super) enum Meddle {
    Append,
    /// Cut it off, so that it seems to end before it was read.
    Truncate,
    /// Rename another file over it, with the same content.
    Replace,
}

impl Meddle {
    fn with(self, path: &Path) {
        match self {
            Self::Append => {
                let mut file = OpenOptions::new().append(true).open(path).unwrap();
                file.write_all(b"\n").unwrap();
            }
            Self::Truncate => OpenOptions::new().write(true).open(path).unwrap().set_len(100).unwrap(),
            Self::Replace => {
                let other = path.with_extension("other");
                fs::copy(path, &other).unwrap();
                fs::rename(&other, path).unwrap();
            }
        }
    }
}

/// A store during whose imports another process meddles with the file.
#[derive(Debug)]
struct Meddling {
    store: Arc<dyn CatalogStore>,
    file: PathBuf,
    meddle: Meddle,
}

#[async_trait]
impl CatalogStore for Meddling {
    async fn catalog(&self, merchant: &MerchantId) -> Result<Option<StoredCatalog>, StoreError> {
        self.store.catalog(merchant).await
    }

    async fn catalog_versions(&self, merchant: &MerchantId, limit: usize) -> Result<Vec<StoredCatalog>, StoreError> {
        self.store.catalog_versions(merchant, limit).await
    }

    async fn catalog_rows(
        &self,
        merchant: &MerchantId,
        version: CatalogVersion,
        ids: &[ItemId],
    ) -> Result<Vec<Option<CatalogRow>>, StoreError> {
        self.store.catalog_rows(merchant, version, ids).await
    }

    async fn catalog_page(
        &self,
        merchant: &MerchantId,
        version: CatalogVersion,
        after: Option<&ItemId>,
        limit: usize,
    ) -> Result<Vec<CatalogRow>, StoreError> {
        self.store.catalog_page(merchant, version, after, limit).await
    }

    async fn catalog_changes(
        &self,
        merchant: &MerchantId,
        between: (CatalogVersion, CatalogVersion),
        after: Option<&ItemId>,
        limit: usize,
    ) -> Result<Vec<CatalogChange>, StoreError> {
        self.store.catalog_changes(merchant, between, after, limit).await
    }

    async fn begin_catalog_import(
        &self,
        merchant: &MerchantId,
        by: &LeaseHolder,
        mode: ImportMode,
        now: Timestamp,
    ) -> Result<Box<dyn CatalogImport>, BeginImportError> {
        let import = self.store.begin_catalog_import(merchant, by, mode, now).await?;
        let (file, meddle) = (self.file.clone(), self.meddle);
        Ok(Box::new(MeddlingImport { import, file, meddle }))
    }

    async fn forget_catalog_versions(
        &self,
        merchant: &MerchantId,
        ended_before: Timestamp,
        keep: &[CatalogVersion],
    ) -> Result<u64, StoreError> {
        self.store.forget_catalog_versions(merchant, ended_before, keep).await
    }
}

#[derive(Debug)]
struct MeddlingImport {
    import: Box<dyn CatalogImport>,
    file: PathBuf,
    meddle: Meddle,
}

#[async_trait]
impl CatalogImport for MeddlingImport {
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
        self.meddle.with(&self.file);
        self.import.write(rows).await
    }

    async fn finish(self: Box<Self>, import: ImportRecord, now: Timestamp) -> Result<StoredCatalog, StoreError> {
        self.import.finish(import, now).await
    }
}
