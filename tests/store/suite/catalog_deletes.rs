//! What a file deletes: the same whatever the order of its rows, and however they are batched.

use tillhouse_checkout::catalog::{CatalogVersion, CatalogWrite, ImportMode};
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::ports::CatalogImport;

use super::Subject;
use super::catalogs::{delete, item, record};
use super::fixtures::*;

/// Rows that a file may have of one item. Two rows of an item say the same here: otherwise the first of them counts.
const OF_ONE: [&[&str]; 8] = [
    &["new"],
    &["delete"],
    &["new", "delete"],
    &["new", "new"],
    &["new", "new", "delete"],
    &["delete", "delete"],
    &["old"],
    &[],
];
const ITEMS: usize = 48;

fn id(number: usize) -> String {
    format!("sku-{number:02}")
}

fn of_one(number: usize) -> &'static [&'static str] {
    OF_ONE[number % OF_ONE.len()]
}

/// Every second item, in either kind of [`OF_ONE`] once.
fn was_there(number: usize) -> bool {
    (number / OF_ONE.len()).is_multiple_of(2)
}

/// The rows of the file in an order of its own for each number.
fn file(order: u64) -> Vec<CatalogWrite> {
    let mut rows: Vec<(u64, usize, &str)> = Vec::new();
    let mut random = order;
    for number in 0..ITEMS {
        for row in of_one(number) {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            rows.push((random >> 32, number, row));
        }
    }
    rows.sort_unstable();
    let lines = 2..;
    let rows = rows.into_iter().zip(lines);
    rows.map(|((_, number, row), line)| match row {
        "delete" => delete(&id(number), line),
        content => item(&id(number), line, content),
    })
    .collect()
}

/// What a version has of an item after the file; `None` if it does not have it.
fn expected(number: usize, mode: &ImportMode) -> Option<&'static str> {
    let rows = of_one(number);
    let kept = (*mode == ImportMode::Upsert && was_there(number)).then_some("old");
    match rows.contains(&"delete") {
        true => None,
        false => rows.first().copied().or(kept),
    }
}

async fn begin(subject: &Subject, merchant: &MerchantId, mode: ImportMode) -> Box<dyn CatalogImport> {
    let by = host("a");
    let begun = subject.catalogs.begin_catalog_import(merchant, &by, mode, START);
    begun.await.unwrap()
}

async fn check(subject: &Subject, mode: ImportMode, order: u64, batch: usize) {
    let merchant = MerchantId::new(format!("{mode}-{order}-{batch}"));
    let told = format!("{merchant}");
    let mut before = begin(subject, &merchant, ImportMode::Replace).await;
    let old = (0..ITEMS).filter(|number| was_there(*number));
    before
        .write(old.map(|number| item(&id(number), 2, "old")).collect())
        .await
        .unwrap();
    before.finish(record(ImportMode::Replace), START).await.unwrap();

    let mut import = begin(subject, &merchant, mode.clone()).await;
    let mut twice = Vec::new();
    for rows in file(order).chunks(batch) {
        let duplicates = import.write(rows.to_vec()).await.unwrap();
        for row in &duplicates {
            assert!(row.first_line < row.line, "{told}: {row:?}");
        }
        twice.extend(duplicates.into_iter().map(|row| row.id.to_string()));
    }
    twice.sort();
    let expected_twice: Vec<String> = (0..ITEMS)
        .filter(|number| of_one(*number).iter().filter(|row| **row == "new").count() == 2)
        .map(id)
        .collect();
    assert_eq!(twice, expected_twice, "{told}");
    let so_far = import.so_far();
    let written = (0..ITEMS).filter(|number| !of_one(*number).is_empty() && expected(*number, &mode).is_some());
    assert_eq!((so_far.items, so_far.differs), (written.count() as u64, true), "{told}");

    let stored = import.finish(record(mode.clone()), later(1)).await.unwrap();
    let page = subject.catalogs.catalog_page(&merchant, stored.version, None, 1000);
    let found: Vec<(String, String)> = page
        .await
        .unwrap()
        .into_iter()
        .map(|row| (row.id.to_string(), String::from_utf8(row.content).unwrap()))
        .collect();
    let items: Vec<(String, String)> = (0..ITEMS)
        .filter_map(|number| Some((id(number), expected(number, &mode)?.to_owned())))
        .collect();
    assert_eq!(found, items, "{told}");
    let before = |number: usize| was_there(number).then_some("old");
    let changed = (0..ITEMS).filter(|number| {
        let now = expected(*number, &mode);
        now.is_some() && now != before(*number)
    });
    let deleted = (0..ITEMS).filter(|number| expected(*number, &mode).is_none() && was_there(*number));
    assert_eq!(
        (stored.version, stored.items, stored.changed, stored.deleted),
        (
            CatalogVersion(2),
            items.len() as u64,
            changed.count() as u64,
            deleted.count() as u64
        ),
        "{told}"
    );
}

pub(crate) async fn deletes_do_not_depend_on_the_order_of_rows_nor_on_batches(subject: &Subject) {
    for mode in [ImportMode::Replace, ImportMode::Upsert] {
        for order in 0..4 {
            for batch in [1, 2, 7, 1000] {
                check(subject, mode.clone(), order, batch).await;
            }
        }
    }
}

pub(crate) async fn an_import_knows_whether_it_changes_anything(subject: &Subject) {
    let merchant = merchant();
    let mut first = begin(subject, &merchant, ImportMode::Replace).await;
    assert!(!first.so_far().differs);
    first
        .write(vec![item("mug", 2, "5"), item("tee", 3, "20")])
        .await
        .unwrap();
    assert_eq!((first.so_far().items, first.so_far().differs), (2, true));
    first.finish(record(ImportMode::Replace), START).await.unwrap();
    for (mode, rows, differs) in [
        (
            ImportMode::Replace,
            vec![item("tee", 2, "20"), item("mug", 3, "5")],
            false,
        ),
        (ImportMode::Replace, vec![item("tee", 2, "20")], true),
        (ImportMode::Upsert, vec![item("tee", 2, "20")], false),
        (ImportMode::Upsert, vec![item("tee", 2, "25")], true),
        (ImportMode::Upsert, vec![delete("cap", 2)], false),
        (ImportMode::Upsert, vec![delete("mug", 2)], true),
        (ImportMode::Upsert, Vec::new(), false),
        (ImportMode::Replace, Vec::new(), true),
    ] {
        let mut import = begin(subject, &merchant, mode.clone()).await;
        import.write(rows.clone()).await.unwrap();
        assert_eq!(import.so_far().differs, differs, "{mode} {rows:?}");
        drop(import);
    }
}
