//! Tests of order ids and events.

use tillhouse_harness::prelude::*;

#[tillhouse_harness::test]
async fn an_order_has_a_page(env: Env) {
    let identify = env
        .orders()
        .identify(cart().line("tee", 1), money(25_00, "usd"));
    let identity = identify.operation(&operation("1")).await.unwrap();
    assert_eq!(identity.permalink, "https://shop.example/orders/ord_1");
}

#[tillhouse_harness::test]
async fn an_event_of_an_unknown_kind_is_not_an_error(env: Env) {
    let total = money(25_00, "usd");
    env.orders()
        .notify("ord_1", "mislaid", total)
        .await
        .unwrap();
}

#[tillhouse_harness::test]
async fn a_full_cart_is_named_far_below_the_limits(env: Env) {
    let full = (0..200).fold(cart(), |cart, _| cart.line("tee", 1));
    let total = money(5_000_00, "usd");
    env.orders().identify(full, total).await.unwrap();
    env.usage()
        .assert_under(instructions(5_000_000), mib(8), calls(0));
}
