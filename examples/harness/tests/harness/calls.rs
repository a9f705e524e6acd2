//! Calls, their usage, and the files beside the tests.

use tillhouse_harness::generate::any_cart;
use tillhouse_harness::prelude::*;
use tillhouse_harness::run;
use tillhouse_plugin::inventory::ReserveOutcome;
use tillhouse_plugin::types::Cart;

use crate::{CARELESS, HOSTILE, failure};

#[test]
fn a_call_answers_in_the_types_of_the_sdk() {
    run(CARELESS, async |env: Env| {
        let priced = env
            .pricing()
            .price(cart().line("tee", 2).line("nothing", 1).code("X"))
            .await
            .unwrap();
        assert_eq!(
            (priced.lines[0].unit_price, priced.unknown.as_slice()),
            (25_00, &["line_2".to_owned()][..])
        );
        assert_eq!(priced.rejected[0].reason, "discount_code_invalid");
        let taxed = env
            .tax()
            .assess(cart().line("tee", 2).to(address::us("CA")), 25_00)
            .await
            .unwrap();
        assert_eq!(taxed.lines[0].amount, 5_00);
        let order = env
            .orders()
            .identify(cart().line("tee", 1), money(25_00, "usd"))
            .await
            .unwrap();
        assert_eq!(order.id, "order_test");
    });
}

#[test]
fn staged_data_is_committed_and_can_be_read() {
    run(CARELESS, async |env: Env| {
        let reserve = || {
            env.inventory()
                .reserve("r1", cart().line("tee", 3))
                .operation(&operation("1"))
        };
        assert_eq!(reserve().await.unwrap(), ReserveOutcome::Reserved);
        assert_eq!(env.counter("sold/tee"), -3);
        assert_eq!(env.kv(), [("reservation/r1".to_owned(), b"held".to_vec())]);
        let stock = env.inventory().check(cart().line("tee", 1)).await.unwrap();
        assert_eq!(stock[0].available, Some(7));
        env.set_counter("sold/tee", -10);
        let stock = env.inventory().check(cart().line("tee", 1)).await.unwrap();
        assert_eq!(stock[0].available, Some(0));
    });
}

#[test]
fn a_change_between_two_calls_is_in_force_for_the_second() {
    run(CARELESS, async |env: Env| {
        let price = || env.pricing().price(cart().line("cap", 1));
        assert_eq!(price().await.unwrap().unknown, ["line_1"]);
        env.item(item("cap", "12.50 USD").stock(1));
        assert_eq!(price().await.unwrap().lines[0].unit_price, 12_50);
        env.catalog("id,title,price,availability\ncap,Cap,1400 JPY,in_stock\n")
            .currency("JPY");
        assert_eq!(price().await.unwrap().lines[0].unit_price, 1400);
    });
}

#[test]
fn instructions_are_the_same_each_time_and_every_bound_is_judged() {
    run(CARELESS, async |env: Env| {
        let price = || env.pricing().price(cart().line("tee", 2));
        price().await.unwrap();
        let first = env.usage();
        price().await.unwrap();
        assert_eq!(env.usage(), first);
        assert!(first.instructions > 1_000 && first.memory_bytes > 0, "{first:?}");
        assert_eq!(env.total_usage().instructions, 2 * first.instructions);
        first.assert_under(instructions(first.instructions), mib(8), calls(0));
    });
    let said = failure(CARELESS, async |env: Env| {
        env.pricing().price(cart().line("tee", 2)).await.unwrap();
        env.usage().assert_under(instructions(10), mib(8), calls(0));
    });
    assert!(
        said.starts_with("pricing.price used too much:\n  - ") && said.ends_with("at most 10"),
        "{said}"
    );
}

#[test]
fn a_fixture_is_an_argument_and_a_golden_file_an_answer() {
    run(CARELESS, async |env: Env| {
        let cart: Cart = env.fixture("cart.json");
        let priced = env.pricing().price(cart).await.unwrap();
        env.golden("priced-cart", &priced);
        env.usage().assert_locked("pricing.price, two lines");
    });
}

#[test]
fn a_property_that_does_not_hold_is_shown_by_a_small_example() {
    let said = failure(HOSTILE, async |env: Env| {
        env.for_all(40, any_cart(&["tee"]), async |cart: Cart| {
            let quantity: u32 = cart.lines.iter().map(|line| line.quantity).max().unwrap_or(0);
            env.pricing()
                .price(cart)
                .await
                .map_err(|failure| format!("{failure:?}"))?;
            if quantity < 100 {
                Ok(())
            } else {
                Err("too many".to_owned())
            }
        })
        .await;
    });
    assert!(
        said.starts_with("too many\nfor Cart") && said.matches("item:").count() == 1,
        "{said}"
    );
    assert!(
        said.contains("codes: []") && said.contains("destination: None"),
        "{said}"
    );
}

#[test]
fn a_function_can_be_called_by_its_name_with_json() {
    run(CARELESS, async |env: Env| {
        let lines = json!([{"id": "l1", "item": "mug", "quantity": 1}]);
        let answer = env
            .call("pricing.price", json!({"cart": {"lines": lines}}))
            .await
            .unwrap();
        assert_eq!(answer["lines"][0]["unit_price"], 15_00);
    });
}
