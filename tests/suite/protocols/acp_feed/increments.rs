//! Increments: whole products, or the variants of them that have changed.

use std::time::Duration;

use serde_json::json;
use tillhouse_checkout::feed::FeedStatus;
use tillhouse_checkout::time::Clock;
use tillhouse_tests::{Release, TestClock, TestHost};

use super::{HEADER, ROWS, catalog, feed, merchant, start, variant};

#[tokio::test]
async fn what_is_sold_out_is_told_with_all_variants_of_its_product() {
    let host = start("").await;
    host.feeds("agent").upload_well().await;
    assert_eq!(host.feeds("agent").upload_changes().await, None, "nothing has changed");
    let _ = host.acp(Release::V2026_04_17).buy(&[("shirt-s", 5)]).await;
    let increment = host.feeds("agent").upload_changes().await.unwrap();
    assert_eq!((increment.status, increment.counts.sent), (FeedStatus::Succeeded, 1));
    assert_eq!(feed(&host).upserts[1].products, ["shirt"]);
    let shirt = feed(&host).product("shirt").unwrap().clone();
    assert_eq!(shirt["variants"].as_array().unwrap().len(), 2, "{shirt:#}");
    assert_eq!(
        variant(&host, "shirt-s")["availability"],
        json!({"available": false, "status": "out_of_stock"})
    );
    assert_eq!(variant(&host, "shirt-s")["price"]["amount"], 2000);
    assert_eq!(host.feeds("agent").upload_changes().await, None, "it is told once");
}

#[tokio::test]
async fn an_agent_that_merges_variants_gets_those_that_have_changed() {
    let host = start("increments = \"variants\"").await;
    host.feeds("agent").upload_well().await;
    let _ = host.acp(Release::V2026_04_17).buy(&[("shirt-s", 5)]).await;
    host.feeds("agent").upload_changes().await.unwrap();
    let shirt = feed(&host).product("shirt").unwrap().clone();
    let variants = shirt["variants"].as_array().unwrap();
    assert_eq!((variants.len(), &variants[0]["id"]), (1, &json!("shirt-s")));
}

#[tokio::test]
async fn a_full_upload_does_not_offer_again_what_was_sold() {
    let host = start("").await;
    let _ = host.acp(Release::V2026_04_17).buy(&[("mug", 7)]).await;
    host.feeds("agent").upload_well().await;
    assert_eq!(variant(&host, "mug")["availability"]["available"], false);
    assert_eq!(host.feeds("agent").upload_changes().await, None);
}

#[tokio::test]
async fn a_change_of_the_catalog_is_told_without_a_full_upload() {
    let mut host = start("").await;
    host.feeds("agent").upload_well().await;
    let changed = catalog()
        .replace("mug,Mug,", "mug,Large Mug,")
        .replace("15.00 USD", "16.00 USD");
    let added = "cup,Cup,A cup,https://shop.example/cup,https://shop.example/cup.png,in_stock,9.00 USD,,,3,,Acme,,M-CUP,new,Home & Garden,,,,,,\n";
    host.restart_as(merchant("").catalog(&format!("{changed}{added}")))
        .await;
    let increment = host.feeds("agent").upload_changes().await.unwrap();
    assert_eq!((increment.status, increment.counts.sent), (FeedStatus::Succeeded, 2));
    let mug = variant(&host, "mug");
    assert_eq!(
        (&mug["title"], &mug["price"]["amount"]),
        (&json!("Large Mug"), &json!(1600))
    );
    assert_eq!(variant(&host, "cup")["price"]["amount"], 900);
    assert_eq!(host.feeds("agent").upload_changes().await, None);
}

#[tokio::test]
async fn an_item_that_is_gone_cannot_be_bought_before_the_next_full_upload() {
    let mut host = start("").await;
    host.feeds("agent").upload_well().await;
    let rows = ROWS.lines().filter(|row| !row.starts_with("mug"));
    let left = rows.fold(HEADER.to_owned(), |all, row| format!("{all}{row}\n"));
    host.restart_as(merchant("").catalog(&left)).await;
    host.feeds("agent").upload_changes().await.unwrap();
    let mug = variant(&host, "mug");
    assert_eq!(
        mug["availability"],
        json!({"available": false, "status": "discontinued"})
    );
}

#[tokio::test]
async fn the_price_of_a_sale_is_told_when_it_begins_and_when_it_ends() {
    let clock = TestClock::frozen();
    let from = clock.now().after(Duration::from_secs(3600));
    let until = from.after(Duration::from_secs(3600));
    let times = format!("{}/{}", from.rfc3339(), until.rfc3339());
    let sale = catalog().replace("15.00 USD,,,", &format!("15.00 USD,12.00 USD,{times},"));
    let host = TestHost::builder()
        .merchant(merchant("").catalog(&sale))
        .clock(clock)
        .start()
        .await;
    let price = || variant(&host, "mug")["price"]["amount"].clone();
    host.feeds("agent").upload_well().await;
    assert_eq!(price(), 1500);
    assert_eq!(host.feeds("agent").upload_changes().await, None, "it has not begun");
    for expected in [1200, 1500] {
        host.clock.advance(Duration::from_secs(3600));
        let increment = host.feeds("agent").upload_changes().await.unwrap();
        assert_eq!(increment.status, FeedStatus::Succeeded);
        assert_eq!(price(), expected, "at {}", host.feeds("agent").now());
    }
    assert_eq!(host.feeds("agent").upload_changes().await, None);
}
