//! Increments of stock and prices to Stripe: exactly what has changed, never while an earlier upload is open, and across restarts.

use tillhouse_checkout::feed::drift::DifferenceKind;
use tillhouse_checkout::feed::{FeedStatus, FeedType};
use tillhouse_tests::{Merchant, Release, TestHost};

const FEED: &str = "feed = { transport = \"catalog_imports\", upload_hosts = [\"127.0.0.1\"] }";

const HEADER: &str = "id,title,description,link,image_link,availability,price,inventory_quantity,brand,mpn,condition,google_product_category,shipping\n";

fn row(id: &str, price: &str, quantity: u32) -> String {
    format!(
        "{id},{id},A {id},https://shop.example/{id},https://shop.example/{id}.png,in_stock,{price} USD,{quantity},Acme,M-{id},new,\
         Home & Garden,US:ALL:Standard:3-5:4.99 USD\n"
    )
}

fn merchant(rows: &[(&str, &str, u32)]) -> Merchant {
    let rows = rows.iter().map(|(id, price, quantity)| row(id, price, *quantity));
    Merchant::named("demo")
        .catalog(&rows.fold(HEADER.to_owned(), |all, row| all + &row))
        .set(FEED)
}

fn shop() -> Merchant {
    merchant(&[("cup", "9.00", 3), ("mug", "15.00", 7), ("pot", "30.00", 2)])
}

async fn start() -> TestHost {
    TestHost::builder().merchant(shop()).start().await
}

async fn buy(host: &TestHost, item: &str, units: u32) {
    let bought = host.acp(Release::V2026_04_17).buy(&[(item, units)]).await;
    assert_eq!(bought["status"], "completed", "{bought:#?}");
}

/// Availability and quantity of an item, as Stripe has them.
fn at_stripe(host: &TestHost, item: &str) -> (String, Option<String>) {
    let catalog = host.sandbox.stripe.catalog();
    let cell = |name: &str| catalog.items[item].column(name).map(str::to_owned);
    (cell("availability").unwrap(), cell("inventory_quantity"))
}

fn stock(availability: &str, quantity: &str) -> (String, Option<String>) {
    (availability.to_owned(), Some(quantity.to_owned()))
}

#[tokio::test]
async fn what_was_sold_and_only_that_is_uploaded() {
    let host = start().await;
    let feeds = host.feeds("stripe");
    feeds.upload_well().await;
    assert_eq!(feeds.upload_changes().await, None);
    buy(&host, "mug", 2).await;
    buy(&host, "pot", 2).await;
    let increment = feeds.upload_changes().await.unwrap();
    assert_eq!(
        (&increment.status, &increment.feed),
        (&FeedStatus::Succeeded, &FeedType::Inventory)
    );
    let file = host.sandbox.stripe.feed_files().pop().unwrap();
    assert_eq!(
        String::from_utf8(file.content.to_vec()).unwrap(),
        "id,availability,availability_date,inventory_quantity\nmug,in_stock,,5\npot,out_of_stock,,0\n"
    );
    assert_eq!(at_stripe(&host, "mug"), stock("in_stock", "5"));
    assert_eq!(at_stripe(&host, "pot"), stock("out_of_stock", "0"));
    assert_eq!(at_stripe(&host, "cup"), stock("in_stock", "3"));
    assert_eq!(feeds.upload_changes().await, None, "it is uploaded once");
}

#[tokio::test]
async fn an_upload_of_all_products_has_the_stock_as_it_is_counted() {
    let host = start().await;
    let feeds = host.feeds("stripe");
    buy(&host, "mug", 2).await;
    feeds.upload_well().await;
    assert_eq!(at_stripe(&host, "mug"), stock("in_stock", "5"));
    buy(&host, "mug", 1).await;
    feeds.upload_changes().await.unwrap();
    assert_eq!(at_stripe(&host, "mug"), stock("in_stock", "4"));
    feeds.upload_well().await;
    assert_eq!(
        at_stripe(&host, "mug"),
        stock("in_stock", "4"),
        "a full upload resets nothing"
    );
    assert_eq!(feeds.upload_changes().await, None);
}

#[tokio::test]
async fn changes_while_an_upload_is_open_are_in_the_one_after_it() {
    let host = start().await;
    let feeds = host.feeds("stripe");
    feeds.upload_well().await;
    buy(&host, "mug", 1).await;
    let hold = host.sandbox.stripe.hold_imports();
    let first = feeds.compare().await.upload.unwrap();
    hold.arrived(1).await;
    buy(&host, "mug", 2).await;
    buy(&host, "cup", 1).await;
    let waiting = feeds.compare().await;
    assert_eq!(waiting.upload, None);
    assert!(waiting.waits.unwrap().contains(first.as_str()));
    assert_eq!(
        host.sandbox.stripe.feed_imports().len(),
        2,
        "the open one, and that of all products"
    );
    hold.release();
    feeds.ended(&first).await;
    assert_eq!(at_stripe(&host, "mug"), stock("in_stock", "6"));
    feeds.upload_changes().await.unwrap();
    assert_eq!(at_stripe(&host, "mug"), stock("in_stock", "4"));
    assert_eq!(at_stripe(&host, "cup"), stock("in_stock", "2"));
}

#[tokio::test]
async fn a_restart_neither_forgets_a_change_nor_repeats_one() {
    let mut host = start().await;
    host.feeds("stripe").upload_well().await;
    buy(&host, "mug", 2).await;
    host.feeds("stripe").upload_changes().await.unwrap();
    buy(&host, "cup", 1).await;
    host.restart().await;
    let increment = host.feeds("stripe").upload_changes().await.unwrap();
    assert_eq!(increment.counts.sent, 1, "the mug was told already");
    assert_eq!(at_stripe(&host, "cup"), stock("in_stock", "2"));
    host.restart().await;
    assert_eq!(host.feeds("stripe").upload_changes().await, None);
}

#[tokio::test]
async fn prices_and_stock_of_a_new_catalog_are_told_and_what_is_gone_is_not_offered() {
    let mut host = start().await;
    host.feeds("stripe").upload_well().await;
    host.restart_as(merchant(&[("cup", "9.50", 3), ("mug", "15.00", 9)]))
        .await;
    let feeds = host.feeds("stripe");
    let stock_first = feeds.upload_changes().await.unwrap();
    assert_eq!((&stock_first.feed, stock_first.counts.sent), (&FeedType::Inventory, 2));
    assert_eq!(at_stripe(&host, "mug"), stock("in_stock", "9"));
    assert_eq!(
        at_stripe(&host, "pot"),
        stock("out_of_stock", "0"),
        "gone from the catalog"
    );
    // A shop that sells all the time tells its prices all the same.
    buy(&host, "mug", 1).await;
    let prices = feeds.upload_changes().await.unwrap();
    assert_eq!((&prices.feed, prices.counts.sent), (&FeedType::Pricing, 1));
    assert_eq!(
        host.sandbox.stripe.catalog().items["cup"].column("price"),
        Some("9.50 USD")
    );
    feeds.upload_changes().await.unwrap();
    assert_eq!(at_stripe(&host, "mug"), stock("in_stock", "8"));
    assert_eq!(feeds.upload_changes().await, None);
}

#[tokio::test]
async fn a_row_that_is_refused_is_not_sent_again_until_it_is_another() {
    let host = start().await;
    let feeds = host.feeds("stripe");
    feeds.upload_well().await;
    buy(&host, "mug", 1).await;
    host.sandbox.stripe.fail_next_rows(&[("mug", "Not today.")]);
    let refused = feeds.upload_changes().await.unwrap();
    assert_eq!(refused.counts.refused, Some(1), "{refused:#?}");
    assert_eq!(feeds.upload_changes().await, None);
    buy(&host, "mug", 1).await;
    feeds.upload_changes().await.unwrap();
    assert_eq!(at_stripe(&host, "mug"), stock("in_stock", "5"));
}

#[tokio::test]
async fn the_audit_says_how_far_the_feed_is_from_what_is_sold() {
    let host = start().await;
    let feeds = host.feeds("stripe");
    feeds.upload_well().await;
    let agreeing = feeds.audit(None).await;
    assert_eq!(
        (agreeing.items, agreeing.differing, agreeing.drift_ppm),
        (3, 0, 0),
        "{agreeing:#?}"
    );
    buy(&host, "pot", 2).await;
    buy(&host, "mug", 1).await;
    let report = feeds.audit(None).await;
    let found: Vec<_> = report
        .differences
        .iter()
        .map(|it| (it.kind, it.item.as_str(), it.size_ppm))
        .collect();
    assert_eq!(
        found,
        [
            (DifferenceKind::SoldOut, "pot", 1_000_000),
            (DifferenceKind::Quantity, "mug", 142_857)
        ],
        "the largest first"
    );
    assert_eq!((report.differing, report.drift_ppm), (2, 666_666));
    let sample = feeds.audit(Some(1)).await;
    assert_eq!((sample.items, sample.all), (1, false));
    feeds.upload_changes().await.unwrap();
    assert_eq!(feeds.audit(None).await.differing, 0);
}
