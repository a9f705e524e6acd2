//! Which versions are forgotten, over a store in a temporary folder.

#![allow(clippy::unwrap_used, reason = "tests")]

use tempfile::TempDir;

use super::*;
use tillhouse_catalog::{CatalogImporter, FeedFile, ImportRequest};
use tillhouse_checkout::catalog::{CatalogKind, CatalogVersion};
use tillhouse_checkout::feed::{FeedMode, FeedStatus, FeedTransport, FeedType, FeedUpload};
use tillhouse_checkout::ids::{FeedUploadId, HostId};
use tillhouse_checkout::lease::LeaseHolder;
use tillhouse_store::{SqliteSettings, StoreEngine, StoreSettings};

use crate::clock_and_ids::SystemClock;

/// A store with versions that came into force at 1, 2, 3 … seconds.
async fn with_versions(number: u64) -> (TempDir, StoreEngine) {
    let folder = tempfile::tempdir().unwrap();
    let settings = StoreSettings::Sqlite(SqliteSettings::new(folder.path().join("store")));
    let engine = StoreEngine::open(&settings, Arc::new(SystemClock)).await.unwrap();
    let holder = LeaseHolder {
        host: HostId::new("host_1"),
        lease: Duration::from_secs(30),
    };
    let importer = CatalogImporter::new(engine.catalogs(), holder);
    for version in 1..=number {
        let path = folder.path().join("catalog.csv");
        std::fs::write(
            &path,
            format!("id,title,price,availability\na,A,{version}.00 USD,in_stock\n"),
        )
        .unwrap();
        let request = ImportRequest::replacing(merchant(), FeedFile::product(path), "host:host_1".to_owned());
        let now = Timestamp(version * 1000);
        let prepared = importer.prepare(&request, &Arc::default(), now).await.unwrap();
        assert_eq!(prepared.finish(now).await.unwrap().now.version, CatalogVersion(version));
    }
    (folder, engine)
}

fn merchant() -> MerchantId {
    MerchantId::new("acme")
}

async fn forget_before(engine: &StoreEngine, seconds: u64) -> u64 {
    let (store, feeds) = (engine.catalogs(), engine.feeds());
    let before = Timestamp(seconds * 1000);
    forget(&store, feeds.as_ref(), (&merchant(), CatalogKind::Product), before)
        .await
        .unwrap()
}

async fn has_rows(engine: &StoreEngine, version: u64) -> bool {
    let page = engine
        .catalogs()
        .catalog_page(&merchant(), CatalogVersion(version), None, 1)
        .await;
    page.is_ok_and(|rows| rows.len() == 1)
}

#[tokio::test]
async fn versions_that_are_over_are_forgotten_and_the_one_in_force_never() {
    let (_folder, engine) = with_versions(3).await;
    assert_eq!(forget_before(&engine, 2).await, 0, "the first one ended at 2");
    assert!(has_rows(&engine, 1).await);
    assert_eq!(forget_before(&engine, 3).await, 1);
    assert!(!has_rows(&engine, 1).await && has_rows(&engine, 2).await);
    let _ = forget_before(&engine, 1000).await;
    assert!(!has_rows(&engine, 2).await && has_rows(&engine, 3).await);
    let known = engine.catalogs().catalog_versions(&merchant(), 10).await.unwrap();
    assert_eq!(known.len(), 3, "their records stay");
}

#[tokio::test]
async fn a_version_that_an_upload_is_rendered_from_is_kept() {
    let (_folder, engine) = with_versions(3).await;
    let upload = FeedUpload {
        id: FeedUploadId::new("feed_1"),
        merchant: merchant(),
        destination: "stripe".to_owned(),
        transport: FeedTransport::CatalogImports,
        feed: FeedType::Product,
        mode: FeedMode::Replace,
        version: CatalogVersion(1),
        rows: None,
        asked: Timestamp(1),
        by: "schedule".to_owned(),
        status: FeedStatus::Asked,
        remote: Default::default(),
        counts: Default::default(),
        sha256: None,
        problem: None,
        tries: 0,
        next_try: Timestamp(1),
        ended: None,
        begun: None,
        epoch: 0,
    };
    engine.feeds().insert_feed_upload(&upload, true).await.unwrap();
    let _ = forget_before(&engine, 1000).await;
    assert!(has_rows(&engine, 1).await && !has_rows(&engine, 2).await && has_rows(&engine, 3).await);
}
