//! What an import and a check count, and which version is told before it is in force.

use super::super::*;
use super::fixtures::{HEADER, NOW, Shop, rows};
use crate::Rule;

#[tokio::test]
async fn items_that_another_row_deletes_are_not_counted_as_imported() {
    let shop = Shop::new().await;
    for deleting in [
        "a,A,1.00 USD,in_stock,\na,,,,true\n",
        "a,,,,true\na,A,1.00 USD,in_stock,\n",
    ] {
        let request = shop.request(&format!(
            "{HEADER},delete\n{deleting}b,B,1.00 USD,in_stock,\nc,,,,true\n"
        ));
        let check = check_file(&request.file, &Arc::default(), |_| {}).await.unwrap();
        let imported = shop.import(&request).await.unwrap();
        assert_eq!(check.counts, imported.counts);
        assert_eq!((imported.counts.imported, imported.counts.deletes), (1, 2));
        assert_eq!(shop.items().await, ["b"]);
    }
}

#[tokio::test]
async fn two_rows_of_an_item_are_told_wherever_it_is_deleted() {
    let shop = Shop::new().await;
    let (item, delete) = ("a,A,1.00 USD,in_stock,\n", "a,,,,true\n");
    for order in [[delete, item, item], [item, delete, item], [item, item, delete]] {
        let request = shop.request(&format!("{HEADER},delete\n{}", order.concat()));
        let check = check_file(&request.file, &Arc::default(), |_| {}).await.unwrap();
        let refused = shop.refused(&request).await;
        for (problems, counts) in [(&check.problems, check.counts), (&refused.problems, refused.counts)] {
            let twice: Vec<Rule> = problems.iter().filter(|it| it.refuses()).map(|it| it.rule).collect();
            assert_eq!((twice, counts.refused), (vec![Rule::RowTwice], 1), "{order:?}");
        }
    }
}

#[tokio::test]
async fn a_file_that_changes_nothing_tells_of_no_next_version() {
    let shop = Shop::with(&["a", "b"]).await;
    let told = async |content: &str, mode: ImportMode| {
        let mut request = shop.request(content);
        request.mode = mode;
        let prepared = shop.importer().prepare(&request, &Arc::default(), NOW).await.unwrap();
        let told = prepared.version();
        assert_eq!(prepared.finish(NOW).await.unwrap().now.version, told);
        told.0
    };
    assert_eq!(told(&rows(&["a", "b"]), ImportMode::Replace).await, 1);
    assert_eq!(told(&rows(&["a"]), ImportMode::Upsert).await, 1);
    // That another file was imported is remembered by a version.
    assert_eq!(told(&rows(&["b", "a"]), ImportMode::Replace).await, 2);
    assert_eq!(told(&rows(&["c"]), ImportMode::Upsert).await, 3);
    assert_eq!(told(&rows(&["a", "b"]), ImportMode::Replace).await, 4);
}

#[tokio::test]
async fn a_strict_increment_does_without_rows_that_make_items_unfit_for_stripe() {
    let shop = Shop::with(&["a", "b"]).await;
    let mut request = shop.request("id,availability,inventory_quantity\na,preorder,5\nb,out_of_stock,0\n");
    request.file.read.feed = FeedType::Inventory;
    request.mode = ImportMode::Upsert;
    let loose = shop.prepare(&request).await.unwrap();
    assert_eq!(loose.counts().refused, 0);
    drop(loose);
    request.file.read.strict = true;
    let refused = shop.refused(&request).await;
    assert_eq!(refused.counts.refused, 1, "{:?}", refused.problems);
    assert_eq!(refused.problems[0].rule, Rule::PreorderWithoutDate);
}
