//! Prices, asked of the component as a host would.

use tillhouse_harness::prelude::*;

const CATALOG: &str = include_str!("../fixtures/catalog.csv");

#[tillhouse_harness::test]
async fn a_tee_costs_what_the_catalog_says(env: Env) {
    env.catalog(CATALOG);
    let priced = env.pricing().price(cart().line("tee", 2)).await.unwrap();
    assert_eq!(priced.lines[0].unit_price, 25_00);
}

#[tillhouse_harness::test]
async fn a_rate_that_is_none_is_the_operators_mistake(env: Env) {
    env.catalog(CATALOG);
    env.config("bulk-percent", "ten");
    let failed = env
        .pricing()
        .price(cart().line("tee", 2))
        .await
        .unwrap_err();
    assert!(matches!(failed, Failure::Misconfigured(_)), "{failed:?}");
}

#[tillhouse_harness::test]
async fn a_cart_stays_far_below_the_limits(env: Env) {
    env.catalog(CATALOG);
    let full = (0..200).fold(cart(), |cart, _| cart.line("tee", 1));
    env.pricing().price(full).await.unwrap();
    env.usage()
        .assert_under(instructions(2_000_000), mib(8), calls(0));
}
