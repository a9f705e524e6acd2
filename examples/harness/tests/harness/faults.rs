//! Calls that end in a fault.

use tillhouse_harness::prelude::*;
use tillhouse_harness::run;

use crate::{CARELESS, HOSTILE, failure};

#[test]
fn each_limit_has_a_fault_of_its_own() {
    run(HOSTILE, async |env: Env| {
        for (item, fault) in [
            ("price:trap", "trap"),
            ("price:spin", "cpu-budget"),
            ("price:memory", "memory"),
            ("price:deep-recursion", "trap"),
            ("price:huge-output", "output-too-large"),
        ] {
            let found = env.pricing().fault(cart().line(item, 1)).await;
            assert_eq!(
                (found.function.as_str(), found.name.as_str()),
                ("pricing.price", fault),
                "{found}"
            );
        }
        env.pricing().price(cart().line("tee", 1)).await.unwrap();
    });
}

#[test]
fn an_unexpected_fault_fails_the_test_with_the_full_message() {
    let said = failure(CARELESS, async |env: Env| {
        env.config("mistake", "unknown-item").now("2026-07-01T00:00:00Z");
        env.item(item("cap", "12.50 USD"));
        env.pricing().price(cart().line("gone", 1)).await.unwrap();
    });
    for part in [
        "pricing.price of careless-plugin failed: trap",
        "no such item: gone",
        "tillhouse plugin run ",
        "tests/careless-plugin --function pricing.price --input ",
        "with_the_full_message-pricing.price.json --config ",
        "with_the_full_message-pricing.price-config.toml --catalog ",
        "with_the_full_message-pricing.price-catalog.csv --now 2026-07-01T00:00:00Z\n",
        "to expect this fault in a test, use .fault()",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
}

#[test]
fn a_missing_expected_fault_fails_the_test() {
    let said = failure(HOSTILE, async |env: Env| {
        env.pricing().fault(cart().line("tee", 1)).await;
    });
    assert!(
        said.starts_with("pricing.price was expected to fault, but answered"),
        "{said}"
    );
}

#[test]
fn a_call_of_an_unexported_capability_lists_the_exported_ones() {
    let said = failure(HOSTILE, async |env: Env| {
        let _ = env.inventory().check(cart().line("tee", 1)).await;
    });
    assert!(
        said.contains("does not export inventory; it exports pricing, tax, payments"),
        "{said}"
    );
}
