//! Tests of discount codes with a limited number of uses.

use tillhouse_harness::prelude::*;

#[tillhouse_harness::test]
async fn a_use_is_counted_once_and_given_back(env: Env) {
    env.pricing_redemption().redeem(&["FIRST"]).await.unwrap();
    env.pricing_redemption().redeem(&["FIRST"]).await.unwrap();
    assert_eq!(env.counter("used/FIRST"), -1);
    env.pricing_redemption().restore(&["FIRST"]).await.unwrap();
    assert_eq!(env.counter("used/FIRST"), 0);
}

#[tillhouse_harness::test]
async fn a_code_that_is_used_up_is_refused(env: Env) {
    env.config("uses-per-code", "1");
    env.pricing_redemption().redeem(&["FIRST"]).await.unwrap();
    let again = env.pricing_redemption().redeem(&["FIRST"]);
    let again = again.operation(&operation("another")).await;
    assert!(matches!(again, Err(Failure::Rejected(_))));
}

#[tillhouse_harness::test]
async fn many_codes_are_redeemed_far_below_the_limits(env: Env) {
    let codes: Vec<String> = (0..20).map(|number| format!("CODE{number}")).collect();
    let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
    env.pricing_redemption().redeem(&codes).await.unwrap();
    env.usage()
        .assert_under(instructions(5_000_000), mib(8), calls(0));
}
