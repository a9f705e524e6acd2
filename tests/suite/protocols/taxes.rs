//! Taxes: of the tax table bound beside the bundled shop, and rounded as the shop's configuration says.

use serde_json::json;
use tillhouse_tests::{Merchant, Protocol, Release, Shared, TestHost, fixtures, tax_table};

use crate::protocols::RELEASES;

/// Tax category and tax code of each item: the hat has neither, the bread is food by its category, the novel a book by its code.
const CATALOG: &str = "\
id,title,price,availability,tax_category,stripe_product_tax_code,shipping_type
hat,Hat,20.00 USD,in_stock,,,
bread,Bread,10.00 USD,in_stock,food,,
novel,Novel,12.00 USD,in_stock,,txcd_35010000,
";

static HOST: Shared = Shared::of(|| tax_table::builder().merchant(tax_table::merchant("demo").catalog(CATALOG)));

#[tokio::test]
async fn a_merchant_with_the_tax_table_sells_with_the_taxes_of_state_and_city() {
    let host = HOST.get().await;
    for release in RELEASES {
        let session = host.acp(release).ready(&[("hat", 3), ("bread", 1)]).await;
        // 8.625 % of 60.00 is 5.175; food and, in California, shipping are exempt.
        assert_eq!(session.total("tax"), 518);
        let token = host.token(session.total("total")).await;
        let done = host.acp(release).complete(session.id(), &token).await.expect(200);
        assert_eq!(done.is("completed").total("tax"), 518);
    }
}

#[tokio::test]
async fn the_orders_discount_is_taken_off_before_tax() {
    let acp = HOST.get().await.acp(Release::V2026_04_17);
    let session = acp.ready(&[("hat", 1), ("bread", 1)]).await;
    let code = json!({"discounts": {"codes": ["ORDER3"]}});
    let session = acp.update(session.id(), &code).await.expect(200);
    // Discount of 3.00 on 20.00 and 10.00: 8.625 % of the remaining 18.00 is 1.5525.
    assert_eq!((session.total("discount").abs(), session.total("tax")), (300, 155));
}

#[tokio::test]
async fn each_place_and_category_has_rates_of_its_own() {
    let acp = HOST.get().await.acp(Release::V2026_04_17);
    let session = acp.ready(&[("novel", 1), ("bread", 1), ("hat", 1)]).await;
    for ((country, state, postal_code), goods, shipping) in [
        (("US", "CA", "90001"), 87 + 145, 0),
        (("US", "OR", "97035"), 0, 0),
        (("DE", "", "10115"), 84 + 70 + 380, 19),
        (("DE", "", "27498"), 0, 0),
    ] {
        let address = fixtures::address_in(country, state, postal_code);
        let moved = acp
            .update(session.id(), &fixtures::delivery(acp.release, &address))
            .await;
        let moved = moved.expect(200);
        let tax = goods + percent(moved.total("fulfillment"), shipping);
        assert_eq!(moved.total("tax"), tax, "{country} {state} {postal_code}");
    }
}

/// Whole percent of an amount, rounded half up.
fn percent(amount: i64, percent: i64) -> i64 {
    (amount * percent + 50) / 100
}

#[tokio::test]
async fn an_address_that_taxes_depend_on_is_required_before_payment() {
    let acp = HOST.get().await.acp(Release::V2026_04_17);
    let session = acp.ready(&[("hat", 1)]).await;
    let address = fixtures::address_in("CA", "ZZ", "H2X 1Y4");
    let answer = acp
        .update(session.id(), &fixtures::delivery(acp.release, &address))
        .await;
    let answer = answer.expect(200).is("not_ready_for_payment");
    assert_eq!(answer.message("invalid")["type"], "error");
}

/// Downloads, so that no shipping is taxed.
const PENS: &str = "id,title,price,availability,shipping_type\n\
    red,Red pen,105 JPY,in_stock,digital\n\
    green,Green pen,105 JPY,in_stock,digital\n\
    blue,Blue pen,105 JPY,in_stock,digital\n";

/// 10 % are 31 of 315 in one sum, and 10 of each 105.
#[tokio::test]
async fn rounding_once_for_a_rate_does_not_depend_on_the_lines_of_a_cart() {
    let protocol = Protocol::Acp(Release::V2026_04_17);
    let paris = fixtures::address_in("FR", "", "75001");
    for (scope, of_one_line, of_three_lines) in [("line", 31, 30), ("rate", 31, 31), ("cart", 31, 31)] {
        let rule = format!("tax.eu.FR = \"10\"\ntax.rounding = \"down\"\ntax.rounding-scope = \"{scope}\"");
        let merchant = Merchant::named("demo").catalog(PENS).shop(&rule);
        let host = TestHost::builder().merchant(merchant.set("currency = \"jpy\""));
        let host = host.start().await;
        for (items, tax) in [
            (&[("red", 3)][..], of_one_line),
            (&[("red", 1), ("green", 1), ("blue", 1)], of_three_lines),
        ] {
            let session = protocol.create(&host, items, "jpy", &paris).await.expect(201);
            assert_eq!(session.total("tax"), tax, "{scope}: {items:?}");
            assert_eq!(session.total("total"), 315 + tax, "{scope}: {items:?}");
        }
        host.stop().await;
    }
}
