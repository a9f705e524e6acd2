//! Tests of the file of the catalogs. What every engine must do is in `tests/store`.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use super::fixtures::*;
use super::{Folder, SqliteStore, inspect, size};
use crate::sqlite::Staging;
use tillhouse_checkout::catalog::{CatalogRow, CatalogVersion, CatalogWrite, ImportMode, ImportRecord, StoredCatalog};
use tillhouse_checkout::ids::{HostId, ItemId};
use tillhouse_checkout::lease::LeaseHolder;
use tillhouse_checkout::ports::{CatalogImport, CatalogStore, FeedQueue, Store, StoreMaintenance, UploadedItem};
use tillhouse_checkout::session::Session;

fn items(count: u64, content: &str) -> Vec<CatalogWrite> {
    let item = |n| {
        CatalogWrite::Item(CatalogRow {
            id: ItemId::new(format!("sku-{n:06}")),
            line: n + 2,
            content: content.as_bytes().to_vec(),
        })
    };
    (0..count).map(item).collect()
}

async fn begin(store: &SqliteStore) -> Box<dyn CatalogImport> {
    let by = LeaseHolder {
        host: HostId::new("host_a"),
        lease: Duration::from_secs(30),
    };
    let merchant = merchant();
    let begun = store.begin_catalog_import(&merchant, &by, ImportMode::Replace, START);
    begun.await.unwrap()
}

async fn finish(import: Box<dyn CatalogImport>) -> StoredCatalog {
    let record = ImportRecord {
        source: "products.csv".to_owned(),
        sha256: "00".to_owned(),
        mode: ImportMode::Replace,
        by: "operator:ada".to_owned(),
        refused: 0,
    };
    import.finish(record, START).await.unwrap()
}

async fn import(store: &SqliteStore, rows: Vec<CatalogWrite>) -> StoredCatalog {
    let mut import = begin(store).await;
    assert_eq!(import.write(rows).await.unwrap(), []);
    finish(import).await
}

async fn rows(store: &SqliteStore, version: u64) -> Vec<CatalogRow> {
    let merchant = merchant();
    let page = store.catalog_page(&merchant, CatalogVersion(version), None, 100_000);
    page.await.unwrap()
}

#[tokio::test]
async fn there_is_no_file_before_the_first_import() {
    let folder = Folder::new();
    let store = folder.open().unwrap();
    assert_eq!(store.catalog(&merchant()).await.unwrap(), None);
    assert_eq!(store.catalog_versions(&merchant(), 9).await.unwrap(), []);
    assert_eq!(store.forget_catalog_versions(&merchant(), START, &[]).await.unwrap(), 0);
    assert!(!folder.path().join("catalog.db").exists());
}

#[tokio::test]
async fn what_was_imported_is_there_after_a_restart_and_the_log_is_cut() {
    let folder = Folder::new();
    let store = folder.open().unwrap();
    let stored = import(&store, items(5000, "a mug")).await;
    let before = rows(&store, 1).await;
    store.close().await;
    assert_eq!(size(&folder.path().join("catalog.db-wal")), 0);
    let store = folder.open().unwrap();
    assert_eq!(store.catalog(&merchant()).await.unwrap(), Some(stored));
    assert_eq!(rows(&store, 1).await, before);
    assert_eq!(before.len(), 5000);
}

#[tokio::test]
async fn a_crash_in_an_import_leaves_nothing_of_it() {
    let (folder, copy) = (Folder::new(), Folder::new());
    let store = folder.open().unwrap();
    import(&store, items(100, "a mug")).await;
    let mut import = begin(&store).await;
    // More than the page cache holds: the log has pages of the import.
    import.write(items(60_000, &"another mug ".repeat(80))).await.unwrap();
    assert!(size(&folder.path().join("catalog.db-wal")) > 1 << 20);
    copy.open().unwrap().close().await;
    for file in ["catalog.db", "catalog.db-wal"] {
        fs::copy(folder.path().join(file), copy.path().join(file)).unwrap();
    }
    let store = copy.open().unwrap();
    assert_eq!(store.catalog(&merchant()).await.unwrap().unwrap().items, 100);
    assert_eq!(rows(&store, 1).await.len(), 100);
}

#[tokio::test]
async fn a_store_that_closes_ends_an_import_without_a_trace() {
    let folder = Folder::new();
    let store = folder.open().unwrap();
    let mut import = begin(&store).await;
    import.write(items(10, "a mug")).await.unwrap();
    store.close().await;
    let error = import.write(items(10, "a mug")).await.unwrap_err();
    assert!(error.to_string().contains("closed"), "{error}");
    assert_eq!(folder.open().unwrap().catalog(&merchant()).await.unwrap(), None);
}

#[tokio::test]
async fn a_backup_has_the_catalogs_in_a_file_beside_it() {
    let (folder, restored) = (Folder::new(), Folder::new());
    let store = folder.open().unwrap();
    let to = folder.path().join("backup.db");
    let copied = store.backup(&to).await.unwrap();
    assert_eq!(copied.catalogs, None);
    assert!(!Staging::prepare(&to, &restored.path()).unwrap().has_catalogs());

    let stored = import(&store, items(100, "a mug")).await;
    let to = folder.path().join("second.db");
    let file = store.backup(&to).await.unwrap().catalogs.unwrap().file;
    assert_eq!(file, folder.path().join("second.db.catalogs"));
    let staging = Staging::prepare(&to, &restored.path()).unwrap();
    assert!(staging.has_catalogs());
    staging.finish().unwrap();
    let back = restored.open().unwrap();
    assert_eq!(back.catalog(&merchant()).await.unwrap(), Some(stored));
    assert_eq!(rows(&back, 1).await, rows(&store, 1).await);
    // A file that is not one of catalogs is not taken for one.
    fs::copy(&to, &file).unwrap();
    let error = Staging::prepare(&to, &Folder::new().path()).unwrap_err().to_string();
    assert!(error.contains("is not a Tillhouse store"), "{error}");
}

#[tokio::test]
async fn damage_of_the_catalogs_is_found_and_named() {
    let folder = Folder::new();
    let store = folder.open().unwrap();
    import(&store, items(5000, "a mug")).await;
    store.close().await;
    let file = folder.path().join("catalog.db");
    let mut bytes = fs::read(&file).unwrap();
    bytes[8192..16384].fill(0x2a);
    fs::write(&file, bytes).unwrap();
    let health = inspect(&folder.path()).unwrap().unwrap();
    assert!(health.damage[0].starts_with("catalog.db: "), "{:?}", health.damage);
    // Money does not depend on it.
    let store = folder.open().unwrap();
    store.commit(insert_session(session("cs_1", 1))).await.unwrap();
    let merchant = merchant();
    let page = store.catalog_page(&merchant, CatalogVersion(1), None, 100_000).await;
    let error = page.unwrap_err().to_string();
    assert!(
        error.contains("catalog.db is damaged") && error.contains("remove the file"),
        "{error}"
    );
}

#[tokio::test]
async fn catalogs_of_a_newer_host_are_refused_by_name() {
    let folder = Folder::new();
    let store = folder.open().unwrap();
    import(&store, items(1, "a mug")).await;
    store.close().await;
    let db = rusqlite::Connection::open(folder.path().join("catalog.db")).unwrap();
    db.pragma_update(None, "user_version", 7).unwrap();
    drop(db);
    let health = inspect(&folder.path()).unwrap().unwrap();
    assert_eq!(health.damage.len(), 1);
    assert!(health.damage[0].contains("has schema version 7"), "{:?}", health.damage);
    let store = folder.open().unwrap();
    let error = store.catalog(&merchant()).await.unwrap_err().to_string();
    assert!(
        error.contains("has schema version 7") && error.contains("import the catalogs again"),
        "{error}"
    );
}

#[tokio::test]
async fn rows_that_are_the_same_are_not_written_again() {
    let folder = Folder::new();
    let store = folder.open().unwrap();
    import(&store, items(5000, &"a mug ".repeat(40))).await;
    store.close().await;
    let before = fs::read(folder.path().join("catalog.db")).unwrap();
    let store = folder.open().unwrap();
    let moved = items(5000, &"a mug ".repeat(40)).into_iter().rev().collect();
    assert_eq!(import(&store, moved).await.version, CatalogVersion(1));
    let again = rows(&store, 1).await;
    assert_eq!((again[0].line, again[4999].line), (2, 5001));
    store.close().await;
    let after = fs::read(folder.path().join("catalog.db")).unwrap();
    let changed = before.chunks(4096).zip(after.chunks(4096)).filter(|(a, b)| a != b);
    assert!(changed.count() < 20, "only what says that nothing changed");
}

#[tokio::test]
async fn numbers_of_versions_go_on_after_the_file_of_the_catalogs_was_removed() {
    let folder = Folder::new();
    let store = folder.open().unwrap();
    for price in ["5.00", "6.00", "7.00"] {
        import(&store, items(1, price)).await;
    }
    let quoted = Session {
        catalog: Some(CatalogVersion(3)),
        ..session("cs_1", 1)
    };
    store.commit(insert_session(quoted)).await.unwrap();
    store.close().await;
    for file in ["catalog.db", "catalog.db-wal", "catalog.db-shm"] {
        fs::remove_file(folder.path().join(file)).ok();
    }
    let store = folder.open().unwrap();
    assert_eq!(store.catalog(&merchant()).await.unwrap(), None);
    let next = import(&store, items(1, "8.00")).await;
    assert_eq!(
        next.version,
        CatalogVersion(4),
        "the quoted number is not that of other rows"
    );
    assert_eq!(import(&store, items(1, "9.00")).await.version, CatalogVersion(5));
}

#[tokio::test]
async fn an_import_that_finds_no_room_is_refused_before_it_begins() {
    let folder = Folder::new();
    let store = folder.open().unwrap();
    store.ensure_catalog_room(1).unwrap();
    let error = store.ensure_catalog_room(u64::MAX).unwrap_err().to_string();
    assert!(
        error.contains("free disk space") && error.contains("make room"),
        "{error}"
    );
}

#[tokio::test]
async fn what_was_uploaded_is_remembered_once_an_import_is_over() {
    let folder = Folder::new();
    let store = Arc::new(folder.open().unwrap());
    let mut import = begin(&store).await;
    import.write(items(10, "a mug")).await.unwrap();
    let uploaded = UploadedItem {
        id: ItemId::new("mug"),
        content: b"offered".to_vec(),
    };
    let (writer, item) = (Arc::clone(&store), uploaded.clone());
    let remembering = tokio::spawn(async move {
        let items = [item];
        writer.remember_uploaded_items(&merchant(), "stripe", &items, &[]).await
    });
    finish(import).await;
    remembering.await.unwrap().unwrap();
    let found = store.uploaded_items(&merchant(), "stripe", &[ItemId::new("mug")]).await;
    assert_eq!(found.unwrap(), [Some(uploaded)]);
}
