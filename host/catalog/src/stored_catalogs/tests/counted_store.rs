//! Catalogs in memory behind the port of the store, which note every read of rows.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};

use async_trait::async_trait;

use crate::{FeedReader, FeedRecord, ReadOptions};
use tillhouse_checkout::catalog::{CatalogChange, CatalogRow, CatalogVersion, ImportMode, ImportRecord, StoredCatalog};
use tillhouse_checkout::ids::{ItemId, MerchantId};
use tillhouse_checkout::lease::LeaseHolder;
use tillhouse_checkout::ports::{BeginImportError, CatalogImport, CatalogStore, StoreError};
use tillhouse_checkout::time::Timestamp;

#[derive(Debug, Default)]
pub(super) struct CountedStore(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    merchants: HashMap<MerchantId, Vec<Version>>,
    /// Ids of each read of rows.
    reads: Vec<Vec<String>>,
    fails: bool,
    /// Whether the version in force is read just before the last one is committed, and everything else after it.
    is_overtaken: bool,
}

#[derive(Debug)]
struct Version {
    record: StoredCatalog,
    rows: HashMap<ItemId, CatalogRow>,
}

impl CountedStore {
    /// Another version of a merchant's catalog, with these ids and titles.
    pub(super) fn import(&self, merchant: &str, now: Timestamp, items: &[(&str, &str)]) {
        let merchant = MerchantId::new(merchant);
        let mut state = self.state();
        let versions = state.merchants.entry(merchant.clone()).or_default();
        if let Some(last) = versions.last_mut() {
            last.record.until = Some(now);
        }
        let rows = rows(items);
        versions.push(Version {
            record: StoredCatalog {
                merchant,
                version: CatalogVersion(versions.len() as u64 + 1),
                items: rows.len() as u64,
                changed: rows.len() as u64,
                deleted: 0,
                import: ImportRecord {
                    source: "catalog.csv".to_owned(),
                    sha256: String::new(),
                    mode: ImportMode::Replace,
                    by: "test".to_owned(),
                    refused: 0,
                },
                since: now,
                until: None,
            },
            rows,
        });
    }

    /// As a store that was restored from before the first import.
    pub(super) fn lose(&self, merchant: &str) {
        self.state().merchants.remove(&MerchantId::new(merchant));
    }

    pub(super) fn damage(&self, merchant: &str, item: &str) {
        let mut state = self.state();
        let versions = state.merchants.get_mut(&MerchantId::new(merchant)).unwrap();
        for version in versions {
            version.rows.get_mut(&ItemId::new(item)).unwrap().content = vec![0xff, 1, 2];
        }
    }

    /// Whether every call fails from now on.
    pub(super) fn fail(&self, fails: bool) {
        self.state().fails = fails;
    }

    /// From now on the last version is committed right after each look at which one is in force.
    pub(super) fn overtake_looks(&self) {
        self.state().is_overtaken = true;
    }

    pub(super) fn reads(&self) -> Vec<Vec<String>> {
        self.state().reads.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    fn answering(&self) -> Result<MutexGuard<'_, State>, StoreError> {
        let state = self.state();
        if state.fails {
            return Err(StoreError::new("the disk is gone"));
        }
        Ok(state)
    }
}

fn rows(items: &[(&str, &str)]) -> HashMap<ItemId, CatalogRow> {
    let lines = items
        .iter()
        .map(|(id, title)| format!("{id},{title},1.00 USD,in_stock\n"));
    let feed = format!("id,title,price,availability\n{}", lines.collect::<String>());
    let records = FeedReader::open(feed.as_bytes(), &ReadOptions::default()).unwrap();
    let rows = records.map(|record| match record.unwrap() {
        FeedRecord::Row { row, .. } => (row.id.clone(), row),
        other => panic!("{other:?}"),
    });
    rows.collect()
}

#[async_trait]
impl CatalogStore for CountedStore {
    async fn catalog(&self, merchant: &MerchantId) -> Result<Option<StoredCatalog>, StoreError> {
        let state = self.answering()?;
        let versions = state.merchants.get(merchant).into_iter().flatten().rev();
        let mut seen = versions
            .skip(usize::from(state.is_overtaken))
            .map(|version| &version.record);
        Ok(seen.next().cloned())
    }

    async fn catalog_versions(&self, merchant: &MerchantId, limit: usize) -> Result<Vec<StoredCatalog>, StoreError> {
        let state = self.answering()?;
        let versions = state.merchants.get(merchant).into_iter().flatten().rev();
        Ok(versions.take(limit).map(|version| version.record.clone()).collect())
    }

    async fn catalog_rows(
        &self,
        merchant: &MerchantId,
        version: CatalogVersion,
        ids: &[ItemId],
    ) -> Result<Vec<Option<CatalogRow>>, StoreError> {
        let mut state = self.answering()?;
        state.reads.push(ids.iter().map(ToString::to_string).collect());
        let versions = state.merchants.get(merchant).into_iter().flatten();
        let found = versions.into_iter().find(|found| found.record.version == version);
        let found = found.ok_or_else(|| StoreError::new("the version is not kept"))?;
        Ok(ids.iter().map(|id| found.rows.get(id).cloned()).collect())
    }

    async fn catalog_page(
        &self,
        _: &MerchantId,
        _: CatalogVersion,
        _: Option<&ItemId>,
        _: usize,
    ) -> Result<Vec<CatalogRow>, StoreError> {
        Err(StoreError::new("a reader asks for no pages"))
    }

    async fn catalog_changes(
        &self,
        _: &MerchantId,
        _: (CatalogVersion, CatalogVersion),
        _: Option<&ItemId>,
        _: usize,
    ) -> Result<Vec<CatalogChange>, StoreError> {
        Err(StoreError::new("a reader asks for no changes"))
    }

    async fn begin_catalog_import(
        &self,
        _: &MerchantId,
        _: &LeaseHolder,
        _: ImportMode,
        _: Timestamp,
    ) -> Result<Box<dyn CatalogImport>, BeginImportError> {
        Err(StoreError::new("a reader imports nothing").into())
    }

    async fn forget_catalog_versions(
        &self,
        _: &MerchantId,
        _: Timestamp,
        _: &[CatalogVersion],
    ) -> Result<u64, StoreError> {
        Err(StoreError::new("a reader forgets nothing"))
    }
}
