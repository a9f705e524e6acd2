//! Tests of the tax assessment.

use tillhouse_harness::prelude::*;

#[tillhouse_harness::test]
async fn tax_is_levied_where_the_parcel_goes(env: Env) {
    let here = cart().line("tee", 4).to(address::us("CA"));
    let taxed = env.tax().assess(here, 25_00).await.unwrap();
    assert_eq!(line_rate(&taxed, "line_1"), Some(72_500));
    let there = cart().line("tee", 4).to(address::us("OR"));
    let taxed = env.tax().assess(there, 25_00).await.unwrap();
    assert_eq!(line_rate(&taxed, "line_1"), None);
}

#[tillhouse_harness::test]
async fn a_tax_that_is_not_a_rate_is_a_configuration_error(env: Env) {
    env.config("tax.US-CA", "seven");
    let here = cart().line("tee", 1).to(address::us("CA"));
    let taxed = env.tax().assess(here, 25_00).await;
    assert!(matches!(taxed, Err(Failure::Misconfigured(_))));
}

#[tillhouse_harness::test]
async fn a_full_cart_is_taxed_far_below_the_limits(env: Env) {
    let full = (0..200).fold(cart(), |cart, _| cart.line("tee", 1));
    let full = full.to(address::us("CA"));
    env.tax().assess(full, 25_00).await.unwrap();
    env.usage()
        .assert_under(instructions(5_000_000), mib(8), calls(0));
}
