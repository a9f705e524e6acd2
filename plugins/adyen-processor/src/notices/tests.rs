//! Notices as Adyen sends them, and as others would like to.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use serde_json::{Value, json};
use tillhouse_plugin::payments::{CaptureOutcome, Dispute, ProcessorEvent, RefundOutcome, Report};

use super::*;

const KEY: &str = "44782def547aaa06c910c43932b1eb0c71fc68d9d0c057550c48ec2acf6ba056";
const OLD_KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
const PSP: &str = "993617895204576J";

fn host() -> testing::Installed {
    let host = testing::Host::new().config("merchant-account", "AcmeECOM");
    host.config("hmac-keys", &format!("{OLD_KEY}, {KEY}")).install()
}

fn plain(code: &str, success: bool, more: &Value) -> Value {
    let mut item = json!({
        "additionalData": {}, "amount": {"currency": "USD", "value": 4598}, "eventCode": code,
        "eventDate": "2026-05-01T12:00:00+02:00", "merchantAccountCode": "AcmeECOM", "merchantReference": "ref_1",
        "paymentMethod": "visa", "pspReference": PSP, "reason": "", "success": success.to_string(),
    });
    for (name, value) in more.as_object().unwrap() {
        item[name] = value.clone();
    }
    item
}

fn signed(mut item: Value, key: &str) -> Value {
    let read: Item = serde_json::from_value(item.clone()).unwrap();
    item["additionalData"]["hmacSignature"] = signature::signing::signature(&read, key).into();
    item
}

fn body(items: &[Value]) -> String {
    let items: Vec<Value> = items
        .iter()
        .map(|item| json!({"NotificationRequestItem": item}))
        .collect();
    json!({"live": "false", "notificationItems": items}).to_string()
}

fn read(items: &[Value]) -> Result<Reading, Failure> {
    Processor::read(testing::notice(&[], &body(items)))
}

fn event(code: &str, success: bool, more: &Value) -> ProcessorEvent {
    let reading = read(&[signed(plain(code, success, more), KEY)]).unwrap();
    assert_eq!(reading.reply, Some(Reply::text("[accepted]")));
    reading.events.into_iter().next().unwrap()
}

fn is_forged(read: &Result<Reading, Failure>) -> bool {
    matches!(read, Err(Failure::Rejected(rejection)) if rejection.code == "forged")
}

fn money() -> Money {
    Money {
        minor: 4_598,
        currency: "USD".into(),
    }
}

#[test]
fn the_signature_is_that_of_the_libraries_of_adyen() {
    // The example of https://docs.adyen.com/development-resources/webhooks/secure-webhooks/verify-hmac-signatures.
    let item = json!({
        "pspReference": "7914073381342284", "merchantAccountCode": "TestMerchant", "merchantReference": "TestPayment-1407325143704",
        "amount": {"currency": "EUR", "value": 1130}, "eventCode": "AUTHORISATION", "success": "true",
        "additionalData": {"hmacSignature": "coqCmt/IZ4E3CzPvMY8zTjQVL5hYJUiBRg8UU+iCWo0="},
    });
    let item: Item = serde_json::from_value(item).unwrap();
    let keys = vec![hex::decode(KEY).unwrap()];
    assert!(signature::is_valid(&item, &keys));
}

#[test]
fn an_authorisation_is_the_outcome_of_its_charge() {
    let _host = host();
    let approved = event("AUTHORISATION", true, &json!({}));
    let expected = ProcessorEvent {
        processor_reference: Some(PSP.into()),
        amount: Some(money()),
        ..ProcessorEvent::charge(
            format!("AUTHORISATION:{PSP}:true"),
            "ref_1",
            Outcome::captured(PSP, money()),
        )
    };
    assert_eq!(approved, expected);
    let refused = event("AUTHORISATION", false, &json!({"reason": "2 : Insufficient funds"}));
    assert_eq!(
        refused.what,
        Report::Charge(Outcome::declined("processor_declined", false))
    );
    assert_eq!(refused.id, format!("AUTHORISATION:{PSP}:false"));
    assert_eq!(refused.processor_reference.as_deref(), Some(PSP));
}

#[test]
fn each_event_of_a_change_is_about_the_payment_that_it_names() {
    let _host = host();
    let change = json!({"pspReference": "JDD6LKT8MBLZNN84", "originalReference": PSP});
    let done = || "JDD6LKT8MBLZNN84".to_owned();
    let declined = |code: &str| Report::Refund(RefundOutcome::Declined(code.into()));
    let not_captured = |code: &str| Report::Capture(CaptureOutcome::Declined(code.into()));
    let dispute = |status: &str| {
        Report::Dispute(Dispute {
            reference: done(),
            status: status.into(),
            reason: None,
        })
    };
    let voided = || Report::Charge(Outcome::declined("voided", false));
    for (code, success, what) in [
        ("CAPTURE", true, Report::Capture(CaptureOutcome::Captured)),
        ("CAPTURE", false, not_captured("capture_refused")),
        ("CAPTURE_FAILED", true, not_captured("capture_failed")),
        ("CANCELLATION", true, voided()),
        ("CANCELLATION", false, Report::Other("CANCELLATION".into())),
        ("TECHNICAL_CANCEL", true, voided()),
        ("REFUND", true, Report::Refund(RefundOutcome::Refunded(done()))),
        ("REFUND", false, declined("refund_refused")),
        ("REFUND_FAILED", true, declined("refund_failed")),
        ("REFUNDED_REVERSED", true, declined("refunded_reversed")),
        ("CANCEL_OR_REFUND", true, Report::Other("CANCEL_OR_REFUND".into())),
        ("CANCEL_OR_REFUND", false, Report::Other("CANCEL_OR_REFUND".into())),
        ("CHARGEBACK", true, dispute("opened")),
        ("NOTIFICATION_OF_CHARGEBACK", true, dispute("needs_response")),
        ("CHARGEBACK_REVERSED", true, dispute("won")),
        ("SECOND_CHARGEBACK", true, dispute("lost")),
        ("REPORT_AVAILABLE", true, Report::Other("REPORT_AVAILABLE".into())),
        ("OFFER_CLOSED", true, Report::Other("OFFER_CLOSED".into())),
    ] {
        let event = event(code, success, &change);
        assert_eq!(event.what, what, "{code} {success}");
        assert_eq!(event.processor_reference.as_deref(), Some(PSP), "{code}");
        assert_eq!(event.reference.as_deref(), Some("ref_1"), "{code}");
        assert_eq!(event.amount, Some(money()), "{code}");
    }
}

#[test]
fn a_reversal_is_what_adyen_made_of_it() {
    let _host = host();
    let reversed = |action: &str| {
        let more = json!({"pspReference": "JDD6LKT8MBLZNN84", "originalReference": PSP,
            "additionalData": {"modification.action": action}});
        event("CANCEL_OR_REFUND", true, &more).what
    };
    assert_eq!(reversed("cancel"), Report::Charge(Outcome::declined("voided", false)));
    let refunded = RefundOutcome::Refunded("JDD6LKT8MBLZNN84".into());
    assert_eq!(reversed("refund"), Report::Refund(refunded));
}

#[test]
fn an_event_of_another_merchant_account_is_of_another_payment() {
    let _host = host();
    let other = event("AUTHORISATION", true, &json!({"merchantAccountCode": "AcmePOS"}));
    assert_eq!(other.what, Report::Other("AUTHORISATION".into()));
    assert_eq!((other.reference, other.processor_reference), (None, None));
}

#[test]
fn amounts_are_in_the_units_of_adyen() {
    let _host = host();
    let krona = event(
        "AUTHORISATION",
        true,
        &json!({"amount": {"currency": "ISK", "value": 500}}),
    );
    assert_eq!(krona.amount.unwrap().minor, 5);
    let between = event(
        "AUTHORISATION",
        true,
        &json!({"amount": {"currency": "ISK", "value": 550}}),
    );
    assert_eq!(between.what, Report::Charge(Outcome::Unknown(Some(PSP.into()))));
}

#[test]
fn each_of_two_keys_is_taken_and_every_other_is_not() {
    let host = host();
    let item = plain("AUTHORISATION", true, &json!({}));
    for key in [KEY, OLD_KEY] {
        assert!(read(&[signed(item.clone(), key)]).is_ok());
    }
    host.set_config("hmac-keys", KEY);
    assert!(
        matches!(read(&[signed(item, OLD_KEY)]), Err(Failure::Rejected(_))),
        "the old key is no longer configured"
    );
}

#[test]
fn one_item_that_is_not_genuine_refuses_the_whole() {
    let _host = host();
    let good = signed(plain("AUTHORISATION", true, &json!({})), KEY);
    let mut changed = Vec::new();
    for (name, value) in [
        ("pspReference", json!("AAAAAAAAAAAAAAAA")),
        ("originalReference", json!(PSP)),
        ("merchantAccountCode", json!("Acme")),
        ("merchantReference", json!("ref_2")),
        ("amount", json!({"currency": "USD", "value": 1})),
        ("amount", json!({"currency": "EUR", "value": 4598})),
        ("amount", Value::Null),
        ("eventCode", json!("REFUND")),
        ("success", json!("false")),
        ("additionalData", json!({})),
        ("additionalData", json!({"hmacSignature": ""})),
        ("additionalData", json!({"hmacSignature": "not base64"})),
        ("additionalData", json!({"hmacSignature": 7})),
    ] {
        let mut item = good.clone();
        item[name] = value;
        changed.push(item);
    }
    changed.push(plain("AUTHORISATION", true, &json!({})));
    for forged in changed {
        for items in [vec![forged.clone()], vec![good.clone(), forged.clone()]] {
            assert!(is_forged(&read(&items)), "{forged}");
        }
    }
}

#[test]
fn what_is_not_a_notice_is_rejected() {
    let _host = host();
    for body in [
        "",
        "{}",
        "[]",
        r#"{"notificationItems":[]}"#,
        r#"{"notificationItems":[{}]}"#,
    ] {
        let refused = Processor::read(testing::notice(&[], body));
        assert!(
            matches!(refused, Err(Failure::Rejected(_))) && !is_forged(&refused),
            "{body}"
        );
    }
}

#[test]
fn more_items_than_the_contract_takes_are_refused_as_a_whole_and_sent_again() {
    let host = host();
    let item = |number: usize| {
        let more = json!({"pspReference": format!("PSP{number:013}")});
        signed(plain("AUTHORISATION", true, &more), KEY)
    };
    let items: Vec<Value> = (0..101).map(item).collect();
    assert_eq!(read(&items[..100]).unwrap().events.len(), 100);
    assert_eq!(read(&items), Err(Failure::Unavailable(None)));
    assert!(
        host.lines().pop().unwrap().ends_with("items=101"),
        "the operator is told"
    );
    let mut forged = items;
    forged[100]["success"] = json!("false");
    assert!(matches!(read(&forged), Err(Failure::Rejected(_))));
}

#[test]
fn without_a_key_every_notice_fails() {
    let host = host();
    host.set_config("hmac-keys", "");
    let item = signed(plain("AUTHORISATION", true, &json!({})), KEY);
    assert!(matches!(read(&[item]), Err(Failure::Misconfigured(text)) if text.contains("hmac-keys")));
}
