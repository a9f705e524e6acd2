//! What a crash between an import and its resets leaves.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;

use super::*;
use tillhouse_checkout::catalog::{CatalogRow, CatalogWrite, ImportMode};
use tillhouse_checkout::ids::HostId;
use tillhouse_checkout::lease::LeaseHolder;
use tillhouse_checkout::ports::CatalogImport;
use tillhouse_checkout::time::Timestamp;
use tillhouse_store::{SqliteSettings, StoreEngine, StoreSettings};

use crate::clock_and_ids::SystemClock;

/// More than one part.
const ITEMS: usize = PART + 1;

struct Shop {
    _folder: TempDir,
    engine: StoreEngine,
    store: Arc<dyn Store>,
    catalogs: Arc<dyn CatalogStore>,
    merchant: MerchantId,
}

impl Shop {
    /// A shop that sold two of each item before the import, and one since.
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = StoreSettings::Sqlite(SqliteSettings::new(folder.path().join("store")));
        let engine = StoreEngine::open(&settings, Arc::new(SystemClock)).await.unwrap();
        let shop = Self {
            store: engine.store(),
            catalogs: engine.catalogs(),
            engine,
            _folder: folder,
            merchant: MerchantId::new("acme"),
        };
        let sold = (0..ITEMS).map(|number| StagedWrite::Add {
            namespace: shop.stock(),
            key: format!("{SOLD}sku-{number}"),
            delta: -3,
            floor: None,
        });
        shop.resets().commit(Vec::new(), sold.collect()).await.unwrap();
        shop
    }

    fn resets(&self) -> Resets<'_> {
        Resets {
            store: self.store.as_ref(),
            catalogs: self.catalogs.as_ref(),
            merchant: &self.merchant,
        }
    }

    fn stock(&self) -> Namespace {
        Namespace {
            merchant: self.merchant.clone(),
            plugin: PluginId::new("shop"),
        }
    }

    async fn begin(&self) -> Box<dyn CatalogImport> {
        let by = LeaseHolder {
            host: HostId::new("host_1"),
            lease: Duration::from_secs(30),
        };
        let begun = self
            .catalogs
            .begin_catalog_import(&self.merchant, &by, ImportMode::Replace, Timestamp(1));
        let mut import = begun.await.unwrap();
        let row = CatalogRow {
            id: ItemId::new("sku-0"),
            line: 2,
            content: b"counted".to_vec(),
        };
        import.write(vec![CatalogWrite::Item(row)]).await.unwrap();
        import
    }

    /// Notes the resets of an import that has not ended.
    async fn note(&self, import: &dyn CatalogImport, sha256: &str) {
        let noted = ResettingImport {
            version: import.version(),
            record: record(sha256),
            makes_version: true,
            plugin: PluginId::new("shop"),
        };
        let counters = (0..ITEMS).map(|number| (ItemId::new(format!("sku-{number}")), -2));
        self.resets().note(&noted, &counters.collect()).await.unwrap();
    }

    /// The counters of the first and of the last item, in the order of their ids: each is of another part.
    async fn counters(&self) -> [i64; 2] {
        let ids = (0..ITEMS).map(|number| format!("{SOLD}sku-{number}"));
        let last = ids.max().unwrap();
        let first = self
            .store
            .counter(&self.stock(), &format!("{SOLD}sku-0"))
            .await
            .unwrap();
        [first, self.store.counter(&self.stock(), &last).await.unwrap()]
    }
}

fn record(sha256: &str) -> ImportRecord {
    ImportRecord {
        source: "counted.csv".to_owned(),
        sha256: sha256.to_owned(),
        mode: ImportMode::Replace,
        by: "operator:ada".to_owned(),
        refused: 0,
    }
}

#[tokio::test]
async fn what_was_sold_before_an_import_in_force_is_taken_from_each_counter_once() {
    let shop = Shop::open().await;
    let import = shop.begin().await;
    shop.note(import.as_ref(), "c0").await;
    shop.resets().settle(false).await.unwrap();
    assert_eq!(shop.counters().await, [-3, -3], "the import has not ended");
    import.finish(record("c0"), Timestamp(2)).await.unwrap();
    // A host that dies here leaves it to the next start; one that dies within it, the rest of it.
    shop.resets().settle(false).await.unwrap();
    assert_eq!(shop.counters().await, [-1, -1]);
    shop.resets().settle(false).await.unwrap();
    shop.resets().settle(true).await.unwrap();
    assert_eq!(shop.counters().await, [-1, -1]);
    shop.engine.close().await;
}

#[tokio::test]
async fn a_crash_among_the_parts_leaves_the_rest() {
    let shop = Shop::open().await;
    let import = shop.begin().await;
    shop.note(import.as_ref(), "c0").await;
    import.finish(record("c0"), Timestamp(2)).await.unwrap();
    let (note, _) = shop.resets().noted(1).await.unwrap().unwrap();
    let mut writes: Vec<StagedWrite> = shop.resets().additions(&note).collect();
    writes.push(shop.resets().put(1, None));
    shop.resets().commit(Vec::new(), writes).await.unwrap();
    shop.resets().settle(false).await.unwrap();
    assert_eq!(shop.counters().await, [-1, -1]);
}

#[tokio::test]
async fn an_import_that_never_came_into_force_resets_nothing() {
    let shop = Shop::open().await;
    let import = shop.begin().await;
    shop.note(import.as_ref(), "c0").await;
    drop(import);
    // The next one has the same number, and another file.
    let next = shop.begin().await;
    shop.resets().settle(true).await.unwrap();
    next.finish(record("d1"), Timestamp(2)).await.unwrap();
    shop.resets().settle(false).await.unwrap();
    assert_eq!(shop.counters().await, [-3, -3]);
    assert!(shop.resets().noted(0).await.unwrap().is_none() && shop.resets().noted(1).await.unwrap().is_none());
}

#[tokio::test]
async fn parts_of_another_import_are_left_alone() {
    let shop = Shop::open().await;
    let import = shop.begin().await;
    shop.note(import.as_ref(), "c0").await;
    import.finish(record("c0"), Timestamp(2)).await.unwrap();
    let (mut later, _) = shop.resets().noted(1).await.unwrap().unwrap();
    later.import.record = record("d1");
    let value = serde_json::to_vec(&later).unwrap();
    let put = shop.resets().put(1, Some(value));
    shop.resets().commit(Vec::new(), vec![put]).await.unwrap();
    shop.resets().settle(false).await.unwrap();
    assert_eq!(shop.counters().await, [-1, -3]);
}
