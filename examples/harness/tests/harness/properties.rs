//! Properties, and the examples for which they do not hold.

use proptest::strategy::Strategy as _;
use tillhouse_harness::generate::any_quantity;
use tillhouse_harness::prelude::*;
use tillhouse_harness::run;

use crate::{CARELESS, failure};

#[test]
fn a_property_that_panics_is_shown_by_a_small_example_as_well() {
    let said = failure(CARELESS, async |env: Env| {
        env.for_all(40, 1_u32..1_000_000, async |quantity: u32| {
            let priced = env.pricing().price(cart().line("tee", quantity)).await.unwrap();
            assert!(quantity < 100, "too many: {quantity} of {}", priced.lines.len());
            Ok(())
        })
        .await;
    });
    assert!(said.starts_with("too many: 100 of 1\n"), "{said}");
    assert!(said.contains("properties.rs:") && said.ends_with("for 100"), "{said}");
}

#[test]
fn a_fault_in_a_property_is_shown_by_a_small_example_as_well() {
    let said = failure(CARELESS, async |env: Env| {
        env.config("mistake", "off-for-each");
        let quantities = (0_u32..50).prop_filter("some", |quantity| quantity % 2 == 0);
        env.for_all(40, quantities, async |quantity: u32| {
            env.pricing().price(cart().line("tee", quantity)).await.unwrap();
            Ok(())
        })
        .await;
    });
    assert!(said.contains("divide by zero") && said.ends_with("for 0"), "{said}");
}

#[test]
fn each_example_starts_from_the_same_state() {
    run(CARELESS, async |env: Env| {
        env.set_counter("sold/tee", -3);
        let acquirer = env.upstream("acquirer");
        env.for_all(5, any_quantity(), async |quantity: u32| {
            assert_eq!((env.kv(), env.counter("sold/tee")), (Vec::new(), -3));
            assert_eq!(
                env.pricing().price(cart().line("cap", 1)).await.unwrap().unknown,
                ["line_1"]
            );
            env.item(item("cap", "12.50 USD").stock(1)).set_counter("sold/cap", -1);
            let _ = env.inventory().reserve("r1", cart().line("tee", quantity)).await;
            let reference = format!("ch_{quantity}");
            let charged = acquirer
                .expect(post("/v1/charges"))
                .reply(201, json!({"id": reference}));
            env.payments().charge(order(), card::visa()).await.unwrap();
            charged.assert_called_once();
            Ok(())
        })
        .await;
    });
}
