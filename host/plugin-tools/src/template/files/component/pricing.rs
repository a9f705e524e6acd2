//! Tests of prices, through the component's interface as a host calls it.

use tillhouse_harness::prelude::*;

#[tillhouse_harness::test]
async fn a_tee_costs_what_the_catalog_says(env: Env) {
    let priced = env.pricing().price(cart().line("tee", 2)).await.unwrap();
    assert_eq!(priced.lines[0].unit_price, 25_00);
}

#[tillhouse_harness::test]
async fn a_rate_that_is_none_is_the_operators_mistake(env: Env) {
    env.config("bulk-percent", "ten");
    let priced = env.pricing().price(cart().line("tee", 2)).await;
    assert!(matches!(priced, Err(Failure::Misconfigured(_))));
}

#[tillhouse_harness::test]
async fn a_full_cart_is_priced_far_below_the_limits(env: Env) {
    let full = (0..200).fold(cart(), |cart, _| cart.line("tee", 1));
    env.pricing().price(full).await.unwrap();
    env.usage()
        .assert_under(instructions(5_000_000), mib(8), calls(0));
}
