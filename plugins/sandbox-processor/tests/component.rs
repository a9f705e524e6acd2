//! Tests of the component in the host's runtime, with a scripted acquirer.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use serde_json::Value;
use tillhouse_harness::prelude::*;
use tillhouse_plugin::payments::{
    Authentication, CaptureLookup, CaptureOutcome, ChargeLookup, Outcome, RefundLookup, RefundOutcome, VoidLookup,
    VoidOutcome,
};

tillhouse_harness::conformance!(approving);

/// Scripts an acquirer that approves every charge.
fn approving(env: &Env) {
    let charged = env.upstream("acquirer").expect(post("/v1/charges"));
    let _ = charged.reply_with(|request| {
        let asked = request.json().unwrap_or_default();
        (201, charge_of(&asked["reference"], &asked["amount"], "approved"))
    });
}

fn charge_of(reference: &Value, amount: &Value, status: &str) -> Value {
    json!({"id": "ch_1", "object": "charge", "status": status, "amount": amount, "currency": "usd",
        "reference": reference, "captured": true, "created": 1_767_225_600})
}

#[tillhouse_harness::test]
async fn a_charge_is_sent_with_the_card_that_the_plugin_never_sees(env: Env) {
    let charge = post("/v1/charges")
        .header_secret("authorization", "api_key")
        .header("idempotency-key", "key_1")
        .json("/amount", 45_98)
        .json("/reference", "ref_1")
        .json_slot("/card/number", Slot::Number)
        .json_slot("/card/exp_month", Slot::ExpMonth)
        .json_slot("/card/cryptogram", Slot::Cryptogram);
    let answer = charge_of(&json!("ref_1"), &json!(45_98), "approved");
    let acquirer = env.upstream("acquirer").expect(charge).reply(201, answer);
    let charge = env
        .payments()
        .charge(order().total(45_98, "usd"), card::network_token());
    assert_eq!(
        charge.operation(&operation("1")).await,
        approved(45_98, "usd").reference("ch_1").captured(true)
    );
    acquirer.assert_called_once();
    env.usage().assert_under(instructions(2_000_000), mib(8), calls(1));
    env.usage().assert_locked("payments.charge, approved");
    env.assert_never_saw_card_data();
}

#[tillhouse_harness::test]
async fn a_charge_after_an_authentication_has_its_proof_and_the_plugin_never_sees_the_value(env: Env) {
    let charge = post("/v1/charges")
        .json("/authentication/eci", "05")
        .json("/authentication/transaction_id", "ds_1")
        .json_slot("/card/cryptogram", Slot::Cryptogram);
    let answer = charge_of(&json!("ref_test"), &json!(45_98), "approved");
    let acquirer = env.upstream("acquirer").expect(charge).reply(201, answer);
    let proof = Authentication {
        outcome: "authenticated".into(),
        eci: Some("05".into()),
        transaction_id: Some("ds_1".into()),
        version: Some("2.2.0".into()),
        has_cryptogram: true,
    };
    let order = order().total(45_98, "usd").authenticated(proof);
    let outcome = env.payments().charge(order, card::network_token()).await;
    assert_eq!(outcome, approved(45_98, "usd").reference("ch_1").captured(true));
    acquirer.assert_called_once();
    env.assert_never_saw_card_data();
}

#[tillhouse_harness::test]
async fn an_acquirer_that_asks_for_an_authentication_is_an_action_of_the_buyer(env: Env) {
    let refused = json!({"error": {"type": "card_error", "code": "authentication_required", "message": "no"}});
    let _ = env.upstream("acquirer").expect(post("/v1/charges")).reply(402, refused);
    let outcome = env.payments().charge(order().total(45_98, "usd"), card::visa()).await;
    let Ok(Outcome::ActionRequired(action)) = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(action.kind, "three_d_secure");
    assert_eq!(action.three_d_secure.unwrap().directory_server, "visa");
}

#[tillhouse_harness::test]
async fn what_an_authentication_needs_is_said_without_asking_the_acquirer(env: Env) {
    env.config("authenticate-last4", "4242");
    env.config("acquirer-bin", "411111");
    let needed = env.payments().requirements(order().total(45_98, "usd"), card::visa());
    assert_eq!(needed.await.unwrap().unwrap().acquirer_bin, "411111");
    env.config("authenticate-last4", "3184");
    let needed = env.payments().requirements(order().total(45_98, "usd"), card::visa());
    assert_eq!(needed.await.unwrap(), None);
}

#[tillhouse_harness::test]
async fn declined_card_is_a_decline(env: Env) {
    let mut answer = charge_of(&json!("ref_test"), &json!(45_98), "declined");
    answer["decline_code"] = json!("insufficient_funds");
    let acquirer = env.upstream("acquirer").expect(post("/v1/charges")).reply(402, answer);
    let outcome = env.payments().charge(order().total(45_98, "usd"), card::visa()).await;
    assert_eq!(outcome, declined("insufficient_funds").retryable(true));
    acquirer.assert_called_once();
}

#[tillhouse_harness::test]
async fn a_charge_that_was_sent_and_not_answered_is_unknown(env: Env) {
    let acquirer = env
        .upstream("acquirer")
        .expect(post("/v1/charges"))
        .fail(Fault::ResetAfterRequest);
    let outcome = env.payments().charge(order(), card::visa()).await;
    assert_eq!(outcome, Ok(Outcome::Unknown(None)));
    acquirer.assert_called_once();
}

#[tillhouse_harness::test]
async fn a_charge_that_never_left_is_a_failure(env: Env) {
    let acquirer = env
        .upstream("acquirer")
        .expect(post("/v1/charges"))
        .fail(Fault::Refused);
    let outcome = env.payments().charge(order(), card::visa()).await;
    assert_eq!(outcome, Err(Failure::Unavailable(None)));
    acquirer.assert_called_once();
}

#[tillhouse_harness::test]
async fn a_lookup_finds_the_charge_by_its_reference(env: Env) {
    let list = get("/v1/charges")
        .query("reference", "ref_test")
        .header_secret("authorization", "api_key");
    let found = charge_of(&json!("ref_test"), &json!(45_98), "approved");
    let _ = env
        .upstream("acquirer")
        .expect(list)
        .reply(200, json!({"data": [found]}));
    let found = env.payments().lookup(money(45_98, "usd")).await.unwrap();
    let approved = Outcome::captured("ch_1", money(45_98, "usd"));
    assert_eq!(found, ChargeLookup::Found(approved));
}

#[tillhouse_harness::test]
async fn a_refund_and_a_void_are_of_the_charge_they_name(env: Env) {
    let acquirer = env.upstream("acquirer");
    let refund = post("/v1/charges/ch_1/refunds")
        .json("/amount", 10_00)
        .header("idempotency-key", "key_test");
    let refunded = acquirer
        .expect(refund)
        .reply(201, json!({"id": "re_1", "status": "succeeded"}));
    let void = acquirer.expect(post("/v1/charges/ch_1/void"));
    let voided = void.reply(200, charge_of(&json!("ref_test"), &json!(45_98), "voided"));
    let outcome = env.payments().refund("ch_1", money(10_00, "usd")).await.unwrap();
    assert_eq!(outcome, RefundOutcome::Refunded("re_1".into()));
    assert_eq!(env.payments().void("ch_1").await.unwrap(), VoidOutcome::Voided);
    refunded.assert_called_once();
    voided.assert_called_once();
}

#[tillhouse_harness::test]
async fn what_became_of_a_void_a_refund_and_a_capture_is_looked_up(env: Env) {
    let acquirer = env.upstream("acquirer");
    let mut charge = charge_of(&json!("ref_test"), &json!(45_98), "voided");
    charge["amount_captured"] = json!(45_98);
    let charge = acquirer
        .expect(get("/v1/charges/ch_1").header_secret("authorization", "api_key"))
        .reply(200, charge);
    let refunds = get("/v1/charges/ch_1/refunds").query("reference", "ref_test");
    let refund = json!({"id": "re_1", "status": "succeeded", "reference": "ref_test", "amount": 10_00});
    let refunds = acquirer.expect(refunds).reply(200, json!({"data": [refund]}));
    let payments = env.payments();
    let voided = VoidLookup::Found(VoidOutcome::Voided);
    assert_eq!(payments.lookup_void("ch_1").await.unwrap(), voided);
    for (amount, found) in [
        (money(45_98, "usd"), CaptureLookup::Found(CaptureOutcome::Captured)),
        (money(10_00, "usd"), CaptureLookup::Absent),
    ] {
        assert_eq!(payments.lookup_capture("ch_1", amount).await.unwrap(), found);
    }
    for (amount, found) in [
        (
            money(10_00, "usd"),
            RefundLookup::Found(RefundOutcome::Refunded("re_1".into())),
        ),
        (money(11_00, "usd"), RefundLookup::Absent),
    ] {
        assert_eq!(payments.lookup_refund("ch_1", amount).await.unwrap(), found);
    }
    charge.assert_called(3);
    refunds.assert_called(2);
}

#[tillhouse_harness::test]
async fn a_notice_that_is_forged_is_refused(env: Env) {
    env.config("notice-secret", "whsec_test");
    let read = env
        .payments()
        .notice(&[("x-signature", "t=1,v1=00")], r#"{"id":"n1"}"#)
        .await;
    assert!(matches!(read, Err(Failure::Rejected(_))), "{read:?}");
}

#[tillhouse_harness::test]
async fn invalid_configuration_is_reported_by_key(env: Env) {
    env.config("currencies", "usd");
    let problems = env.lifecycle().problems().await;
    assert_eq!(problems[0].key, "currencies");
}

#[tillhouse_harness::test]
async fn orders_of_the_reference_shop_are_paid_over_every_protocol(env: Env) {
    env.catalog("id,title,price,availability\ntee,Tee,25.00 USD,in_stock\n");
    let shop = env.shop().await;
    for protocol in Protocol::ALL {
        let bought = shop.buy(protocol, &[("tee", 1)]).await;
        assert_eq!(bought["charge"]["amount"], bought["total"], "{bought}");
    }
}
