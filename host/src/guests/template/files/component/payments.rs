//! The charge, made by the component against a scripted processor.

use tillhouse_harness::prelude::*;
use tillhouse_plugin::prelude::Outcome;

#[tillhouse_harness::test]
async fn an_approved_charge_is_captured_and_shows_no_card(env: Env) {
    let acquirer = env
        .upstream("acquirer")
        .expect(post("/v1/charges").json_slot("/card/number", Slot::Number))
        .reply(
            201,
            json!({"id": "ch_1", "status": "approved", "amount": 45_98, "currency": "usd",
                "captured": true}),
        );
    let outcome = env
        .payments()
        .charge(order().total(45_98, "usd"), card::visa())
        .await;
    assert!(matches!(outcome, Ok(Outcome::Approved(_))), "{outcome:?}");
    acquirer.assert_called_once();
    env.assert_never_saw_card_data();
}

#[tillhouse_harness::test]
async fn a_declined_card_is_a_decline(env: Env) {
    env.upstream("acquirer").expect(post("/v1/charges")).reply(
        402,
        json!({"id": "ch_1", "status": "declined", "decline_code": "insufficient_funds"}),
    );
    let outcome = env
        .payments()
        .charge(order().total(45_98, "usd"), card::visa())
        .await;
    assert_eq!(outcome, declined("insufficient_funds"));
}

#[tillhouse_harness::test]
async fn a_charge_stays_far_below_the_limits(env: Env) {
    env.upstream("acquirer")
        .expect(post("/v1/charges"))
        .reply(500, json!({}));
    let charged = env
        .payments()
        .charge(order().total(45_98, "usd"), card::visa())
        .await;
    assert_eq!(charged, Ok(Outcome::Unknown(None)));
    env.usage()
        .assert_under(instructions(2_000_000), mib(8), calls(1));
}
