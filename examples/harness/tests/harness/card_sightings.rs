//! Data that a plugin saw and must not see, and tests in which it could not have seen any.

use tillhouse_harness::prelude::*;

use crate::{CARELESS, failure};

#[test]
fn asserting_on_card_data_without_a_card_fails() {
    let said = failure(CARELESS, async |env: Env| {
        env.pricing().price(cart().line("tee", 1)).await.unwrap();
        env.assert_never_saw_card_data();
    });
    for part in [
        "no card was used in this test",
        "env.payments().charge(order(), card::visa())",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
}

#[test]
fn a_purchase_through_a_shop_is_not_searched_for_card_data() {
    let said = failure(CARELESS, async |env: Env| {
        let shop = env.shop().await;
        let _ = shop.try_buy(Protocol::Acp20260417, &Basket::of("tee", 1)).await;
        env.assert_never_saw_card_data();
    });
    for part in ["no card was used in this test", "env.shop()"] {
        assert!(said.contains(part), "{part} in {said}");
    }
}

#[test]
fn asserting_on_words_without_a_call_fails() {
    let said = failure(CARELESS, async |env: Env| env.assert_never_saw(&["sk_test_123456"]));
    assert!(said.contains("no function of the plugin was called"), "{said}");
}
