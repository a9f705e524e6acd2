//! Tests of fulfillment options.

use tillhouse_harness::prelude::*;

#[tillhouse_harness::test]
async fn shipping_has_a_price_until_the_cart_is_worth_enough(env: Env) {
    for (quantity, price) in [(1, 5_99), (2, 0)] {
        let cart = cart().line("tee", quantity).to(address::us("CA"));
        let offer = env.fulfillment().options(cart, 25_00).await.unwrap();
        assert_eq!(offer.options[0].price, price);
    }
}

#[tillhouse_harness::test]
async fn an_unserved_country_is_rejected_with_a_message(env: Env) {
    let abroad = cart().line("tee", 1).to(address::of("DE"));
    let offer = env.fulfillment().options(abroad, 25_00).await.unwrap();
    assert!(offer.options.is_empty() && offer.messages.len() == 1);
}

#[tillhouse_harness::test]
async fn a_full_cart_is_shipped_far_below_the_limits(env: Env) {
    let full = (0..200).fold(cart(), |cart, _| cart.line("tee", 1));
    let full = full.to(address::us("CA"));
    env.fulfillment().options(full, 25_00).await.unwrap();
    env.usage()
        .assert_under(instructions(5_000_000), mib(8), calls(0));
}
