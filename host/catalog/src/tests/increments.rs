//! Inventory and price feeds, merged into the rows of a product feed.

use tillhouse_checkout::catalog::CatalogRow;
use tillhouse_checkout::feed::FeedType;

use super::problems;
use crate::{FeedReader, FeedRecord, Item, ReadOptions, Rule, Scope, merge};

fn row(feed: FeedType, file: &str) -> CatalogRow {
    let mut reader = FeedReader::open(file.as_bytes(), &ReadOptions::new(feed)).unwrap();
    match reader.next().unwrap().unwrap() {
        FeedRecord::Row { row, .. } => row,
        other => panic!("{other:?}"),
    }
}

fn tee() -> CatalogRow {
    row(
        FeedType::Product,
        "id,title,price,sale_price,availability,inventory_quantity,supplier\n\
         tee,Tee,15.00 USD,12.00 USD,in_stock,7,Ada\n",
    )
}

#[test]
fn a_change_replaces_its_cells_and_leaves_the_others() {
    let change = row(
        FeedType::Inventory,
        "id,availability,inventory_quantity\n\ntee,out_of_stock,0\n",
    );
    let (merged, _) = merge(&tee(), &change).unwrap();
    let item = Item::decode(&merged).unwrap();
    assert_eq!((item.availability.as_str(), item.inventory), ("out_of_stock", Some(0)));
    assert_eq!(
        (item.column("supplier"), item.column("sale_price")),
        (Some("Ada"), Some("12.00 USD"))
    );
    assert_eq!(merged.line, 3);
}

#[test]
fn a_blank_cell_takes_the_value_away_and_a_missing_column_does_not() {
    let ended = row(FeedType::Pricing, "id,price,sale_price\ntee,14.00 USD,\n");
    let item = Item::decode(&merge(&tee(), &ended).unwrap().0).unwrap();
    assert_eq!((item.price.to_string().as_str(), item.sale), ("14.00 USD", None));
    let kept = row(FeedType::Pricing, "id,price\ntee,14.00 USD\n");
    let item = Item::decode(&merge(&tee(), &kept).unwrap().0).unwrap();
    assert_eq!(item.sale.unwrap().price.to_string(), "12.00 USD");
}

#[test]
fn a_price_that_falls_below_the_sale_price_is_refused() {
    let change = row(FeedType::Pricing, "id,price\ntee,11.00 USD\n");
    let found = merge(&tee(), &change).unwrap_err();
    assert_eq!(
        found.iter().map(ToString::to_string).collect::<Vec<_>>(),
        [
            "line 2: column sale_price is 12.00 USD, which is not below the price, 11.00 USD; lower it, or leave it empty"
        ]
    );
}

#[test]
fn only_the_columns_of_the_feed_are_read() {
    let file = b"id,price,title\ntee,14.00 USD,Other title\n";
    let found = problems(file, &ReadOptions::new(FeedType::Pricing));
    let found: Vec<_> = found
        .iter()
        .map(|problem| (&*problem.column, problem.rule, problem.scope))
        .collect();
    assert_eq!(found, [("title", Rule::HeaderOther, Scope::Advice)]);
    let change = row(FeedType::Pricing, std::str::from_utf8(file).unwrap());
    let item = Item::decode(&merge(&tee(), &change).unwrap().0).unwrap();
    assert_eq!(item.description.title, "Tee");
}

#[test]
fn a_row_does_not_depend_on_the_order_of_columns_or_on_how_it_came_to_be() {
    let other_order = row(
        FeedType::Product,
        "supplier,inventory_quantity,availability,price,sale_price,title,id\nAda,7,in_stock,15.00 USD,12.00 USD,Tee,tee\n",
    );
    assert_eq!(other_order.content, tee().content);
    let change = row(
        FeedType::Inventory,
        "inventory_quantity,id,availability\n0,tee,backorder\n",
    );
    let back = row(
        FeedType::Inventory,
        "inventory_quantity,id,availability\n7,tee,in_stock\n",
    );
    let (changed, _) = merge(&tee(), &change).unwrap();
    assert_ne!(changed.content, tee().content);
    assert_eq!(merge(&changed, &back).unwrap().0.content, tee().content);
}
