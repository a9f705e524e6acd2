//! Tests of the component in the host's runtime: by itself, and in purchases with the prices of other plugins.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use tillhouse_harness::PluginUnderTest;
use tillhouse_harness::generate::{any_address, any_cart};
use tillhouse_harness::prelude::*;
use tillhouse_plugin::tax::{Assessed, Assessment, Request};
use tillhouse_plugin::types::{Address, Cart, Severity, Subject};

tillhouse_harness::conformance!();

/// Sums the taxes on the lines.
fn on_lines(taxed: &Assessment) -> i64 {
    taxed.lines.iter().map(|line| line.amount).sum()
}

#[tillhouse_harness::test]
async fn state_and_city_each_take_their_part_of_what_they_tax(env: Env) {
    let request: Request = env.fixture("an-order-of-everything.json");
    let taxed = env.tax().assess_request(&request).await.unwrap();
    // 7.00 off the order leaves 50.00 of the hats and 10.91 of the novel; bread and shipping are free of tax.
    let amounts = |of: &[Assessed]| of.iter().map(|it| (it.id.clone(), it.amount)).collect::<Vec<_>>();
    assert_eq!(
        amounts(&taxed.lines),
        [("line_1".to_owned(), 4_31), ("line_3".to_owned(), 94)]
    );
    assert_eq!(amounts(&taxed.fees), [("wrap".to_owned(), 35)]);
    assert_eq!(taxed.options, []);
    env.golden("taxes-of-san-francisco", &taxed);
    env.usage().assert_under(instructions(500_000), mib(2), calls(0));
    env.usage().assert_locked("tax.assess, three lines of two taxes");
}

#[tillhouse_harness::test]
async fn a_category_has_the_rate_of_the_country_that_it_goes_to(env: Env) {
    let food_and_books = || cart().line("bread", 1).line("novel", 1).line("hat", 1);
    for (country, tax) in [("DE", 70 + 70 + 1_90), ("FR", 55 + 55 + 2_00), ("JP", 0)] {
        let cart = food_and_books().to(address::of(country));
        let taxed = env.tax().assess(cart, 10_00).await.unwrap();
        assert_eq!(on_lines(&taxed), tax, "{country}");
    }
}

#[tillhouse_harness::test]
async fn an_exempt_buyer_pays_no_tax(env: Env) {
    env.config("exempt.customers", "cus_school");
    let hats = || cart().line("hat", 1).to(address::us("CA"));
    for (customer, tax) in [("cus_school", 0), ("cus_1", 1_73)] {
        let taxed = env.tax().assess(hats().signed_in(customer), 20_00).await.unwrap();
        assert_eq!(on_lines(&taxed), tax, "{customer}");
    }
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
        assert_eq!(taxed.lines, [], "{field}");
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
    assert_eq!(taxed.lines.len(), 100, "food is free");
    env.usage().assert_under(instructions(5_000_000), mib(4), calls(0));
    env.usage().assert_locked("tax.assess, 200 lines of two taxes");
}

#[tillhouse_harness::test]
async fn the_parts_of_every_tax_add_up_wherever_a_cart_goes(env: Env) {
    let examples = (any_cart(&["hat", "bread", "novel", "coat"]), any_address());
    env.for_all(60, examples, async |(mut cart, address): (Cart, Address)| {
        cart.destination = Some(address);
        let taxed = env.tax().assess(cart, 20_00).await;
        let taxed = taxed.map_err(|failure| format!("{failure:?}"))?;
        let odd = taxed.lines.iter().find(|line| {
            let parts = line.parts.iter().map(|part| part.amount);
            line.amount <= 0 || parts.sum::<i64>() != line.amount
        });
        odd.map_or(Ok(()), |line| Err(format!("{line:?} does not add up")))
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
    assert_eq!(shop.charges().len(), 3);
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
        basket.address.state = "Quebec".to_owned();
        let told = shop.try_buy(protocol, &basket).await.unwrap_err();
        let says = "Give the state or region of the address by its code";
        assert!(told.to_string().contains(says), "{protocol:?}: {told:#}");
    }
    assert!(shop.charges().is_empty());
}
