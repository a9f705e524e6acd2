//! A catalog that is imported while buyers are about to pay.

use std::time::Duration;

use serde_json::json;
use tillhouse_tests::{Merchant, Protocol, Release, TestHost, fixtures};

use super::eventually::{assert_charged_once, assert_not_charged, fast_timings};

const HEADER: &str = "id,title,description,link,image_link,availability,price,shipping_type\n";

const RELEASE: Release = Release::V2026_04_17;

/// How long a version is kept for checkouts that were quoted with it.
const GRACE: Duration = Duration::from_secs(900);

/// A merchant that sells downloads at these prices.
fn shop(prices: &[(&str, &str)]) -> Merchant {
    let row = |(id, price): &(&str, &str)| {
        format!("{id},{id},A song.,https://s.example/{id},https://s.example/i,in_stock,{price} USD,digital\n")
    };
    let rows: String = prices.iter().map(row).collect();
    Merchant::named("demo").untaxed().catalog(&format!("{HEADER}{rows}"))
}

async fn start(prices: &[(&str, &str)]) -> TestHost {
    let builder = TestHost::builder().timings(fast_timings()).frozen();
    builder.merchant(shop(prices)).start().await
}

#[tokio::test]
async fn a_completion_pays_what_was_shown_although_the_price_has_changed() {
    for protocol in Protocol::ALL {
        let mut host = start(&[("song", "9.00")]).await;
        let items = [("song", 1)];
        let session = protocol.create(&host, &items, "usd", &fixtures::address()).await;
        assert_eq!(session.total("total"), 900);
        host.restart_as(shop(&[("song", "12.00")])).await;
        let next = protocol.create(&host, &items, "usd", &fixtures::address()).await;
        assert_eq!(next.total("total"), 1200, "{protocol:?}");
        host.clock.advance(Duration::from_secs(61));
        let looked = protocol.retrieve(&host, session.id()).await.expect(200);
        assert_eq!(looked.total("total"), 900, "{protocol:?}: a read that quotes again");
        let token = host.token(900).await;
        let paid = protocol.pay(&host, session.id(), &protocol.payment(&token)).await;
        let _ = paid.expect(200).is("completed");
        assert_charged_once(&host, 900).await;
    }
}

#[tokio::test]
async fn after_the_grace_time_the_new_price_is_shown_before_it_is_paid() {
    for protocol in Protocol::ALL {
        let mut host = start(&[("song", "9.00")]).await;
        let session = protocol
            .create(&host, &[("song", 1)], "usd", &fixtures::address())
            .await;
        host.restart_as(shop(&[("song", "12.00")])).await;
        host.clock.advance(GRACE);
        let token = host.token(1200).await;
        let payment = protocol.payment(&token);
        let refused = protocol.pay(&host, session.id(), &payment).await;
        let _ = refused.refused(409, "conflict");
        assert_not_charged(&host);
        let looked = protocol.retrieve(&host, session.id()).await.expect(200);
        assert_eq!(looked.total("total"), 1200);
        let paid = protocol.pay(&host, session.id(), &payment).await;
        let _ = paid.expect(200).is("completed");
        assert_charged_once(&host, 1200).await;
    }
}

#[tokio::test]
async fn an_item_that_is_gone_is_sold_to_who_was_shown_it_and_to_no_other_checkout() {
    let mut host = start(&[("song", "9.00"), ("album", "20.00")]).await;
    let agent = host.acp(RELEASE);
    let session = agent.open(&[("song", 1)]).await;
    host.restart_as(shop(&[("album", "20.00")])).await;
    let agent = host.acp(RELEASE);
    let late = agent.create(&fixtures::cart(RELEASE, &[("song", 1)])).await;
    let _ = late.refused(400, "invalid_item_id");
    let token = host.token(900).await;
    let paid = agent.complete(session.id(), &token).await;
    let _ = paid.expect(200).is("completed");
}

#[tokio::test]
async fn an_update_may_name_an_item_that_is_newer_than_the_quote() {
    let mut host = start(&[("song", "9.00")]).await;
    let session = host.acp(RELEASE).open(&[("song", 1)]).await;
    host.restart_as(shop(&[("song", "12.00"), ("album", "20.00")])).await;
    let agent = host.acp(RELEASE);
    let wanted = json!({"line_items": [{"id": "song", "quantity": 1}, {"id": "album", "quantity": 1}]});
    let updated = agent.update(session.id(), &wanted).await.expect(200);
    assert_eq!(
        updated.total("total"),
        3200,
        "both at the prices of the version in force"
    );
    let token = host.token(3200).await;
    let _ = agent.complete(session.id(), &token).await.expect(200).is("completed");
    assert_charged_once(&host, 3200).await;
}
