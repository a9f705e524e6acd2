//! Versions, the grace time, and the cache, over a store whose reads are counted.

mod counted_store;

use std::sync::Arc;
use std::time::Duration;

use super::{CatalogCacheSettings, StoredCatalogs};
use crate::{CatalogReadError, CatalogReader};
use counted_store::CountedStore;
use tillhouse_checkout::catalog::CatalogVersion;
use tillhouse_checkout::ids::{ItemId, MerchantId};
use tillhouse_checkout::time::Timestamp;

const GRACE: Duration = Duration::from_secs(900);
const START: Timestamp = Timestamp(1_700_000_000_000);
const FIRST: Option<CatalogVersion> = Some(CatalogVersion(1));
const SECOND: Option<CatalogVersion> = Some(CatalogVersion(2));

fn acme() -> MerchantId {
    MerchantId::new("acme")
}

/// One merchant's catalog over a store.
struct Shop {
    store: Arc<CountedStore>,
    catalogs: StoredCatalogs,
}

impl Shop {
    fn new() -> Self {
        Self::with_cache(CatalogCacheSettings::default().bytes)
    }

    fn with_cache(bytes: u64) -> Self {
        let store = Arc::new(CountedStore::default());
        let settings = CatalogCacheSettings { bytes, grace: GRACE };
        Self {
            catalogs: StoredCatalogs::new(Arc::clone(&store) as _, settings),
            store,
        }
    }

    async fn open(&self, pinned: Option<CatalogVersion>, now: Timestamp) -> Arc<dyn CatalogReader> {
        self.catalogs.of(&acme()).open(pinned, now).await.unwrap()
    }
}

/// Title of each item; `-` for one that is not there.
async fn titles(reader: &Arc<dyn CatalogReader>, ids: &[&str]) -> Vec<String> {
    let ids: Vec<ItemId> = ids.iter().copied().map(ItemId::new).collect();
    let items = reader.items(&ids).await.unwrap();
    let title = |item: &Option<Arc<crate::Item>>| match item {
        Some(item) => item.description.title.clone(),
        None => "-".to_owned(),
    };
    items.iter().map(title).collect()
}

#[tokio::test]
async fn before_the_first_import_there_is_no_version_and_no_item() {
    let shop = Shop::new();
    let reader = shop.open(FIRST, START).await;
    assert_eq!(reader.version(), None);
    assert_eq!(titles(&reader, &["tee", "mug"]).await, ["-", "-"]);
    assert_eq!(shop.store.reads(), Vec::<Vec<String>>::new());
}

#[tokio::test]
async fn two_versions_are_read_at_once_while_one_replaces_the_other() {
    let shop = Shop::new();
    shop.store.import("acme", START, &[("tee", "Tee"), ("mug", "Mug")]);
    let before = shop.open(None, START).await;
    shop.store.import("acme", START.after(GRACE), &[("tee", "New tee")]);
    let after = shop.open(None, START.after(GRACE)).await;
    assert_eq!((before.version(), after.version()), (FIRST, SECOND));
    for _ in 0..2 {
        assert_eq!(titles(&before, &["tee", "mug"]).await, ["Tee", "Mug"]);
        assert_eq!(titles(&after, &["tee", "mug"]).await, ["New tee", "-"]);
    }
}

#[tokio::test]
async fn a_pinned_version_is_read_until_its_grace_time_is_over() {
    let shop = Shop::new();
    shop.store.import("acme", START, &[("tee", "Tee")]);
    let switched = START.after(Duration::from_secs(3600));
    for (pinned, now, version) in [(FIRST, START, FIRST), (SECOND, START, FIRST)] {
        assert_eq!(shop.open(pinned, now).await.version(), version, "{pinned:?} at {now:?}");
    }
    shop.store.import("acme", switched, &[("tee", "New tee")]);
    let last = Timestamp(switched.after(GRACE).0 - 1);
    for (pinned, now, version) in [
        (FIRST, switched, FIRST),
        (FIRST, last, FIRST),
        (FIRST, switched.after(GRACE), SECOND),
        (SECOND, switched.after(GRACE), SECOND),
        (None, switched, SECOND),
        // One that a restored store lacks, and one that was forgotten.
        (Some(CatalogVersion(9)), switched, SECOND),
        (Some(CatalogVersion(0)), switched, SECOND),
    ] {
        assert_eq!(shop.open(pinned, now).await.version(), version, "{pinned:?} at {now:?}");
    }
}

#[tokio::test]
async fn a_pinned_version_is_read_although_others_come_into_force_at_that_moment() {
    let shop = Shop::new();
    for title in ["First", "Second", "Third"] {
        shop.store.import("acme", START, &[("tee", title)]);
    }
    shop.store.overtake_looks();
    assert_eq!(shop.open(FIRST, START).await.version(), FIRST);
}

#[tokio::test]
async fn what_is_cached_is_not_read_again_and_what_is_missing_is_read_at_once() {
    let shop = Shop::new();
    shop.store
        .import("acme", START, &[("tee", "Tee"), ("mug", "Mug"), ("cup", "Cup")]);
    let reader = shop.open(None, START).await;
    assert_eq!(titles(&reader, &["tee", "gone"]).await, ["Tee", "-"]);
    let another = shop.open(None, START).await;
    assert_eq!(
        titles(&another, &["gone", "mug", "tee", "cup"]).await,
        ["-", "Mug", "Tee", "Cup"]
    );
    assert_eq!(titles(&reader, &["cup", "gone", "mug"]).await, ["Cup", "-", "Mug"]);
    assert_eq!(shop.store.reads(), [vec!["tee", "gone"], vec!["mug", "cup"]]);
}

#[tokio::test]
async fn merchants_do_not_share_items() {
    let shop = Shop::new();
    shop.store.import("acme", START, &[("tee", "Tee")]);
    shop.store.import("other", START, &[("tee", "Another tee")]);
    let acme = shop.open(None, START).await;
    let other = shop
        .catalogs
        .of(&MerchantId::new("other"))
        .open(None, START)
        .await
        .unwrap();
    assert_eq!(titles(&acme, &["tee"]).await, ["Tee"]);
    assert_eq!(titles(&other, &["tee"]).await, ["Another tee"]);
}

#[tokio::test]
async fn an_error_of_the_store_is_an_error_and_is_not_remembered() {
    let shop = Shop::new();
    shop.store.import("acme", START, &[("tee", "Tee")]);
    let reader = shop.open(None, START).await;
    shop.store.fail(true);
    let ids = [ItemId::new("tee"), ItemId::new("gone")];
    let error = reader.items(&ids).await.unwrap_err();
    assert!(matches!(error, CatalogReadError::Store(_)), "{error}");
    shop.catalogs.of(&acme()).open(None, START).await.unwrap_err();
    shop.store.fail(false);
    assert_eq!(titles(&reader, &["tee", "gone"]).await, ["Tee", "-"]);
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_an_error_that_names_it() {
    let shop = Shop::new();
    shop.store.import("acme", START, &[("tee", "Tee")]);
    shop.store.damage("acme", "tee");
    let reader = shop.open(None, START).await;
    let error = reader.items(&[ItemId::new("tee")]).await.unwrap_err().to_string();
    assert!(
        error.starts_with("version 1 of the catalog of acme has a row for item tee that cannot be read: "),
        "{error}"
    );
}

#[tokio::test]
async fn the_cache_takes_no_more_than_its_bytes_whatever_is_asked_for() {
    const BYTES: u64 = 100_000;
    let shop = Shop::with_cache(BYTES);
    let names: Vec<String> = (0..500).map(|number| format!("item-{number}")).collect();
    let items: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), name.as_str())).collect();
    shop.store.import("acme", START, &items);
    let reader = shop.open(None, START).await;
    for name in &names {
        assert_eq!(titles(&reader, &[name]).await.first(), Some(name));
        let absent = format!("absent-{name}");
        assert_eq!(titles(&reader, &[&absent]).await, ["-"]);
    }
    let bytes = shop.catalogs.0.items.bytes().await;
    assert!(bytes <= BYTES && bytes > BYTES / 2, "{bytes}");
}

#[tokio::test]
async fn a_version_of_a_restored_store_is_not_that_of_before_with_the_same_number() {
    let shop = Shop::new();
    shop.store.import("acme", START, &[("tee", "Lost")]);
    assert_eq!(titles(&shop.open(None, START).await, &["tee"]).await, ["Lost"]);
    shop.store.lose("acme");
    shop.store.import("acme", START.after(GRACE), &[("tee", "Tee")]);
    let reader = shop.open(FIRST, START.after(GRACE)).await;
    assert_eq!(
        (reader.version(), titles(&reader, &["tee"]).await),
        (FIRST, vec!["Tee".to_owned()])
    );
}

#[tokio::test]
async fn items_that_are_asked_for_at_once_are_bounded_by_their_bytes() {
    let shop = Shop::new();
    let ids: Vec<String> = (0..120).map(|number| format!("tee-{number}")).collect();
    let title = "a long title ".repeat(50_000);
    let items: Vec<(&str, &str)> = ids.iter().map(|id| (id.as_str(), title.as_str())).collect();
    shop.store.import("acme", START, &items);
    let reader = shop.open(None, START).await;
    let ids: Vec<ItemId> = ids.iter().map(ItemId::new).collect();
    let error = reader.items(&ids).await.unwrap_err();
    assert!(matches!(error, CatalogReadError::TooLarge { .. }), "{error}");
    assert!(error.to_string().contains("ask for fewer"));
    let found = reader.items(&ids[..60]).await.unwrap();
    assert_eq!(found.iter().flatten().count(), 60);
}
