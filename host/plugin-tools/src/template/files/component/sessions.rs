//! Tests of sessions that end without an order.

use tillhouse_harness::prelude::*;

#[tillhouse_harness::test]
async fn the_end_of_a_full_cart_is_far_below_the_limits(env: Env) {
    let full = (0..200).fold(cart(), |cart, _| cart.line("tee", 1));
    env.sessions().ended("expired", full).await.unwrap();
    env.usage()
        .assert_under(instructions(5_000_000), mib(8), calls(0));
}
