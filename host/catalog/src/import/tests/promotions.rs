//! Imports of promotions: beside the items, with what they name and the catalog does not have.

use super::fixtures::Shop;
use crate::import::{ImportError, ImportMode};
use crate::{Rule, Scope};

const HEADER: &str =
    "promotion_id,title,active_period,benefit_type,percent_off,target_selection,target_ids,application_type";
const PERIOD: &str = "2026-05-01T00:00:00Z/2026-06-01T00:00:00Z";

/// A promotion of these items; all, if none is named.
fn promotion(id: &str, targets: &str) -> String {
    let selection = if targets.is_empty() {
        "all_products"
    } else {
        "specific_products"
    };
    format!("{id},Sale,{PERIOD},percent_off,20,{selection},{targets},automatic\n")
}

fn file(promotions: &[(&str, &str)]) -> String {
    let rows = promotions.iter().map(|(id, targets)| promotion(id, targets));
    rows.fold(format!("{HEADER}\n"), |all, row| all + &row)
}

#[tokio::test]
async fn promotions_are_kept_beside_items_with_the_same_ids() {
    let shop = Shop::with(&["mug"]).await;
    let imported = shop
        .import(&shop.promotions(&file(&[("mug", ""), ("spring", "mug")])))
        .await;
    let imported = imported.unwrap();
    assert_eq!((imported.now.version.0, imported.now.items), (1, 2));
    assert_eq!(imported.problems, []);
    assert_eq!(shop.items().await, ["mug"]);
    let mut more = shop.promotions(&file(&[("fall", "")]));
    more.mode = ImportMode::Upsert;
    assert_eq!(shop.import(&more).await.unwrap().now.items, 3);
    assert_eq!(shop.promotion_ids().await, ["fall", "mug", "spring"]);
    let mut gone = shop.promotions("promotion_id,delete\nspring,true\n");
    gone.mode = ImportMode::Upsert;
    assert_eq!(shop.import(&gone).await.unwrap().now.deleted, 1);
    assert_eq!(shop.promotion_ids().await, ["fall", "mug"]);
}

#[tokio::test]
async fn items_that_a_promotion_names_and_the_catalog_does_not_have_are_told() {
    let shop = Shop::with(&["mug"]).await;
    let request = shop.promotions(&file(&[("fall", "\"mug, cup,pot\""), ("spring", "mug")]));
    let imported = shop.import(&request).await.unwrap();
    let [problem] = imported.problems.as_slice() else {
        panic!("{:?}", imported.problems);
    };
    assert_eq!((problem.line, &*problem.column), (2, "target_ids"));
    assert_eq!((problem.rule, problem.scope), (Rule::TargetUnknown, Scope::Advice));
    assert!(problem.message.ends_with("cup, pot"), "{problem}");

    // Without any catalog of items the promotions are kept as well.
    let alone = Shop::new().await;
    let imported = alone
        .import(&alone.promotions(&file(&[("spring", "mug")])))
        .await
        .unwrap();
    assert_eq!((imported.now.items, imported.problems.len()), (1, 1));
}

#[tokio::test]
async fn a_promotion_that_occurs_twice_is_told_by_its_own_column() {
    let shop = Shop::new().await;
    let refused = shop
        .refused(&shop.promotions(&file(&[("spring", ""), ("spring", "")])))
        .await;
    let [problem] = refused.problems.as_slice() else {
        panic!("{:?}", refused.problems);
    };
    assert_eq!((&*problem.column, problem.rule), ("promotion_id", Rule::RowTwice));
}

#[tokio::test]
async fn a_feed_that_is_unknown_is_not_imported() {
    let shop = Shop::new().await;
    let mut request = shop.promotions(&file(&[("spring", "")]));
    request.file.read.feed = "reviews".into();
    let refused = shop.prepare(&request).await;
    assert!(matches!(refused, Err(ImportError::Unsupported(why)) if why.contains("promotion")));
}
