//! Tests of charges, made by the component at a scripted processor.

use tillhouse_harness::prelude::*;

/// Scripts a processor that approves every charge.
fn approving(env: &Env) {
    let charged = env.upstream("acquirer").expect(post("/v1/charges"));
    let _ = charged.reply_with(|request| {
        let asked = request.json().unwrap_or_default();
        (
            201,
            json!({"id": "ch_1", "status": "approved", "amount": asked["amount"],
                "currency": asked["currency"], "captured": true}),
        )
    });
}

#[tillhouse_harness::test]
async fn an_approved_charge_is_captured_and_shows_no_card(env: Env) {
    let charge = post("/v1/charges").json_slot("/card/number", Slot::Number);
    let acquirer = env.upstream("acquirer").expect(charge).reply(
        201,
        json!({"id": "ch_1", "status": "approved", "amount": 45_98, "currency": "usd",
            "captured": true}),
    );
    let order = order().total(45_98, "usd");
    let outcome = env.payments().charge(order, card::visa()).await;
    assert_eq!(outcome, approved(45_98, "usd").captured(true));
    acquirer.assert_called_once();
    env.assert_never_saw_card_data();
}

#[tillhouse_harness::test]
async fn a_declined_card_is_a_decline(env: Env) {
    let declines = json!({"status": "declined", "decline_code": "insufficient_funds"});
    let acquirer = env.upstream("acquirer").expect(post("/v1/charges"));
    let acquirer = acquirer.reply(402, declines);
    let outcome = env.payments().charge(order(), card::visa()).await;
    assert_eq!(outcome, declined("insufficient_funds"));
    acquirer.assert_called_once();
}

#[tillhouse_harness::test]
async fn a_charge_without_an_answer_is_unknown_and_far_below_the_limits(env: Env) {
    let acquirer = env.upstream("acquirer").expect(post("/v1/charges"));
    let acquirer = acquirer.fail(Fault::ResetAfterRequest);
    let outcome = env.payments().charge(order(), card::visa()).await;
    assert_eq!(outcome, Ok(Outcome::Unknown(None)));
    acquirer.assert_called_once();
    env.usage()
        .assert_under(instructions(5_000_000), mib(8), calls(1));
}
