//! How much discounts take off: the same money however it is spread, and shipping by what is left.

use serde_json::{Value, json};
use tillhouse_tests::{HttpResponse, Merchant, Release, Shared, TestHost, fixtures};

const CODES: &str = r#"
limits.max-quantity = 1000

[discounts.HALFLINES]
percent = 50

[discounts.HALFORDER]
percent = 50
on = "order"

[discounts.P10]
percent = 10

[discounts.HALFSHIPPING]
percent = 50
on = "shipping"
"#;

/// An item for 80.00, and two hundred for 0.04 each.
fn catalog() -> String {
    let cheap = (0..200).map(|index| format!("pin-{index},Pin {index},0.04 USD,in_stock\n"));
    "id,title,price,availability\nlamp,Lamp,80.00 USD,in_stock\n".to_owned() + &cheap.collect::<String>()
}

static HOST: Shared = Shared::of(|| {
    let merchant = Merchant::named("demo").catalog(&catalog()).shop(CODES);
    TestHost::builder().merchant(merchant)
});

/// A session for Jane in California with these items and codes.
async fn with_codes(items: &[(&str, u32)], codes: &[&str]) -> HttpResponse {
    let acp = HOST.get().await.acp(Release::V2026_04_17);
    let cart = fixtures::cart(acp.release, items);
    let body = fixtures::with(cart, &fixtures::delivery(acp.release, &fixtures::address()));
    let session = acp
        .create(&fixtures::with(body, &json!({"discounts": {"codes": codes}})))
        .await;
    let session = session.expect(201).is("ready_for_payment");
    assert_eq!(
        session["discounts"]["rejected"].as_array().map_or(0, Vec::len),
        0,
        "{}",
        session.text()
    );
    session
}

/// Standard shipping is 5.99, and free from 75.00.
#[tokio::test]
async fn shipping_is_free_by_what_every_discount_leaves() {
    let whole = with_codes(&[("lamp", 1)], &[]).await;
    assert_eq!(whole.total("fulfillment"), 0);
    let mut totals = Vec::new();
    for code in ["HALFLINES", "HALFORDER"] {
        let half = with_codes(&[("lamp", 1)], &[code]).await;
        assert_eq!(half.total("fulfillment"), 599, "{code}");
        // 7.25 % of the 40.00 that are left.
        assert_eq!(half.total("tax"), 290, "{code}");
        totals.push(half.total("total"));
    }
    assert_eq!(totals, [4000 + 599 + 290; 2]);
}

#[tokio::test]
async fn a_percentage_of_many_small_lines_is_that_of_one_large_line() {
    let ids: Vec<String> = (0..200).map(|index| format!("pin-{index}")).collect();
    let many: Vec<(&str, u32)> = ids.iter().map(|id| (id.as_str(), 1)).collect();
    for items in [many.as_slice(), &[("pin-0", 200)]] {
        let session = with_codes(items, &["P10"]).await;
        assert_eq!(session.total("items_base_amount"), 800);
        assert_eq!(session.total("items_discount"), 80);
        let applied = &session["discounts"]["applied"][0];
        assert_eq!(applied["amount"], 80, "{applied:#}");
        let parts = applied["allocations"].as_array().unwrap().iter();
        let sum: i64 = parts.map(|part| part["amount"].as_i64().unwrap()).sum();
        assert_eq!(sum, 80, "{applied:#}");
        let off = |line: &Value| {
            let totals = line["totals"].as_array().unwrap().iter();
            let own = totals.filter(|total| total["type"] == "items_discount");
            own.map(|total| total["amount"].as_i64().unwrap()).sum::<i64>()
        };
        let lines = session["line_items"].as_array().unwrap().iter();
        assert_eq!(lines.map(off).sum::<i64>(), 80);
    }
}

#[tokio::test]
async fn a_code_takes_shipping_off_in_part_or_whole() {
    for (code, off) in [("HALFSHIPPING", 300), ("SHIPFREE", 599)] {
        let session = with_codes(&[("pin-0", 100)], &[code]).await;
        assert_eq!(session.total("fulfillment"), 599 - off, "{code}");
        assert_eq!(session["discounts"]["applied"][0]["amount"], off, "{code}");
        assert_eq!(session.total("subtotal"), 400);
        // 7.25 % on goods, none on shipping in California.
        assert_eq!(session.total("total"), 400 + 599 - off + 29, "{code}");
    }
}

#[tokio::test]
async fn percentages_are_taken_one_after_the_other_and_then_of_the_order() {
    let session = with_codes(&[("lamp", 1)], &["HALFLINES", "P10", "HALFORDER"]).await;
    // Half of 80.00, a tenth of the 40.00 that are left, and half of the 36.00 after that.
    assert_eq!(session.total("items_discount"), 4000 + 400);
    assert_eq!(session.total("discount"), 1800);
    assert_eq!(session.total("tax"), 131);
    let applied = session["discounts"]["applied"].as_array().unwrap().iter();
    let sum: i64 = applied.map(|discount| discount["amount"].as_i64().unwrap()).sum();
    assert_eq!(sum, 4000 + 400 + 1800);
}
