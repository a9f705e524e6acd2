//! Tests of whole quotes.

use tillhouse_harness::prelude::*;

#[tillhouse_harness::test]
async fn a_full_cart_is_quoted_far_below_the_limits(env: Env) {
    let full = (0..200).fold(cart(), |cart, _| cart.line("tee", 1));
    let full = full.to(address::us("CA"));
    env.quoting().quote(full).await.unwrap();
    env.usage()
        .assert_under(instructions(20_000_000), mib(8), calls(0));
}
