//! Catalogs in versions: what an import makes of them, and what those who read see meanwhile.

use std::sync::LazyLock;

use tillhouse_checkout::catalog::{
    CatalogRow, CatalogVersion, CatalogWrite, DuplicateRow, ImportMode, ImportRecord, StoredCatalog,
};
use tillhouse_checkout::ids::{ItemId, MerchantId};
use tillhouse_checkout::ports::{BeginImportError, CatalogImport};

use super::Subject;
use super::fixtures::*;
use ImportMode::{Replace, Upsert};

/// The merchant of most tests, for calls whose answer is awaited later.
pub(super) fn acme() -> &'static MerchantId {
    static ACME: LazyLock<MerchantId> = LazyLock::new(merchant);
    &ACME
}

pub(super) fn item(id: &str, line: u64, content: &str) -> CatalogWrite {
    CatalogWrite::Item(row(id, line, content))
}

pub(super) fn row(id: &str, line: u64, content: &str) -> CatalogRow {
    CatalogRow {
        id: ItemId::new(id),
        line,
        content: content.as_bytes().to_vec(),
    }
}

pub(super) fn delete(id: &str, line: u64) -> CatalogWrite {
    CatalogWrite::Delete {
        id: ItemId::new(id),
        line,
    }
}

pub(super) fn record(mode: ImportMode) -> ImportRecord {
    ImportRecord {
        source: "products.csv".to_owned(),
        sha256: "b5bb9d".to_owned(),
        mode,
        by: "operator:ada".to_owned(),
        refused: 2,
    }
}

async fn begin(subject: &Subject, mode: ImportMode) -> Box<dyn CatalogImport> {
    let by = host("a");
    let begun = subject.catalogs.begin_catalog_import(acme(), &by, mode, START);
    begun.await.unwrap()
}

async fn finish(import: Box<dyn CatalogImport>, at: u64) -> StoredCatalog {
    import.finish(record(Replace), later(at)).await.unwrap()
}

/// Imports one batch, at so many milliseconds after the start.
pub(super) async fn import(subject: &Subject, mode: ImportMode, at: u64, rows: Vec<CatalogWrite>) -> StoredCatalog {
    let mut import = begin(subject, mode).await;
    assert_eq!(import.write(rows).await.unwrap(), []);
    finish(import, at).await
}

async fn page(subject: &Subject, version: u64) -> Vec<CatalogRow> {
    let page = subject
        .catalogs
        .catalog_page(acme(), CatalogVersion(version), None, 1000);
    page.await.unwrap()
}

pub(super) async fn content(subject: &Subject, version: u64, id: &str) -> Option<String> {
    let ids = [ItemId::new(id)];
    let rows = subject.catalogs.catalog_rows(acme(), CatalogVersion(version), &ids);
    let row = rows.await.unwrap().remove(0)?;
    Some(String::from_utf8(row.content).unwrap())
}

/// What a stored version says of itself: its number, its items, those changed, those deleted.
fn counted(stored: &StoredCatalog) -> (u64, u64, u64, u64) {
    (stored.version.0, stored.items, stored.changed, stored.deleted)
}

pub(crate) async fn an_import_makes_the_next_version_and_those_before_stay(subject: &Subject) {
    assert_eq!(subject.catalogs.catalog(acme()).await.unwrap(), None);
    let first = import(
        subject,
        Replace,
        0,
        vec![item("mug", 2, "5.00"), item("tee", 3, "20.00"), item("cap", 4, "9.00")],
    )
    .await;
    assert_eq!(counted(&first), (1, 3, 3, 0));
    let second = import(
        subject,
        Replace,
        10,
        vec![item("mug", 2, "5.00"), item("tee", 3, "25.00"), item("pen", 4, "1.00")],
    )
    .await;
    assert_eq!(counted(&second), (2, 3, 2, 1));
    assert_eq!(second.import, record(Replace));
    assert_eq!((second.since, second.until), (later(10), None));
    assert_eq!(
        page(subject, 1).await,
        [row("cap", 4, "9.00"), row("mug", 2, "5.00"), row("tee", 3, "20.00")]
    );
    assert_eq!(
        page(subject, 2).await,
        [row("mug", 2, "5.00"), row("pen", 4, "1.00"), row("tee", 3, "25.00")]
    );
    let first = StoredCatalog {
        until: Some(later(10)),
        ..first
    };
    let versions = subject.catalogs.catalog_versions(acme(), 10).await.unwrap();
    assert_eq!(versions, [second.clone(), first]);
    assert_eq!(subject.catalogs.catalog(acme()).await.unwrap(), Some(second));
}

pub(crate) async fn rows_are_read_by_id_in_the_order_of_the_ids(subject: &Subject) {
    import(
        subject,
        Replace,
        0,
        vec![item("mug", 2, "5.00"), item("tee", 3, "20.00")],
    )
    .await;
    import(subject, Upsert, 0, vec![item("tee", 2, "25.00"), delete("mug", 3)]).await;
    let ids = ["tee", "none", "mug", "tee"].map(ItemId::new);
    let read = async |version| {
        let rows = subject.catalogs.catalog_rows(acme(), CatalogVersion(version), &ids);
        let rows = rows.await.unwrap().into_iter();
        rows.map(|row| row.map(|row| (row.line, row.content)))
            .collect::<Vec<_>>()
    };
    let (tee, mug) = (Some((3, b"20.00".to_vec())), Some((2, b"5.00".to_vec())));
    assert_eq!(read(1).await, [tee.clone(), None, mug, tee]);
    let tee = Some((2, b"25.00".to_vec()));
    assert_eq!(read(2).await, [tee.clone(), None, None, tee]);
}

pub(crate) async fn nothing_of_an_import_is_seen_before_it_is_finished(subject: &Subject) {
    import(subject, Replace, 0, vec![item("mug", 2, "5.00")]).await;
    let mut import = begin(subject, Replace).await;
    import
        .write(vec![item("mug", 2, "6.00"), item("tee", 3, "20.00")])
        .await
        .unwrap();
    assert_eq!(import.version(), CatalogVersion(2));
    let in_force = subject.catalogs.catalog(acme()).await.unwrap().unwrap();
    assert_eq!(counted(&in_force), (1, 1, 1, 0));
    assert_eq!(page(subject, 1).await, [row("mug", 2, "5.00")]);
    let ahead = subject.catalogs.catalog_page(acme(), CatalogVersion(2), None, 10);
    assert!(ahead.await.is_err(), "a version that is not there is not an empty one");
    // The import itself sees what it has done.
    let ids = ["tee", "cap", "mug"].map(ItemId::new);
    let current = import.current(&ids).await.unwrap();
    assert_eq!(
        current,
        [Some(row("tee", 3, "20.00")), None, Some(row("mug", 2, "6.00"))]
    );
    finish(import, 0).await;
    assert_eq!(content(subject, 2, "mug").await.unwrap(), "6.00");
    assert_eq!(content(subject, 1, "mug").await.unwrap(), "5.00");
}

pub(crate) async fn an_import_that_is_given_up_leaves_nothing(subject: &Subject) {
    import(subject, Replace, 0, vec![item("mug", 2, "5.00")]).await;
    let mut given_up = begin(subject, Replace).await;
    given_up
        .write(vec![item("mug", 2, "6.00"), delete("tee", 3)])
        .await
        .unwrap();
    drop(given_up);
    let next = import(subject, Upsert, 0, vec![item("tee", 2, "20.00")]).await;
    assert_eq!(counted(&next), (2, 2, 1, 0));
    assert_eq!(page(subject, 2).await, [row("mug", 2, "5.00"), row("tee", 2, "20.00")]);
}

pub(crate) async fn the_first_of_two_rows_is_kept_and_both_lines_are_told(subject: &Subject) {
    let mut import = begin(subject, Replace).await;
    let told = import
        .write(vec![
            item("mug", 2, "5.00"),
            item("tee", 3, "20.00"),
            item("mug", 4, "6.00"),
        ])
        .await
        .unwrap();
    let duplicate = |line| DuplicateRow {
        id: ItemId::new("mug"),
        first_line: 2,
        line,
    };
    assert_eq!(told, [duplicate(4)]);
    // Also in another batch, and if the rows are the same.
    assert_eq!(
        import.write(vec![item("mug", 9, "5.00")]).await.unwrap(),
        [duplicate(9)]
    );
    assert_eq!(counted(&finish(import, 0).await), (1, 2, 2, 0));
    assert_eq!(content(subject, 1, "mug").await.unwrap(), "5.00");
    // A row that is as in the version before is one as well.
    let mut again = begin(subject, Replace).await;
    let rows = vec![item("mug", 2, "5.00"), item("tee", 3, "25.00")];
    assert_eq!(again.write(rows).await.unwrap(), []);
    let told = again
        .write(vec![item("tee", 5, "20.00"), item("mug", 6, "7.00")])
        .await
        .unwrap();
    let lines: Vec<_> = told.iter().map(|it| (it.id.as_str(), it.first_line, it.line)).collect();
    assert_eq!(lines, [("tee", 3, 5), ("mug", 2, 6)]);
    finish(again, 0).await;
    assert_eq!(page(subject, 2).await, [row("mug", 2, "5.00"), row("tee", 3, "25.00")]);
}

pub(crate) async fn a_delete_wins_wherever_it_is(subject: &Subject) {
    let rows = ["mug", "tee", "cap", "pen"].map(|id| item(id, 2, "5.00"));
    import(subject, Replace, 0, rows.to_vec()).await;
    let mut import = begin(subject, Upsert).await;
    // Before its row, after it, without one, and for an item that never was.
    import
        .write(vec![delete("mug", 2), item("tee", 3, "6.00")])
        .await
        .unwrap();
    import
        .write(vec![item("mug", 4, "7.00"), item("new", 5, "1.00")])
        .await
        .unwrap();
    import
        .write(vec![
            delete("tee", 6),
            delete("cap", 7),
            delete("none", 8),
            delete("new", 9),
            delete("cap", 10),
        ])
        .await
        .unwrap();
    assert_eq!(counted(&finish(import, 0).await), (2, 1, 0, 3));
    assert_eq!(page(subject, 2).await, [row("pen", 2, "5.00")]);
    assert_eq!(page(subject, 1).await.len(), 4);
    // The next import knows nothing of these deletes.
    let back = self::import(subject, Upsert, 0, vec![item("mug", 2, "5.00")]).await;
    assert_eq!(counted(&back), (3, 2, 1, 0));
}

pub(crate) async fn rows_that_a_file_does_not_have_stay_or_go_as_asked(subject: &Subject) {
    let rows = |count: u64| {
        (0..count)
            .map(|n| item(&format!("sku-{n:05}"), n + 2, "5.00"))
            .collect()
    };
    import(subject, Replace, 0, rows(9000)).await;
    let kept = import(subject, Upsert, 0, vec![item("sku-00001", 2, "6.00")]).await;
    assert_eq!(counted(&kept), (2, 9000, 1, 0));
    let less = import(subject, Replace, 0, rows(100)).await;
    assert_eq!(counted(&less), (3, 100, 1, 8900));
    assert_eq!(page(subject, 3).await.len(), 100);
    let empty = import(subject, Replace, 0, Vec::new()).await;
    assert_eq!(counted(&empty), (4, 0, 0, 100));
    let still = subject.catalogs.catalog_page(acme(), CatalogVersion(2), None, 10_000);
    assert_eq!(still.await.unwrap().len(), 9000);
}

pub(crate) async fn a_file_that_changes_nothing_makes_no_version(subject: &Subject) {
    let first = import(
        subject,
        Replace,
        0,
        vec![item("mug", 2, "5.00"), item("tee", 3, "20.00")],
    )
    .await;
    let same = import(
        subject,
        Replace,
        10,
        vec![item("tee", 2, "20.00"), item("mug", 7, "5.00")],
    )
    .await;
    assert_eq!(same, first);
    assert_eq!(subject.catalogs.catalog_versions(acme(), 10).await.unwrap(), [first]);
    // The lines are those of the newest file.
    assert_eq!(page(subject, 1).await, [row("mug", 7, "5.00"), row("tee", 2, "20.00")]);
    // Of another file with the same rows is known that it was imported: no start imports it again over what comes later.
    let rows = || vec![item("tee", 2, "20.00"), item("mug", 7, "5.00")];
    for (sha256, source, version) in [("0ff1ce", "products.csv", 1), ("c0ffee", "others.csv", 2)] {
        let mut import = begin(subject, Replace).await;
        import.write(rows()).await.unwrap();
        let made = ImportRecord {
            sha256: sha256.to_owned(),
            source: source.to_owned(),
            ..record(Replace)
        };
        let known = import.finish(made.clone(), later(20)).await.unwrap();
        assert_eq!((known.version.0, &known.import), (version, &made));
        assert_eq!(subject.catalogs.catalog(acme()).await.unwrap(), Some(known));
    }
    // A catalog without items is a catalog.
    let other = MerchantId::new("other");
    let by = host("a");
    let import = subject.catalogs.begin_catalog_import(&other, &by, Replace, START);
    let empty = import.await.unwrap().finish(record(Replace), START).await.unwrap();
    assert_eq!(counted(&empty), (1, 0, 0, 0));
}

pub(crate) async fn one_import_of_a_merchant_runs_at_a_time(subject: &Subject) {
    let running = begin(subject, Replace).await;
    let second = subject
        .catalogs
        .begin_catalog_import(acme(), &host("b"), Replace, later(5))
        .await;
    match second.unwrap_err() {
        BeginImportError::Busy { host, since } => assert_eq!((host.as_str(), since), ("a", START)),
        BeginImportError::Store(error) => panic!("{error}"),
    }
    finish(running, 0).await;
    drop(begin(subject, Replace).await);
    drop(begin(subject, Replace).await);
}

pub(crate) async fn imports_of_other_merchants_wait_for_their_turn(subject: &Subject) {
    let other = MerchantId::new("other");
    let mut running = begin(subject, Replace).await;
    let waiting = async {
        let by = host("a");
        let begun = subject.catalogs.begin_catalog_import(&other, &by, Replace, START);
        let mut import = begun.await.unwrap();
        import.write(vec![item("mug", 2, "7.00")]).await.unwrap();
        finish(import, 0).await
    };
    let first = async {
        running.write(vec![item("mug", 2, "5.00")]).await.unwrap();
        finish(running, 0).await
    };
    let (theirs, ours) = tokio::join!(waiting, first);
    assert_eq!((counted(&ours), counted(&theirs)), ((1, 1, 1, 0), (1, 1, 1, 0)));
    assert_eq!(content(subject, 1, "mug").await.unwrap(), "5.00");
    let rows = subject.catalogs.catalog_page(&other, CatalogVersion(1), None, 10);
    assert_eq!(rows.await.unwrap(), [row("mug", 2, "7.00")]);
}
