//! Tests of the component in the host's runtime. The rules themselves have native unit tests next to the code.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use tillhouse_harness::generate::any_cart;
use tillhouse_harness::prelude::*;
use tillhouse_plugin::inventory::ReserveOutcome;
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
    assert_eq!(priced.discounts[0].allocations[0].amount, 5_00);
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
        let taxed = env
            .tax()
            .assess(cart().line("tee-classic", 2).to(address), 25_00)
            .await
            .unwrap();
        assert_eq!(taxed.lines.iter().map(|line| line.amount).sum::<i64>(), tax);
    }
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
    env.pricing().price(full.code("SAVE10").code("SPEND100")).await.unwrap();
    env.usage().assert_under(instructions(25_000_000), mib(4), calls(0));
    env.usage().assert_locked("pricing.price, 200 lines with two codes");
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
    assert_eq!(shop.charges().len(), 3);
}
