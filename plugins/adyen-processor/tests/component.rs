//! Tests of the component in the host's runtime, with a scripted Adyen.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use tillhouse_harness::prelude::*;
use tillhouse_plugin::payments::{Authentication, CaptureOutcome, Outcome, RefundOutcome, Report, VoidOutcome};
use tillhouse_plugin::types::Reply;

tillhouse_harness::conformance!(authorising);

const PSP: &str = "993617895204576J";
const KEY: &str = "44782def547aaa06c910c43932b1eb0c71fc68d9d0c057550c48ec2acf6ba056";

/// Configures an account that takes raw cards, and scripts an Adyen that authorises every payment and receives every change of one.
fn authorising(env: &Env) {
    configure(env);
    let upstream = env.upstream("checkout");
    let _ = upstream.expect(post("/payments")).reply_with(|request| {
        let asked = request.json().unwrap_or_default();
        (200, payment_of(&asked["reference"], &asked["amount"], "Authorised"))
    });
    env.payments()
        .example_notice(&[("content-type", "application/json")], notice("true", KEY));
}

fn configure(env: &Env) {
    env.config("merchant-account", "AcmeECOM");
    env.config("raw-cards", "true");
    env.config("hmac-keys", KEY);
}

fn payment_of(reference: &Value, amount: &Value, result: &str) -> Value {
    json!({"pspReference": PSP, "resultCode": result, "merchantReference": reference, "amount": amount,
        "paymentMethod": {"brand": "visa", "type": "scheme"}})
}

fn authorised() -> Value {
    payment_of(
        &json!("ref_test"),
        &json!({"currency": "USD", "value": 45_98}),
        "Authorised",
    )
}

fn received() -> Value {
    json!({"merchantAccount": "AcmeECOM", "paymentPspReference": PSP, "pspReference": "JDD6LKT8MBLZNN84",
        "reference": "ref_test", "status": "received"})
}

/// The Standard webhook of an authorisation, signed as Adyen signs it.
fn notice(success: &str, key: &str) -> String {
    notice_of(&[item(PSP, success, key)])
}

fn notice_of(items: &[Value]) -> String {
    let wrapped = |item: &Value| json!({"NotificationRequestItem": item});
    let items: Vec<Value> = items.iter().map(wrapped).collect();
    json!({"live": "false", "notificationItems": items}).to_string()
}

fn item(psp: &str, success: &str, key: &str) -> Value {
    let signed = format!("{psp}::AcmeECOM:ref_test:4598:USD:AUTHORISATION:{success}");
    let mac = Hmac::<Sha256>::new_from_slice(&hex::decode(key).unwrap()).unwrap();
    let signature = STANDARD.encode(mac.chain_update(signed).finalize().into_bytes());
    json!({
        "additionalData": {"hmacSignature": signature}, "amount": {"currency": "USD", "value": 45_98},
        "eventCode": "AUTHORISATION", "eventDate": "2026-05-01T12:00:00+02:00", "merchantAccountCode": "AcmeECOM",
        "merchantReference": "ref_test", "paymentMethod": "visa", "pspReference": psp, "reason": "", "success": success,
    })
}

#[tillhouse_harness::test]
async fn a_token_is_charged_and_the_plugin_never_sees_it(env: Env) {
    env.config("merchant-account", "AcmeECOM");
    let payment = post("/payments")
        .header_secret("x-api-key", "api_key")
        .header("idempotency-key", "key_1")
        .json("/amount", json!({"currency": "USD", "value": 45_98}))
        .json("/merchantAccount", "AcmeECOM")
        .json("/reference", "ref_1")
        .json_slot("/paymentMethod/storedPaymentMethodId", Slot::PspToken);
    let answer = payment_of(
        &json!("ref_1"),
        &json!({"currency": "USD", "value": 45_98}),
        "Authorised",
    );
    let adyen = env.upstream("checkout").expect(payment).reply(200, answer);
    let charge = env.payments().charge(order().total(45_98, "usd"), card::psp_token());
    assert_eq!(
        charge.operation(&operation("1")).await,
        approved(45_98, "usd").reference(PSP).captured(true)
    );
    adyen.assert_called_once();
    env.usage().assert_under(instructions(2_000_000), mib(8), calls(1));
    env.usage().assert_locked("payments.charge, authorised");
    env.assert_never_saw_card_data();
}

#[tillhouse_harness::test]
async fn a_network_token_is_charged_with_its_cryptogram(env: Env) {
    configure(&env);
    let payment = post("/payments")
        .json("/paymentMethod/type", "networkToken")
        .json_slot("/paymentMethod/number", Slot::Number)
        .json_slot("/paymentMethod/expiryMonth", Slot::ExpMonth)
        .json_slot("/paymentMethod/expiryYear", Slot::ExpYear)
        .json_slot("/mpiData/tokenAuthenticationVerificationValue", Slot::Cryptogram)
        .json_slot("/mpiData/eci", Slot::Eci);
    let adyen = env.upstream("checkout").expect(payment).reply(200, authorised());
    let outcome = env
        .payments()
        .charge(order().total(45_98, "usd"), card::network_token())
        .await;
    assert_eq!(outcome, approved(45_98, "usd").reference(PSP).captured(true));
    adyen.assert_called_once();
    env.assert_never_saw_card_data();
}

#[tillhouse_harness::test]
async fn a_charge_after_an_authentication_has_its_proof(env: Env) {
    configure(&env);
    let payment = post("/payments")
        .json("/mpiData/eci", "05")
        .json("/mpiData/dsTransID", "ds_1")
        .json("/mpiData/directoryResponse", "Y")
        .json("/authenticationData/attemptAuthentication", "never")
        .json_slot("/mpiData/cavv", Slot::Cryptogram);
    let adyen = env.upstream("checkout").expect(payment).reply(200, authorised());
    let proof = Authentication {
        outcome: "authenticated".into(),
        eci: Some("05".into()),
        transaction_id: Some("ds_1".into()),
        version: Some("2.2.0".into()),
        has_cryptogram: true,
    };
    let order = order().total(45_98, "usd").authenticated(proof);
    let card = card::network_token().of_kind("fpan");
    let outcome = env.payments().charge(order, card).await;
    assert_eq!(outcome, approved(45_98, "usd").reference(PSP).captured(true));
    adyen.assert_called_once();
    env.assert_never_saw_card_data();
}

#[tillhouse_harness::test]
async fn a_challenge_of_the_issuer_is_an_action_of_the_buyer(env: Env) {
    configure(&env);
    env.config("acquirer-bin", "411111");
    env.config("acquirer-country", "NL");
    env.config("acquirer-merchant-id", "shop");
    env.config("merchant-name", "Shop");
    let answer = json!({"resultCode": "ChallengeShopper", "action": {"type": "threeDS2", "token": "eyJ..."}});
    let _ = env.upstream("checkout").expect(post("/payments")).reply(200, answer);
    let outcome = env.payments().charge(order().total(45_98, "usd"), card::visa()).await;
    let Ok(Outcome::ActionRequired(action)) = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(action.kind, "three_d_secure");
    assert_eq!(action.three_d_secure.unwrap().acquirer_bin, "411111");
}

#[tillhouse_harness::test]
async fn a_refused_payment_is_a_decline(env: Env) {
    configure(&env);
    let mut answer = payment_of(
        &json!("ref_test"),
        &json!({"currency": "USD", "value": 45_98}),
        "Refused",
    );
    answer["refusalReason"] = json!("Not enough balance");
    answer["refusalReasonCode"] = json!("12");
    let adyen = env.upstream("checkout").expect(post("/payments")).reply(200, answer);
    let outcome = env
        .payments()
        .charge(order().total(45_98, "usd"), card::psp_token())
        .await;
    assert_eq!(outcome, declined("insufficient_funds").retryable(true));
    adyen.assert_called_once();
}

#[tillhouse_harness::test]
async fn a_partial_authorisation_is_an_approval_of_that_amount(env: Env) {
    configure(&env);
    let partial = json!({"currency": "USD", "value": 20_00});
    let answer = payment_of(&json!("ref_test"), &partial, "PartiallyAuthorised");
    let _ = env.upstream("checkout").expect(post("/payments")).reply(200, answer);
    let outcome = env
        .payments()
        .charge(order().total(45_98, "usd"), card::psp_token())
        .await;
    assert_eq!(outcome, approved(20_00, "usd").reference(PSP).captured(true));
}

#[tillhouse_harness::test]
async fn a_payment_that_was_sent_and_not_answered_is_unknown(env: Env) {
    configure(&env);
    for fault in [Fault::ResetAfterRequest, Fault::Timeout] {
        let adyen = env.upstream("checkout").expect(post("/payments")).fail(fault).times(1);
        let outcome = env.payments().charge(order(), card::psp_token()).await;
        assert_eq!(outcome, Ok(Outcome::Unknown(None)), "{fault:?}");
        adyen.assert_called_once();
    }
}

#[tillhouse_harness::test]
async fn a_payment_that_never_left_is_a_failure(env: Env) {
    configure(&env);
    let adyen = env.upstream("checkout").expect(post("/payments")).fail(Fault::Refused);
    let outcome = env.payments().charge(order(), card::psp_token()).await;
    assert_eq!(outcome, Err(Failure::Unavailable(None)));
    adyen.assert_called_once();
}

#[tillhouse_harness::test]
async fn lookups_are_not_supported_and_send_nothing(env: Env) {
    configure(&env);
    let payments = env.payments();
    assert_eq!(payments.lookup(money(45_98, "usd")).await, Err(Failure::Unsupported));
    assert_eq!(payments.lookup_void(PSP).await, Err(Failure::Unsupported));
    let refund = payments.lookup_refund(PSP, money(10_00, "usd")).await;
    assert_eq!(refund, Err(Failure::Unsupported));
    env.upstream("checkout").assert_not_called();
}

#[tillhouse_harness::test]
async fn changes_are_of_the_payment_they_name_and_wait_for_the_webhook(env: Env) {
    configure(&env);
    let adyen = env.upstream("checkout");
    let change = |name: &str| {
        let matcher = post(format!("/payments/{PSP}/{name}")).header("idempotency-key", "key_test");
        let matcher = matcher
            .json("/merchantAccount", "AcmeECOM")
            .json("/reference", "ref_test");
        adyen.expect(matcher).reply(201, received())
    };
    let calls = [change("refunds"), change("captures"), change("reversals")];
    let payments = env.payments();
    let reference = || "JDD6LKT8MBLZNN84".to_owned();
    let refund = payments.refund(PSP, money(10_00, "usd")).await.unwrap();
    assert_eq!(refund, RefundOutcome::Pending(reference()));
    let capture = payments.capture(PSP, money(45_98, "usd")).await.unwrap();
    assert_eq!(capture, CaptureOutcome::Pending(reference()));
    assert_eq!(payments.void(PSP).await.unwrap(), VoidOutcome::Unknown);
    for call in calls {
        call.assert_called_once();
    }
}

#[tillhouse_harness::test]
async fn a_notice_that_adyen_signed_is_read_and_acknowledged(env: Env) {
    configure(&env);
    let reading = env.payments().notice(&[], notice("true", KEY)).await.unwrap();
    assert_eq!(reading.reply, Some(Reply::text("[accepted]")));
    let [event] = reading.events.as_slice() else {
        panic!("{reading:?}")
    };
    assert_eq!(event.reference.as_deref(), Some("ref_test"));
    assert_eq!(event.what, Report::Charge(Outcome::captured(PSP, money(45_98, "USD"))));
    let forged = notice("true", KEY).replace("4598", "4599");
    let refused = env.payments().notice(&[], forged).await;
    assert!(matches!(refused, Err(Failure::Rejected(_))), "{refused:?}");
}

#[tillhouse_harness::test]
async fn a_notice_of_a_hundred_items_is_read_within_the_limits_and_one_more_is_refused(env: Env) {
    configure(&env);
    let old = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    env.config("hmac-keys", format!("{old}, {KEY}"));
    let items: Vec<Value> = (0..101)
        .map(|number| item(&format!("PSP{number:013}"), "true", KEY))
        .collect();
    let reading = env.payments().notice(&[], notice_of(&items[..100])).await.unwrap();
    assert_eq!(reading.events.len(), 100);
    let refused = env.payments().notice(&[], notice_of(&items)).await;
    assert_eq!(refused, Err(Failure::Unavailable(None)));
}

#[tillhouse_harness::test]
async fn invalid_configuration_is_reported_by_key(env: Env) {
    let problems = env.lifecycle().problems().await;
    assert_eq!(problems[0].key, "merchant-account");
}
