//! Tests of stock levels.

use tillhouse_harness::prelude::*;

#[tillhouse_harness::test]
async fn what_the_catalog_counts_is_there_but_for_the_reserve(env: Env) {
    env.config("kept-back", "20");
    let stock = env.inventory().check(cart().line("tee", 1)).await.unwrap();
    assert_eq!(stock[0].available, Some(100));
}

#[tillhouse_harness::test]
async fn a_reserve_that_is_not_a_number_is_a_configuration_error(env: Env) {
    env.config("kept-back", "some");
    let stock = env.inventory().check(cart().line("tee", 1)).await;
    assert!(matches!(stock, Err(Failure::Misconfigured(_))));
}

#[tillhouse_harness::test]
async fn a_full_cart_is_counted_far_below_the_limits(env: Env) {
    let full = (0..200).fold(cart(), |cart, _| cart.line("tee", 1));
    env.inventory().check(full).await.unwrap();
    env.usage()
        .assert_under(instructions(5_000_000), mib(8), calls(0));
}
