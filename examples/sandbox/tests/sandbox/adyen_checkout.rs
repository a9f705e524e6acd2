//! The Checkout API of Adyen: payments, modifications, keys and faults.

use axum::http::Method;
use serde_json::{Value, json};
use tillhouse_sandbox::adyen::{COMPANY_ACCOUNT, DELEGATE_PATH, MERCHANT_ACCOUNT, Operation};
use tillhouse_sandbox::agent::{AdyenVault, Basket};
use tillhouse_sandbox::{Amount, Fault, Sandbox};

use crate::client::{Raw, sandbox};

async fn token(sandbox: &Sandbox, payment_method: &str, amount: i64) -> String {
    let vault = AdyenVault::at(&sandbox.adyen, COMPANY_ACCOUNT, sandbox.clock()).unwrap();
    let basket = Basket::of("01", 1).paid_with(payment_method);
    let issued = vault
        .delegate(&basket, "cs_of_the_host", &Amount::usd(amount))
        .await
        .unwrap();
    issued.response["id"].as_str().unwrap().to_owned()
}

fn payment(method: Value, amount: i64) -> Value {
    json!({
        "amount": {"value": amount, "currency": "USD"}, "merchantAccount": MERCHANT_ACCOUNT, "reference": "pa_1",
        "returnUrl": "https://shop.example/orders/1", "paymentMethod": method,
    })
}

fn with_token(token: &str, amount: i64) -> Value {
    payment(json!({"type": "scheme", "storedPaymentMethodId": token}), amount)
}

fn with_card(number: &str, amount: i64) -> Value {
    payment(
        json!({"type": "scheme", "number": number, "expiryMonth": "12", "expiryYear": "2030", "holderName": "J. Doe"}),
        amount,
    )
}

#[tokio::test]
async fn a_token_pays_once_and_the_same_key_gets_the_same_answer() {
    let sandbox = sandbox().await;
    let merchant = Raw::checkout(&sandbox);
    let token = token(&sandbox, "pm_card_visa", 1_000).await;
    let paid = merchant.json("/payments", "key-1", with_token(&token, 1_000)).await;
    assert_eq!((paid.status, &paid.body["resultCode"]), (200, &json!("Authorised")));
    let again = merchant.json("/payments", "key-1", with_token(&token, 1_000)).await;
    assert_eq!((again.replayed, &again.body), (true, &paid.body));
    let twice = merchant.json("/payments", "key-2", with_token(&token, 1_000)).await;
    assert_eq!((twice.status, &twice.body["errorCode"]), (422, &json!("803")));
    assert_eq!(sandbox.adyen.ledger().captured_total(), 1_000);
}

#[tokio::test]
async fn a_token_pays_at_most_its_limit_in_time() {
    let sandbox = sandbox().await;
    let merchant = Raw::checkout(&sandbox);
    let token = token(&sandbox, "pm_card_visa", 1_000).await;
    let more = merchant.json("/payments", "key-1", with_token(&token, 1_001)).await;
    assert_eq!((more.status, &more.body["errorCode"]), (422, &json!("137")));
    sandbox.advance(std::time::Duration::from_secs(3_601));
    let late = merchant.json("/payments", "key-2", with_token(&token, 1_000)).await;
    assert_eq!(late.body["errorCode"], "803");
    assert!(sandbox.adyen.ledger().payments.is_empty());
}

#[tokio::test]
async fn the_card_decides_about_the_result() {
    let sandbox = sandbox().await;
    let merchant = Raw::checkout(&sandbox);
    for (number, code, reason) in [
        ("4242424242424242", "Authorised", None),
        ("4000000000009995", "Refused", Some("12")),
        ("4000000000000077", "Pending", None),
        ("4000000000000341", "PartiallyAuthorised", None),
        ("4000002760003184", "ChallengeShopper", None),
        ("4012888888881881", "Refused", Some("8")),
    ] {
        let paid = merchant.json("/payments", number, with_card(number, 1_000)).await;
        assert_eq!((paid.status, &paid.body["resultCode"]), (200, &json!(code)), "{number}");
        assert_eq!(
            paid.body.get("refusalReasonCode").and_then(Value::as_str),
            reason,
            "{number}"
        );
    }
    let failed = merchant
        .json("/payments", "500", with_card("4000000000000119", 1_000))
        .await;
    assert_eq!((failed.status, &failed.body["errorType"]), (500, &json!("internal")));
}

#[tokio::test]
async fn a_lost_answer_is_found_under_its_key() {
    let sandbox = sandbox().await;
    let merchant = Raw::checkout(&sandbox);
    let body = with_card("4000000000000259", 1_000);
    let lost = merchant
        .try_send(Method::POST, "/payments", Some("k"), body.to_string())
        .await;
    assert!(lost.is_err());
    let found = merchant.json("/payments", "k", body).await;
    assert_eq!(
        (found.replayed, &found.body["resultCode"]),
        (true, &json!("Authorised"))
    );
    sandbox.adyen.fail_next(Operation::Pay, Fault::LoseAnswer);
    let body = with_card("4242424242424242", 500);
    let lost = merchant
        .try_send(Method::POST, "/payments", Some("l"), body.to_string())
        .await;
    assert!(lost.is_err());
    assert!(merchant.json("/payments", "l", body).await.replayed);
    assert_eq!(sandbox.adyen.ledger().captured_total(), 1_500);
}

#[tokio::test]
async fn keys_and_accounts_are_checked() {
    let sandbox = sandbox().await;
    let body = with_card("4242424242424242", 1_000);
    let stranger = Raw::new(sandbox.adyen.url(), "")
        .json("/payments", "k", body.clone())
        .await;
    assert_eq!(
        (stranger.status, &stranger.body["errorType"]),
        (401, &json!("security"))
    );
    let merchant = Raw::checkout(&sandbox);
    let mut foreign = body.clone();
    foreign["merchantAccount"] = json!("ANOTHER");
    assert_eq!(merchant.json("/payments", "k", foreign).await.status, 403);
    let long = merchant.json("/payments", &"k".repeat(65), body.clone()).await;
    assert_eq!(long.status, 422);
    assert_eq!(merchant.json("/payments", "k", body.clone()).await.status, 200);
    let other = merchant
        .json("/payments", "k", with_card("4242424242424242", 999))
        .await;
    assert_eq!((other.status, &other.body["errorCode"]), (422, &json!("704")));
}

#[tokio::test]
async fn modifications_are_received_and_change_the_ledger() {
    let sandbox = sandbox().await;
    let merchant = Raw::checkout(&sandbox);
    let mut body = with_card("4242424242424242", 1_000);
    body["additionalData"] = json!({"manualCapture": "true"});
    let paid = merchant.json("/payments", "p", body).await;
    let psp = paid.body["pspReference"].as_str().unwrap();
    let path = |verb: &str| format!("/payments/{psp}/{verb}");
    let amount = |value: i64| json!({"merchantAccount": MERCHANT_ACCOUNT, "reference": "m_1", "amount": {"value": value, "currency": "USD"}});
    assert_eq!(sandbox.adyen.ledger().captured_total(), 0);
    let captured = merchant.json(&path("captures"), "c", amount(1_000)).await;
    assert_eq!((captured.status, &captured.body["status"]), (201, &json!("received")));
    assert_eq!(captured.body["paymentPspReference"], psp);
    assert_eq!(merchant.json(&path("captures"), "c2", amount(1)).await.status, 422);
    assert_eq!(merchant.json(&path("refunds"), "r", amount(400)).await.status, 201);
    assert_eq!(merchant.json(&path("refunds"), "r", amount(400)).await.status, 201);
    assert_eq!(merchant.json(&path("refunds"), "r2", amount(601)).await.status, 422);
    let ledger = sandbox.adyen.ledger();
    assert_eq!((ledger.captured_total(), ledger.refunded_total()), (1_000, 400));
    let unknown = merchant.json("/payments/UNKNOWN/refunds", "u", amount(1)).await;
    assert_eq!((unknown.status, &unknown.body["errorCode"]), (422, &json!("167")));
}

#[tokio::test]
async fn what_was_captured_automatically_can_be_canceled_until_it_is_refunded() {
    let sandbox = sandbox().await;
    let merchant = Raw::checkout(&sandbox);
    let paid = merchant
        .json("/payments", "p", with_card("4242424242424242", 1_000))
        .await;
    let path = format!("/payments/{}/cancels", paid.body["pspReference"].as_str().unwrap());
    let body = json!({"merchantAccount": MERCHANT_ACCOUNT});
    assert_eq!(merchant.json(&path, "c", body).await.status, 201);
    let ledger = sandbox.adyen.ledger();
    assert_eq!((ledger.captured_total(), ledger.payments[0].canceled), (0, true));
}

#[tokio::test]
async fn cards_are_not_in_the_transcript_or_the_ledger() {
    let sandbox = sandbox().await;
    let merchant = Raw::checkout(&sandbox);
    token(&sandbox, "pm_card_canary", 1_000).await;
    merchant
        .json("/payments", "p", with_card("4539578763621486", 1_000))
        .await;
    let open = Raw::new(sandbox.adyen.url(), "");
    for path in ["/sandbox/transcript", "/sandbox/ledger"] {
        let text = open.get(path).await.body.to_string();
        assert!(text.contains("1486") || path.ends_with("transcript"));
        assert!(!text.contains("4539578763621486"), "{path}");
    }
    let delegated = sandbox.adyen.transcript();
    assert!(delegated.iter().any(|entry| entry.path == DELEGATE_PATH));
}
