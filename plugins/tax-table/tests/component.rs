//! Tests of the component in the host's runtime: by itself, and in purchases with the prices of other plugins.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use tillhouse_harness::PluginUnderTest;
use tillhouse_harness::generate::{any_address, any_cart};
use tillhouse_harness::prelude::*;
use tillhouse_plugin::tax::{Request, Taxes};
use tillhouse_plugin::types::{Address, Cart, Severity, Subject};

tillhouse_harness::conformance!();

#[tillhouse_harness::test]
async fn state_and_city_each_take_their_part_of_what_they_tax(env: Env) {
    let request: Request = env.fixture("an-order-of-everything.json");
    let taxed = env.tax().assess_request(&request).await.unwrap();
    // Bread and shipping are free of tax.
    assert_eq!(line_rate(&taxed, "line_1"), Some(86_250));
    assert_eq!(line_rate(&taxed, "line_2"), None);
    assert_eq!(line_rate(&taxed, "line_3"), Some(86_250));
    env.golden("taxes-of-san-francisco", &taxed);
    env.usage().assert_under(instructions(500_000), mib(2), calls(0));
    env.usage().assert_locked("tax.assess, three lines of two taxes");
}

#[tillhouse_harness::test]
async fn a_category_has_the_rate_of_the_country_that_it_goes_to(env: Env) {
    let food_and_books = || cart().line("bread", 1).line("novel", 1).line("hat", 1);
    for (country, food_and_book, hat) in [
        ("DE", Some(70_000), Some(190_000)),
        ("FR", Some(55_000), Some(200_000)),
        ("JP", None, None),
    ] {
        let cart = food_and_books().to(address::of(country));
        let taxed = env.tax().assess(cart, 10_00).await.unwrap();
        let rates = ["line_1", "line_2", "line_3"].map(|line| line_rate(&taxed, line));
        assert_eq!(rates, [food_and_book, food_and_book, hat], "{country}");
    }
}

#[tillhouse_harness::test]
async fn an_exempt_buyer_pays_no_tax(env: Env) {
    env.config("exempt.customers", "cus_school");
    let hats = || cart().line("hat", 1).to(address::us("CA"));
    for (customer, rate) in [("cus_school", Some(0)), ("cus_1", Some(86_250))] {
        let taxed = env.tax().assess(hats().signed_in(customer), 20_00).await.unwrap();
        assert_eq!(line_rate(&taxed, "line_1"), rate, "{customer}");
    }
}

#[tillhouse_harness::test]
async fn a_certificate_counts_if_its_kind_is_configured(env: Env) {
    let resold = || cart().line("hat", 1).to(address::us("TX")).tax_exempt("resale", "TX-1");
    let taxed = env.tax().assess(resold(), 20_00).await.unwrap();
    assert_eq!(line_rate(&taxed, "line_1"), Some(0));
    env.without_config("tax.US.TX.exempt-certificates");
    let taxed = env.tax().assess(resold(), 20_00).await.unwrap();
    assert_eq!(line_rate(&taxed, "line_1"), Some(62_500));
}

/// Three lines of food at 105 yen, at 8 % cut to whole yen.
#[tillhouse_harness::test]
async fn rounded_once_for_each_rate_no_tax_depends_on_the_lines(env: Env) {
    env.catalog("")
        .currency("JPY")
        .config("rounding", "down")
        .config("rounding-scope", "rate")
        .config("tax.JP.CT.rate", "10")
        .config("tax.JP.CT.rates.food", "8");
    let food = |id: &str| item(id, "105 JPY").column("tax_category", "food");
    env.item(food("rice")).item(food("tea")).item(food("miso"));
    let one = |id: &str, quantity| cart().line(id, quantity).to(address::of("JP"));
    let three = cart()
        .line("rice", 1)
        .line("tea", 1)
        .line("miso", 1)
        .to(address::of("JP"));
    for cart in [three, one("rice", 3)] {
        let quote = env.quote(cart).await.unwrap();
        let on_lines = quote.totals().tax - quote.option("standard").tax;
        assert_eq!(on_lines, 25);
    }
}

#[tillhouse_harness::test]
async fn a_price_that_includes_tax_stays_what_was_shown(env: Env) {
    env.item(item("cap", "9.99 USD").tax_included());
    let caps = cart().line("cap", 3).to(address::of("DE"));
    let quote = env.quote(caps).await.unwrap();
    assert_eq!(quote.line("line_1"), gross(29_97).tax(4_79).net(25_18));
}

#[tillhouse_harness::test]
async fn downloads_are_taxed_where_the_buyer_is(env: Env) {
    env.item(item("song", "10.00 USD").column("shipping_type", "digital"));
    let quote = env.quote(cart().line("song", 1)).await.unwrap();
    assert_eq!(quote.json()["messages"][0]["code"], "missing");
    let billed = cart().line("song", 1).billed_to(address::of("DE"));
    let quote = env.quote(billed).await.unwrap();
    assert_eq!(quote.line("line_1"), net(10_00).tax(1_90));
}

#[tillhouse_harness::test]
async fn an_incomplete_address_is_reported_to_the_buyer(env: Env) {
    let nameless = Address {
        region: String::new(),
        ..address::us("CA")
    };
    let codeless = Address {
        postal_code: String::new(),
        ..address::us("CA")
    };
    for (address, code, field) in [
        (nameless, "missing", "state"),
        (codeless, "missing", "postal_code"),
        (address::us("California"), "invalid", "state"),
    ] {
        let taxed = env
            .tax()
            .assess(cart().line("hat", 1).to(address), 20_00)
            .await
            .unwrap();
        let message = &taxed.messages[0];
        assert_eq!(message.code.as_deref(), Some(code), "{field}");
        assert_eq!(
            (&message.about, &message.severity),
            (&Subject::address(field), &Severity::Error)
        );
        assert_eq!(line_rate(&taxed, "line_1"), None, "{field}");
    }
}

#[tillhouse_harness::test]
async fn an_invalid_configuration_is_reported_key_by_key_with_the_fix(env: Env) {
    env.config("tax.US.CA.rate", "lots")
        .config("tax.US.SF.rate", "101")
        .config("tax.DE.VAT.rates.Food", "7")
        .config("colour", "red")
        .without_config("tax.FR.VAT.rate");
    let problems = env.lifecycle().problems().await;
    for (key, says) in [
        ("tax.US.CA.rate", "`lots`"),
        ("tax.US.SF.rate", "at most 100"),
        ("tax.DE.VAT.rates.Food", "lower-case letters"),
        ("tax.FR.VAT.rate", "a percentage such as 7.25"),
        ("colour", "is not a key of this plugin"),
    ] {
        let told = problems.iter().find(|problem| problem.key == key);
        assert!(
            told.is_some_and(|problem| problem.message.contains(says)),
            "{key}: {problems:?}"
        );
    }
    assert_eq!(problems.len(), 5, "{problems:?}");
}

#[tillhouse_harness::test]
async fn a_cart_of_two_hundred_lines_is_well_within_the_budget(env: Env) {
    let mut full = cart().to(address::us("CA"));
    for number in 0..200 {
        let id = format!("item-{number}");
        let kind = if number % 2 == 0 { "food" } else { "" };
        env.item(item(&id, "1.00 USD").column("tax_category", kind));
        full = full.line(id, 2);
    }
    let taxed = env.tax().assess(full, 1_00).await.unwrap();
    let Taxes::Rates(rated) = taxed.taxes else {
        panic!("the table answers rates")
    };
    assert_eq!(rated.lines.len(), 100, "food is free");
    env.usage().assert_under(instructions(5_000_000), mib(4), calls(0));
    env.usage().assert_locked("tax.assess, 200 lines of two taxes");
}

#[tillhouse_harness::test]
async fn every_line_that_is_taxed_has_rates_wherever_a_cart_goes(env: Env) {
    let examples = (any_cart(&["hat", "bread", "novel", "coat"]), any_address());
    env.for_all(60, examples, async |(mut cart, address): (Cart, Address)| {
        cart.destination = Some(address);
        let taxed = env.tax().assess(cart, 20_00).await;
        let taxed = taxed.map_err(|failure| format!("{failure:?}"))?;
        let Taxes::Rates(rated) = taxed.taxes else {
            return Err("the table answers rates".to_owned());
        };
        let odd = rated.lines.iter().find(|line| {
            let together: u32 = line.rates.iter().map(|rate| rate.rate).sum();
            line.exempt.is_some() != line.rates.is_empty() || together > 1_000_000
        });
        odd.map_or(Ok(()), |line| Err(format!("{line:?} is not a tax")))
    })
    .await;
}

/// Prices and shipping come from the reference shop, the charge from the sandbox processor.
#[tillhouse_harness::test]
async fn beside_the_prices_of_a_shop_its_taxes_are_paid_over_every_protocol(env: Env) {
    let shop = env.shop().await;
    for protocol in Protocol::ALL {
        let bought = shop.buy(protocol, &[("hat", 3), ("bread", 1)]).await;
        // Three hats at 20.00, bread at 10.00, shipping at 5.99, and 8.625 % of the hats.
        assert_eq!(
            (&bought["status"], &bought["total"]),
            (&json!("completed"), &json!(81_17)),
            "{protocol:?}"
        );
        assert_eq!(bought["charge"]["amount"], bought["total"], "{protocol:?}");
    }
    assert_eq!(shop.charges().len(), Protocol::ALL.len());
}

/// A merchant's own plugin that provides only prices: 15.00 for a hat, 4.00 for bread.
const PRICING_ONLY: PluginUnderTest = PluginUnderTest {
    manifest_dir: concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/pricing-only-plugin"),
    package: "pricing-only-plugin",
};

#[tillhouse_harness::test]
async fn beside_a_merchants_own_prices_its_taxes_are_paid_over_every_protocol(env: Env) {
    let shop = env.shop_beside(&[PRICING_ONLY]).await;
    for protocol in Protocol::ALL {
        let bought = shop.buy(protocol, &[("hat", 3), ("bread", 1)]).await;
        // 45.00 and 4.00, shipping at 5.99, and 8.625 % of the hats.
        assert_eq!(bought["total"], 58_87, "{protocol:?}");
        assert_eq!(bought["charge"]["amount"], bought["total"], "{protocol:?}");
    }
}

#[tillhouse_harness::test]
async fn a_discount_of_the_shop_comes_off_before_the_tables_taxes(env: Env) {
    let shop = env.shop().await;
    let basket = Basket::of("hat", 1).and("bread", 1).with_code("ORDER3");
    let bought = shop.buy_basket(Protocol::Acp20260417, &basket).await;
    // 3.00 over 20.00 and 10.00: 27.00, shipping at 5.99, and 8.625 % of 18.00.
    assert_eq!(bought["total"], 34_54);
}

#[tillhouse_harness::test]
async fn a_missing_address_field_blocks_payment(env: Env) {
    let shop = env.shop().await;
    for protocol in Protocol::ALL {
        let mut basket = Basket::of("hat", 1);
        basket.address.country = "CA".to_owned();
        basket.address.state = "Kebek".to_owned();
        let told = shop.try_buy(protocol, &basket).await.unwrap_err();
        let says = "Give the state or region of the address by its code";
        assert!(told.to_string().contains(says), "{protocol:?}: {told:#}");
    }
    assert!(shop.charges().is_empty());
}
