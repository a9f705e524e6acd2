//! Imports into a store, as files are good, bad or unsteady.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod counting;
mod file_state;
mod fixtures;
mod promotions;

use std::fs;

use super::*;
use crate::Cells;
use fixtures::{HEADER, Meddle, NOW, Shop, rows};

fn cell(row: &tillhouse_checkout::catalog::CatalogRow, column: &str) -> Option<String> {
    Cells::new(&row.content).unwrap().get(column).map(str::to_owned)
}

#[tokio::test]
async fn nothing_of_an_import_is_seen_before_it_is_finished() {
    let shop = Shop::new().await;
    let request = shop.request(&rows(&["a", "b"]));
    let progress = Arc::default();
    let prepared = shop.importer().prepare(&request, &progress, NOW).await.unwrap();
    assert_eq!(shop.items().await, [""; 0]);
    assert_eq!((progress.rows(), progress.refused()), (2, 0));
    assert_eq!(progress.bytes(), progress.of());
    let imported = prepared.finish(NOW).await.unwrap();
    assert!(imported.is_changed() && imported.before.is_none());
    assert_eq!(imported.now.items, 2);
    assert_eq!(
        imported.now.import.sha256,
        digest(&request.file.path, 1000).unwrap().sha256
    );
    assert_eq!(shop.items().await, ["a", "b"]);

    let dropped = shop.prepare(&shop.request(&rows(&["a", "c"]))).await;
    drop(dropped.unwrap());
    assert_eq!(shop.items().await, ["a", "b"]);
}

#[tokio::test]
async fn a_file_replaces_the_catalog_or_adds_to_it() {
    let shop = Shop::with(&["a", "b"]).await;
    let mut request = shop.request(&rows(&["b", "c"]));
    request.mode = ImportMode::Upsert;
    assert_eq!(shop.import(&request).await.unwrap().now.items, 3);
    assert_eq!(shop.items().await, ["a", "b", "c"]);
    let deleting = format!("{HEADER},delete\na,,,,true\nb,B,1.00 USD,in_stock,\n");
    request = shop.request(&deleting);
    request.mode = ImportMode::Upsert;
    let imported = shop.import(&request).await.unwrap();
    assert_eq!((imported.counts.deletes, imported.now.deleted), (1, 1));
    assert_eq!(shop.items().await, ["b", "c"]);
    shop.import(&shop.request(&rows(&["c", "d"]))).await.unwrap();
    assert_eq!(shop.items().await, ["c", "d"]);
    let same = shop.import(&shop.request(&rows(&["c", "d"]))).await.unwrap();
    assert!(!same.is_changed());
}

#[tokio::test]
async fn one_refused_row_keeps_a_file_out_unless_the_good_ones_are_asked_for() {
    let shop = Shop::with(&["a"]).await;
    let content = format!(
        "{}bad,B,1.005 USD,in_stock\nb,again,2.00 USD,in_stock\n",
        rows(&["a", "b", "c"])
    );
    let mut request = shop.request(&content);
    let refused = shop.refused(&request).await;
    assert_eq!((refused.counts.read, refused.counts.refused), (5, 2));
    let lines: Vec<u64> = refused
        .problems
        .iter()
        .filter(|problem| problem.refuses())
        .map(|problem| problem.line)
        .collect();
    assert_eq!(lines, [5, 6]);
    assert!(
        refused
            .problems
            .iter()
            .any(|problem| problem.to_string().contains("line 3")),
        "the first row of b is named"
    );
    assert_eq!(shop.items().await, ["a"]);

    request.keep_good = true;
    let imported = shop.import(&request).await.unwrap();
    assert_eq!((imported.counts.imported, imported.now.import.refused), (3, 2));
    assert_eq!(shop.items().await, ["a", "b", "c"]);
    assert_eq!(
        cell(&shop.row("b").await.unwrap(), "title").as_deref(),
        Some("b"),
        "the first row is kept"
    );
}

#[tokio::test]
async fn an_item_whose_row_is_bad_stays_as_it_is_in_a_file_that_replaces_the_catalog() {
    let shop = Shop::with(&["a", "b", "c", "d", "e"]).await;
    let mut request = shop.request(&format!(
        "{HEADER},delete\na,A,1.00 USD,in_stock,\nb,B,1.005 USD,in_stock,\nc,C,1.00 USD,in_stock,maybe\nd,D,oops,in_stock,\nd,,,,true\n\
         new,N,oops,in_stock,\nf,F,oops,in_stock,\nf,F,2.00 USD,in_stock,\n"
    ));
    request.keep_good = true;
    let imported = shop.import(&request).await.unwrap();
    assert_eq!(
        shop.items().await,
        ["a", "b", "c", "f"],
        "e is gone, and d is deleted by a row of its own"
    );
    assert_eq!((imported.counts.spared, imported.counts.refused), (2, 5));
    let b = shop.row("b").await.unwrap();
    assert_eq!(cell(&b, "title").as_deref(), Some("b"), "as it was");
    assert_eq!(imported.now.changed, 2);

    // A row whose item cannot be told could be of any item that the file seems not to have.
    for row in [
        ",B,1.00 USD,in_stock",
        "\"b,B,1.00 USD,in_stock\"",
        "f,\"F,1.00 USD,in_stock\nb,\"B,1.00 USD",
    ] {
        request = shop.request(&format!("{}{row}\n", rows(&["a", "c", "f"])));
        request.keep_good = true;
        assert_eq!(shop.refused(&request).await.unidentified, Some(5), "{row}");
        request.mode = ImportMode::Upsert;
        shop.import(&request).await.unwrap();
        assert_eq!(shop.items().await, ["a", "b", "c", "f"]);
    }
    // Too few cells, and the id before the first separator.
    request = shop.request(&format!("{}b,B\n", rows(&["a", "c", "f"])));
    request.keep_good = true;
    assert_eq!(shop.import(&request).await.unwrap().counts.spared, 1);
    assert_eq!(shop.items().await, ["a", "b", "c", "f"]);
}

#[tokio::test]
async fn only_a_quantity_that_the_file_itself_states_was_counted() {
    let shop = Shop::new().await;
    let stocked = format!(
        "{HEADER},inventory_quantity\na,A,1.00 USD,in_stock,5\nb,B,1.00 USD,in_stock,5\nc,C,1.00 USD,in_stock,5\n"
    );
    shop.import(&shop.request(&stocked)).await.unwrap();
    let watched: HashSet<ItemId> = ["a", "b", "c"].map(ItemId::new).into();
    for (content, counted) in [
        ("id,availability\na,out_of_stock\n", vec![]),
        (
            "id,availability,inventory_quantity\na,in_stock,4\nb,in_stock,\nc,in_stock,-1\n",
            vec!["a"],
        ),
    ] {
        let mut request = shop.request(content);
        request.file.read.feed = FeedType::Inventory;
        (request.mode, request.keep_good) = (ImportMode::Upsert, true);
        let imported = shop.import_watching(&request, &watched).await.unwrap();
        assert_eq!(
            imported.counted,
            counted.into_iter().map(ItemId::new).collect(),
            "{content}"
        );
    }
}

#[tokio::test]
async fn why_a_file_is_refused_is_told_among_thousands_of_remarks() {
    let shop = Shop::new().await;
    let remarked: String = (0..REPORTED_PROBLEMS + 5)
        .map(|number| format!("i{number},X,1.00 USD,in_stock,not a link\n"))
        .collect();
    let content = format!("{HEADER},link\n{remarked}bad,X,1.005 USD,in_stock,\n");
    let refused = shop.refused(&shop.request(&content)).await;
    assert_eq!(refused.problems.len(), REPORTED_PROBLEMS);
    assert_eq!(refused.problems.iter().filter(|problem| problem.refuses()).count(), 1);
    assert!(refused.more_problems > 0);
}

#[tokio::test]
async fn refused_rows_are_written_as_they_were_with_the_reason_before_them() {
    let shop = Shop::new().await;
    let content = format!(
        "{HEADER},colour\nbad,\"B, large\",1.005 USD,in_stock,red\na,A,1.00 USD,in_stock,\na,B,1.00 USD,in_stock,blue\n"
    );
    let mut request = shop.request(&content);
    let errors = shop.folder().join("errors.csv");
    request.file.errors = Some(errors.clone());
    let refused = shop.refused(&request).await;
    assert_eq!(refused.errors.as_deref(), Some(errors.as_path()));
    let written = fs::read_to_string(&errors).unwrap();
    let mut reader = csv::Reader::from_reader(written.as_bytes());
    assert_eq!(reader.headers().unwrap().iter().next(), Some("stripe_error_message"));
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 2);
    assert_eq!((&rows[0][1], &rows[0][2], &rows[0][5]), ("bad", "B, large", "red"));
    assert!(rows[0][0].contains("price"), "{}", &rows[0][0]);
    assert_eq!((&rows[1][1], &rows[1][5]), ("a", "blue"));

    // The file of an import before is replaced, and any other file is not.
    request.file = FeedFile {
        errors: Some(errors.clone()),
        ..shop.request(&fixtures::rows(&["a"])).file
    };
    let imported = shop.import(&request).await.unwrap();
    assert!(imported.errors.is_none() && !errors.exists());
    fs::write(&errors, "my notes").unwrap();
    let error = shop.prepare(&request).await.unwrap_err();
    assert!(matches!(error, ImportError::Errors { .. }), "{error:?}");
    request.file.errors = Some(request.file.path.clone());
    assert!(matches!(shop.prepare(&request).await, Err(ImportError::Errors { .. })));
    assert!(request.file.path.exists());
    // The imported file itself begins so if its first column was not dropped; by another name it is still the same.
    request = shop.request(&format!("stripe_error_message,{}", fixtures::rows(&["a"])));
    let alias = shop.folder().join("alias.csv");
    std::os::unix::fs::symlink(&request.file.path, &alias).unwrap();
    for other in [
        alias.clone(),
        shop.folder().join("./").join(request.file.path.file_name().unwrap()),
    ] {
        request.file.errors = Some(other);
        assert!(matches!(shop.prepare(&request).await, Err(ImportError::Errors { .. })));
        assert!(request.file.path.exists());
    }
    // A pipe is not waited for.
    let pipe = shop.folder().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    request.file.errors = Some(pipe.clone());
    assert!(matches!(shop.prepare(&request).await, Err(ImportError::Errors { .. })));
    request.file.errors = None;
    request.file.path = pipe;
    let error = shop.prepare(&request).await.unwrap_err().to_string();
    assert!(error.contains("not an ordinary file"), "{error}");
}

#[tokio::test]
async fn increments_change_what_is_there() {
    let shop = Shop::with(&["a", "b", "c"]).await;
    let mut request = shop.request("id,availability,inventory_quantity\na,out_of_stock,0\nb,in_stock,12\n");
    request.file.read.feed = FeedType::Inventory;
    assert!(
        matches!(shop.prepare(&request).await, Err(ImportError::Unsupported(_))),
        "cannot replace"
    );
    request.mode = ImportMode::Upsert;
    let watched = ["b", "c"].map(ItemId::new).into();
    let imported = shop.import_watching(&request, &watched).await.unwrap();
    assert_eq!(imported.now.items, 3);
    assert_eq!(imported.counted, HashSet::from([ItemId::new("b")]));
    assert!(imported.now.import.source.ends_with("(inventory)"));
    let b = shop.row("b").await.unwrap();
    assert_eq!(
        (cell(&b, "inventory_quantity").as_deref(), cell(&b, "title").as_deref()),
        (Some("12"), Some("b"))
    );
    assert_eq!(cell(&shop.row("c").await.unwrap(), "inventory_quantity"), None);

    let mut prices = shop.request("id,price\nghost,2.00 USD\na,3.50 USD\n");
    prices.file.read.feed = FeedType::Pricing;
    prices.mode = ImportMode::Upsert;
    let refused = shop.refused(&prices).await;
    assert_eq!(refused.problems.len(), 1);
    assert!(
        refused.problems[0].to_string().contains("ghost"),
        "{}",
        refused.problems[0]
    );
    prices.keep_good = true;
    shop.import(&prices).await.unwrap();
    assert_eq!(
        cell(&shop.row("a").await.unwrap(), "price").as_deref(),
        Some("3.50 USD")
    );
    assert_eq!(
        cell(&shop.row("a").await.unwrap(), "availability").as_deref(),
        Some("out_of_stock")
    );
}

#[tokio::test]
async fn a_file_that_changes_while_it_is_read_changes_nothing() {
    let shop = Shop::with(&["a"]).await;
    let long = "x".repeat(4000);
    let many: String = (0..1500)
        .map(|number| format!("item-{number},{long},1.00 USD,in_stock\n"))
        .collect();
    for meddle in [Meddle::Append, Meddle::Truncate, Meddle::Replace] {
        let request = shop.request(&format!("{HEADER}\n{many}"));
        let importer = shop.meddling(&request, meddle);
        let error = importer.prepare(&request, &Arc::default(), NOW).await.unwrap_err();
        assert!(matches!(error, ImportError::Changed), "{meddle:?}: {error:?}");
        assert_eq!(shop.items().await, ["a"], "{meddle:?}");
    }
    let request = shop.request(&format!("{HEADER}\n{many}"));
    let error = check_file(&request.file, &Arc::default(), |_| {}).await;
    assert_eq!(
        error.unwrap().counts.imported,
        1500,
        "it can be read once it is at rest"
    );
}

#[tokio::test]
async fn a_file_that_lost_half_of_its_rows_is_refused_unless_it_is_meant() {
    let shop = Shop::with(&["a", "b", "c"]).await;
    let mut request = shop.request(&rows(&["a"]));
    let error = shop.prepare(&request).await.unwrap_err();
    assert!(
        matches!(error, ImportError::CutOff { items: 1, before: 3 }),
        "{error:?}"
    );
    request.mode = ImportMode::Upsert;
    assert_eq!(shop.import(&request).await.unwrap().now.items, 3);
    request.mode = ImportMode::Replace;
    request.incomplete = true;
    assert_eq!(shop.import(&request).await.unwrap().now.items, 1);
}

#[tokio::test]
async fn only_an_ordinary_file_within_the_limit_is_read() {
    let shop = Shop::new().await;
    let mut request = shop.request(&rows(&["a"]));
    request.file.max_bytes = 10;
    let error = shop.prepare(&request).await.unwrap_err().to_string();
    assert!(
        error.contains("more than 10 bytes") && error.contains("max_mb"),
        "{error}"
    );
    request = shop.request(&rows(&["a"]));
    for (path, word) in [
        (shop.folder().to_owned(), "directory"),
        ("/dev/null".into(), "not an ordinary file"),
        (shop.folder().join("absent.csv"), "No such file"),
    ] {
        request.file.path = path;
        let error = shop.prepare(&request).await.unwrap_err().to_string();
        assert!(error.contains(word), "{error}");
    }
}

#[tokio::test]
async fn the_number_of_problems_that_are_kept_is_bounded() {
    let shop = Shop::new().await;
    let bad: String = (0..REPORTED_PROBLEMS + 5)
        .map(|number| format!("i{number},X,1.005 USD,in_stock\n"))
        .collect();
    let refused = shop.refused(&shop.request(&format!("{HEADER}\n{bad}"))).await;
    assert_eq!(refused.problems.len(), REPORTED_PROBLEMS);
    assert!(refused.more_problems >= 5);
    assert_eq!(refused.counts.refused as usize, REPORTED_PROBLEMS + 5);
}

#[tokio::test]
async fn a_check_finds_what_an_import_finds() {
    let shop = Shop::new().await;
    let content = format!(
        "{}bad,B,1.005 USD,in_stock\nb,again,2.00 USD,in_stock\n",
        rows(&["a", "b"])
    );
    let request = shop.request(&content);
    let mut seen = 0;
    let check = check_file(&request.file, &Arc::default(), |_| seen += 1).await.unwrap();
    let refused = shop.refused(&request).await;
    assert_eq!((check.is_refused, check.counts), (true, refused.counts));
    assert_eq!(check.problems, refused.problems);
    assert_eq!(seen, check.problems.len());
    let good = check_file(&shop.request(&rows(&["a"])).file, &Arc::default(), |_| {})
        .await
        .unwrap();
    assert!(!good.is_refused);
}
