//! Tests of the risk assessment.

use tillhouse_harness::prelude::*;
use tillhouse_plugin::risk::Decision;

#[tillhouse_harness::test]
async fn a_small_order_is_allowed_and_a_large_one_reviewed(env: Env) {
    let assess = |total| env.risk().assess(cart().line("tee", 1), total);
    assert_eq!(assess(500_00).await, Ok(Decision::Allow));
    assert!(matches!(assess(500_01).await, Ok(Decision::Review(_))));
}

#[tillhouse_harness::test]
async fn an_order_that_is_too_large_is_blocked(env: Env) {
    let cart = cart().line("tee", 1000);
    let decision = env.risk().assess(cart, 25_000_00).await;
    assert!(matches!(decision, Ok(Decision::Block(_))));
}

#[tillhouse_harness::test]
async fn a_full_cart_is_assessed_far_below_the_limits(env: Env) {
    let full = (0..200).fold(cart(), |cart, _| cart.line("tee", 1));
    env.risk().assess(full, 25_00).await.unwrap();
    env.usage()
        .assert_under(instructions(5_000_000), mib(8), calls(0));
}
