//! Tests of the component in the host's runtime. The rules themselves have native unit tests next to the code.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use tillhouse_harness::generate::any_cart;
use tillhouse_harness::prelude::*;
use tillhouse_plugin::inventory::ReserveOutcome;
use tillhouse_plugin::prelude::{Rate, RateOff};
use tillhouse_plugin::types::Cart;

tillhouse_harness::conformance!();

#[tillhouse_harness::test]
async fn a_code_takes_its_percentage_off_the_line(env: Env) {
    let priced = env
        .pricing()
        .price(cart().line("tee-classic", 2).code("SAVE10"))
        .await
        .unwrap();
    assert_eq!(priced.lines[0].unit_price, 25_00);
    let ten_percent = RateOff::new(Rate::percent("10").unwrap());
    assert_eq!(priced.discounts[0].reduction, ten_percent.into());
    env.usage().assert_under(instructions(2_000_000), mib(4), calls(0));
    env.usage().assert_locked("pricing.price, one line with a code");
}

#[tillhouse_harness::test]
async fn a_code_is_over_when_its_time_is(env: Env) {
    env.config("discounts.SUMMER23.ends", "2026-06-30")
        .now("2026-06-30T23:59:59Z");
    let price = || env.pricing().price(cart().line("tee-classic", 1).code("SUMMER23"));
    assert_eq!(price().await.unwrap().discounts.len(), 1);
    env.now("2026-07-01T00:00:00Z");
    assert_eq!(price().await.unwrap().rejected[0].reason, "discount_code_expired");
}

#[tillhouse_harness::test]
async fn the_last_one_is_held_for_one_buyer(env: Env) {
    let reserve = |id: &'static str| env.inventory().reserve(id, cart().line("print-last", 1));
    assert_eq!(reserve("first").await.unwrap(), ReserveOutcome::Reserved);
    let second = reserve("second").operation(&operation("second")).await.unwrap();
    assert!(matches!(second, ReserveOutcome::Insufficient(short) if short[0].available == Some(0)));
    assert_eq!(env.counter("sold/print-last"), -1);
    env.inventory()
        .release("first", cart().line("print-last", 1))
        .await
        .unwrap();
    assert_eq!(env.counter("sold/print-last"), 0);
}

#[tillhouse_harness::test]
async fn tax_is_levied_where_the_parcel_goes(env: Env) {
    for (address, tax) in [
        (address::us("CA"), 3_63),
        (address::us("OR"), 0),
        (address::of("DE"), 9_50),
    ] {
        let quote = env.quote(cart().line("tee-classic", 2).to(address)).await.unwrap();
        assert_eq!(quote.line("line_1"), net(50_00).tax(tax));
    }
}

#[tillhouse_harness::test]
async fn a_percentage_does_not_depend_on_how_a_cart_is_split_into_lines(env: Env) {
    env.config("limits.max-quantity", "200");
    let mut split = cart().code("SAVE10");
    for number in 0..200 {
        env.item(item(&format!("item-{number}"), "0.04 USD"));
        split = split.line(format!("item-{number}"), 1);
    }
    for cart in [split, cart().code("SAVE10").line("item-0", 200)] {
        let totals = env.quote(cart).await.unwrap().totals();
        assert_eq!((totals.items_base, totals.items_discount), (8_00, 80));
    }
}

#[tillhouse_harness::test]
async fn free_shipping_depends_on_what_every_discount_leaves(env: Env) {
    env.item(item("amplifier", "80.00 USD"))
        .config("discounts.HALFLINES.percent", "50")
        .config("discounts.HALFORDER.percent", "50")
        .config("discounts.HALFORDER.on", "order");
    let amplifier = || cart().line("amplifier", 1).to(address::us("CA"));
    let quote = env.quote(amplifier()).await.unwrap();
    assert_eq!(quote.option("standard"), net(0));
    for code in ["HALFLINES", "HALFORDER"] {
        let totals = env.quote(amplifier().code(code)).await.unwrap().totals();
        assert_eq!(
            (totals.subtotal - totals.discount, totals.fulfillment),
            (40_00, 5_99),
            "{code}"
        );
    }
}

#[tillhouse_harness::test]
async fn a_code_for_free_shipping_is_off_whichever_option_applies(env: Env) {
    let tee = || cart().line("tee-classic", 1).to(address::us("CA")).code("SHIPFREE");
    for cart in [tee(), tee().shipped_by("express")] {
        let totals = env.quote(cart).await.unwrap().totals();
        assert_eq!((totals.fulfillment, totals.total), (0, 26_81), "25.00 and 7.25 % of it");
    }
}

#[tillhouse_harness::test]
async fn prices_that_include_tax_stay_what_was_shown(env: Env) {
    env.config("shipping.tax-included", "true")
        .item(item("song", "9.99 USD").tax_included());
    let songs = cart().line("song", 3).to(address::of("DE"));
    let quote = env.quote(songs).await.unwrap();
    assert_eq!(quote.line("line_1"), gross(29_97).tax(4_79).net(25_18));
    // 19 / 119 of 12.99.
    assert_eq!(quote.option("standard"), gross(12_99).tax(2_07));
    assert_eq!(quote.totals().total, 42_96);
}

#[tillhouse_harness::test]
async fn downloads_are_taxed_where_the_buyer_is(env: Env) {
    let album = || cart().line("album-field", 1);
    let quote = env.quote(album()).await.unwrap();
    let message = &quote.json()["messages"][0];
    assert_eq!(
        (&message["severity"], &message["code"]),
        (&json!("error"), &json!("missing"))
    );
    for cart in [album().billed_to(address::of("DE")), album().to(address::of("DE"))] {
        let quote = env.quote(cart).await.unwrap();
        assert_eq!(quote.line("line_1"), net(9_00).tax(1_71));
        assert_eq!(quote.json()["messages"], json!([]));
    }
}

#[tillhouse_harness::test]
async fn each_group_is_shipped_and_taxed_where_it_goes(env: Env) {
    let two = cart()
        .line("tee-classic", 1)
        .line("mug-enamel", 1)
        .lines_to("home", &["line_1"], address::us("CA"))
        .lines_to("office", &["line_2"], address::of("DE"));
    let quote = env.quote(two).await.unwrap();
    assert!(quote.selected().eq(["home/standard", "office/standard"]));
    assert_eq!(quote.line("line_1"), net(25_00).tax(1_81));
    assert_eq!(quote.line("line_2"), net(15_00).tax(2_85));
    assert_eq!(quote.option("home/standard"), net(5_99).tax(0));
    assert_eq!(quote.option("office/standard"), net(14_99).tax(2_85));
}

#[tillhouse_harness::test]
async fn a_whole_quote_is_the_quote_of_the_single_decisions(env: Env) {
    let items = ["tee-classic", "hoodie-zip", "album-field", "print-last"];
    let quoted = async |cart: Cart| env.quotes_agree(cart).await;
    env.for_all(100, any_cart(&items), quoted).await;
}

#[tillhouse_harness::test]
async fn an_invalid_configuration_is_reported_key_by_key(env: Env) {
    env.config("tax.us.CA", "lots").config("colour", "red");
    let mut keys: Vec<String> = env
        .lifecycle()
        .problems()
        .await
        .into_iter()
        .map(|problem| problem.key)
        .collect();
    keys.sort();
    assert_eq!(keys, ["colour", "tax.us.CA"]);
}

#[tillhouse_harness::test]
async fn a_cart_of_two_hundred_lines_is_well_within_the_budget(env: Env) {
    let mut full = cart().to(address::us("CA"));
    for number in 0..200 {
        env.item(item(&format!("item-{number}"), "1.00 USD").stock(9));
        full = full.line(format!("item-{number}"), 2);
    }
    let full = full.code("SAVE10").code("SPEND100");
    env.pricing().price(full.clone()).await.unwrap();
    env.usage().assert_under(instructions(25_000_000), mib(4), calls(0));
    env.usage().assert_locked("pricing.price, 200 lines with two codes");
    env.quote(full).await.unwrap();
    env.usage().assert_under(instructions(50_000_000), mib(8), calls(0));
    env.usage().assert_locked("quoting.quote, 200 lines with two codes");
}

#[tillhouse_harness::test]
async fn every_line_of_any_cart_is_priced(env: Env) {
    env.for_all(
        40,
        any_cart(&["tee-classic", "hoodie-zip", "album-field"]),
        async |cart: Cart| {
            let lines = cart.lines.len();
            let priced = env
                .pricing()
                .price(cart)
                .await
                .map_err(|failure| format!("{failure:?}"))?;
            if priced.lines.len() == lines {
                Ok(())
            } else {
                Err("a line has no price".to_owned())
            }
        },
    )
    .await;
}

#[tillhouse_harness::test]
async fn the_same_is_paid_over_every_protocol(env: Env) {
    let shop = env.shop().await;
    for protocol in Protocol::ALL {
        let bought = shop.buy(protocol, &[("tee-classic", 2)]).await;
        // Two tees at 25.00, standard shipping at 5.99, 7.25 % of the tees.
        assert_eq!(
            (&bought["status"], &bought["total"]),
            (&json!("completed"), &json!(59_62)),
            "{protocol:?}"
        );
    }
    assert_eq!(shop.charges().len(), Protocol::ALL.len());
}
