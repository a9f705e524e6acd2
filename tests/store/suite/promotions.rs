//! Promotions: a catalog of each merchant beside that of its items, with the same rules.

use std::sync::Arc;

use tillhouse_checkout::catalog::{CatalogKind, CatalogRow, CatalogVersion, CatalogWrite, ImportMode, StoredCatalog};
use tillhouse_checkout::ports::{CatalogStore, catalogs_of};

use super::Subject;
use super::catalogs::{acme, delete, import, item, record, row};
use super::fixtures::*;
use ImportMode::{Replace, Upsert};

fn promotions(subject: &Subject) -> Arc<dyn CatalogStore> {
    catalogs_of(&subject.catalogs, CatalogKind::Promotion)
}

async fn import_promotions(subject: &Subject, mode: ImportMode, at: u64, rows: Vec<CatalogWrite>) -> StoredCatalog {
    let store = promotions(subject);
    let by = host("a");
    let begun = store.begin_catalog_import(acme(), &by, mode.clone(), later(at));
    let mut import = begun.await.unwrap();
    assert_eq!(import.write(rows).await.unwrap(), []);
    import.finish(record(mode), later(at)).await.unwrap()
}

async fn page(store: &dyn CatalogStore, version: u64) -> Vec<CatalogRow> {
    let page = store.catalog_page(acme(), CatalogVersion(version), None, 100);
    page.await.unwrap()
}

pub(crate) async fn promotions_and_items_do_not_mix(subject: &Subject) {
    let items = import(
        subject,
        Replace,
        0,
        vec![item("mug", 2, "5.00"), item("tee", 3, "20.00")],
    )
    .await;
    assert_eq!(promotions(subject).catalog(acme()).await.unwrap(), None);
    let first = import_promotions(subject, Replace, 1, vec![item("mug", 2, "percent_off")]).await;
    assert_eq!((first.version, first.items), (CatalogVersion(1), 1));
    assert_eq!(first.merchant, *acme());
    assert_eq!(promotions(subject).catalog(acme()).await.unwrap(), Some(first));
    assert_eq!(subject.catalogs.catalog(acme()).await.unwrap(), Some(items));
    assert_eq!(
        page(promotions(subject).as_ref(), 1).await,
        [row("mug", 2, "percent_off")]
    );
    assert_eq!(
        page(subject.catalogs.as_ref(), 1).await,
        [row("mug", 2, "5.00"), row("tee", 3, "20.00")]
    );
    let versions = promotions(subject).catalog_versions(acme(), 10).await.unwrap();
    assert_eq!(versions.len(), 1);
}

pub(crate) async fn promotions_are_replaced_changed_deleted_and_forgotten(subject: &Subject) {
    let store = promotions(subject);
    let first = vec![item("spring", 2, "20"), item("summer", 3, "10")];
    let _ = import_promotions(subject, Replace, 0, first).await;
    let changed = import_promotions(subject, Upsert, 10, vec![item("fall", 2, "5"), delete("spring", 3)]).await;
    assert_eq!((changed.items, changed.changed, changed.deleted), (2, 1, 1));
    let between = (CatalogVersion(1), CatalogVersion(2));
    let changes = store.catalog_changes(acme(), between, None, 10).await.unwrap();
    let ids: Vec<_> = changes
        .iter()
        .map(|change| (change.id.as_str(), change.now.is_some()))
        .collect();
    assert_eq!(ids, [("fall", true), ("spring", false)]);
    let last = import_promotions(subject, Replace, 20, Vec::new()).await;
    assert_eq!((last.version, last.items, last.deleted), (CatalogVersion(3), 0, 2));

    let _ = import(subject, Replace, 0, vec![item("mug", 2, "5.00")]).await;
    let _ = import(subject, Replace, 10, vec![item("mug", 2, "6.00")]).await;
    assert!(store.forget_catalog_versions(acme(), later(1000), &[]).await.unwrap() > 0);
    assert_eq!(page(subject.catalogs.as_ref(), 1).await, [row("mug", 2, "5.00")]);
    assert!(store.catalog_page(acme(), CatalogVersion(1), None, 10).await.is_err());
}
