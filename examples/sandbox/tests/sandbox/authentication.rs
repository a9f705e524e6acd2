//! The provider of authentications, and the acquirer that verifies their proofs.

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};

use crate::client::{Raw, charge_body, sandbox};

const CHALLENGE: &str = "4000002760003184";
const FRICTIONLESS: &str = "4000000000003220";

fn wanted(number: &str) -> Value {
    json!({
        "merchant_id": "demo",
        "acquirer_details": {
            "acquirer_bin": "400000", "acquirer_country": "US", "acquirer_merchant_id": "m_1", "merchant_name": "Demo",
        },
        "payment_method": {
            "type": "card", "number": number, "exp_month": "12", "exp_year": "2030", "name": "Jane Doe",
        },
        "amount": {"value": 4598, "currency": "USD"},
    })
}

async fn created(provider: &Raw, number: &str) -> String {
    let created = provider.json("/delegate_authentication", number, wanted(number)).await;
    assert_eq!(created.status, 201, "{}", created.body);
    created.body["authentication_session_id"].as_str().unwrap().to_owned()
}

async fn asked(provider: &Raw, id: &str) -> Value {
    let path = format!("/delegate_authentication/{id}/authenticate");
    let asked = provider.json(&path, id, json!({"fingerprint_completion": "Y"})).await;
    assert_eq!(asked.status, 200, "{}", asked.body);
    asked.body
}

async fn ended(provider: &Raw, id: &str) -> Value {
    provider.get(&format!("/delegate_authentication/{id}")).await.body
}

/// A charge with the proof that an authentication ended with.
fn proved(number: &str, key: &str, result: &Value) -> Value {
    let mut body = charge_body(number, 4598, key);
    body["card"]["cryptogram"] = result["three_ds_cryptogram"].clone();
    body["authentication"] = json!({
        "outcome": "authenticated",
        "eci": result["electronic_commerce_indicator"],
        "transaction_id": result["transaction_id"],
        "version": result["version"],
    });
    body
}

#[tokio::test]
async fn the_issuer_decides_how_an_authentication_ends() {
    for (number, status, trans_status, indicator) in [
        (FRICTIONLESS, "authenticated", "Y", "05"),
        ("4000000000003063", "attempted", "A", "06"),
        ("4000008400001629", "not_authenticated", "N", "07"),
        ("4000008400001280", "rejected", "R", "07"),
        ("4000000000003097", "unavailable", "U", "07"),
        ("5555555555554444", "authenticated", "Y", "02"),
    ] {
        let sandbox = sandbox().await;
        let provider = Raw::authentication(&sandbox);
        let id = created(&provider, number).await;
        assert_eq!(asked(&provider, &id).await["status"], status, "{number}");
        let result = &ended(&provider, &id).await["authentication_result"];
        assert_eq!(result["trans_status"], trans_status, "{number}");
        assert_eq!(result["electronic_commerce_indicator"], indicator, "{number}");
        let permits = matches!(status, "authenticated" | "attempted");
        assert_eq!(result["three_ds_cryptogram"].is_string(), permits, "{number}");
    }
}

#[tokio::test]
async fn a_card_that_is_not_enrolled_is_not_supported() {
    let sandbox = sandbox().await;
    let provider = Raw::authentication(&sandbox);
    let created = provider
        .json("/delegate_authentication", "k", wanted("4000000000003055"))
        .await;
    assert_eq!(created.body["status"], "not_supported");
}

#[tokio::test]
async fn a_challenge_ends_as_the_buyer_decides() {
    for (decision, status) in [
        ("approve", "authenticated"),
        ("deny", "not_authenticated"),
        ("leave", "challenge_abandoned"),
    ] {
        let sandbox = sandbox().await;
        let provider = Raw::authentication(&sandbox);
        let id = created(&provider, CHALLENGE).await;
        let challenge = asked(&provider, &id).await;
        let page = challenge["action"]["challenge"]["acs_url"].as_str().unwrap();
        let page = page.strip_prefix(&sandbox.authentication.url()).unwrap().to_owned();
        let buyer = Raw::new(sandbox.authentication.url(), "");
        let decided = buyer.json(&page, "k", json!({"decision": decision})).await;
        assert_eq!(decided.status, 200, "{}", decided.body);
        assert_eq!(ended(&provider, &id).await["status"], status);
        let again = buyer.json(&page, "k2", json!({"decision": "approve"})).await;
        assert_eq!(again.status, 409, "decided once");
    }
}

#[tokio::test]
async fn what_nobody_finishes_expires() {
    let sandbox = sandbox().await;
    let provider = Raw::authentication(&sandbox);
    let (never_asked, challenged) = (
        created(&provider, FRICTIONLESS).await,
        created(&provider, CHALLENGE).await,
    );
    asked(&provider, &challenged).await;
    sandbox.advance(Duration::from_secs(600));
    assert_eq!(ended(&provider, &never_asked).await["status"], "expired");
    assert_eq!(ended(&provider, &challenged).await["status"], "challenge_abandoned");
}

#[tokio::test]
async fn a_card_that_needs_an_authentication_is_charged_with_its_proof_and_once() {
    let sandbox = sandbox().await;
    let (provider, acquirer) = (Raw::authentication(&sandbox), Raw::acquirer(&sandbox));
    let without = charge_body(FRICTIONLESS, 4598, "r");
    let refused = acquirer.json("/v1/charges", "k1", without).await;
    assert_eq!(
        (refused.status, &refused.error()["code"]),
        (402, &json!("authentication_required"))
    );
    assert!(sandbox.acquirer.ledger().charges().is_empty(), "the reference is free");
    let id = created(&provider, FRICTIONLESS).await;
    asked(&provider, &id).await;
    let result = ended(&provider, &id).await["authentication_result"].clone();
    let charged = acquirer
        .json("/v1/charges", "k2", proved(FRICTIONLESS, "r", &result))
        .await;
    assert_eq!((charged.status, &charged.body["authenticated"]), (201, &json!(true)));
    let again = acquirer
        .json("/v1/charges", "k3", proved(FRICTIONLESS, "r2", &result))
        .await;
    assert_eq!(
        (again.status, &again.body["decline_code"]),
        (402, &json!("authentication_invalid"))
    );
    assert_eq!(sandbox.acquirer.ledger().captured_total(), 4598);
}

#[tokio::test]
async fn a_proof_of_something_else_is_declined() {
    let sandbox = sandbox().await;
    let (provider, acquirer) = (Raw::authentication(&sandbox), Raw::acquirer(&sandbox));
    let id = created(&provider, FRICTIONLESS).await;
    asked(&provider, &id).await;
    let result = ended(&provider, &id).await["authentication_result"].clone();
    let mut other_amount = proved(FRICTIONLESS, "amount", &result);
    other_amount["amount"] = json!(4599);
    let mut made_up = proved(FRICTIONLESS, "made_up", &result);
    made_up["card"]["cryptogram"] = json!("AbCdEfGhIjKlMnOpQrStUvWxY0=");
    let mut other_indicator = proved(FRICTIONLESS, "indicator", &result);
    other_indicator["authentication"]["eci"] = json!("06");
    let other_card = proved("4242424242424242", "card", &result);
    for body in [other_amount, made_up, other_indicator, other_card] {
        let key = body["reference"].as_str().unwrap().to_owned();
        let declined = acquirer.json("/v1/charges", &key, body).await;
        assert_eq!(declined.body["decline_code"], "authentication_invalid", "{key}");
    }
    let charged = acquirer
        .json("/v1/charges", "k", proved(FRICTIONLESS, "r", &result))
        .await;
    assert_eq!(charged.status, 201, "the proof was not used up");
}

#[tokio::test]
async fn what_does_not_fit_the_schema_is_refused_by_its_path_and_quotes_no_card() {
    let sandbox = sandbox().await;
    let provider = Raw::authentication(&sandbox);
    let with = |path: &str, value: Value| {
        let mut body = wanted(CHALLENGE);
        *body.pointer_mut(path).unwrap() = value;
        body
    };
    let mut unknown = wanted(CHALLENGE);
    unknown["surprise"] = json!(true);
    for (body, param) in [
        (with("/payment_method/type", json!("wallet")), "$.payment_method.type"),
        (with("/payment_method/number", json!("4000")), "$.payment_method.number"),
        (
            with("/payment_method/number", json!("4000002760003185")),
            "$.payment_method.number",
        ),
        (
            with("/payment_method/exp_month", json!("13")),
            "$.payment_method.exp_month",
        ),
        (
            with("/payment_method/exp_year", json!("30")),
            "$.payment_method.exp_year",
        ),
        (with("/amount/currency", json!("usd")), "$.amount.currency"),
        (with("/amount/value", json!("4598")), "$"),
        (
            with("/acquirer_details/merchant_name", json!("x".repeat(41))),
            "$.acquirer_details.merchant_name",
        ),
        (unknown, "$"),
    ] {
        let refused = provider.json("/delegate_authentication", param, body).await;
        assert_eq!((refused.status, refused.body["param"].as_str()), (400, Some(param)));
        assert!(!refused.body.to_string().contains("400000"), "{}", refused.body);
    }
    let none = provider.get("/delegate_authentication/auth_none").await;
    assert_eq!(none.status, 404);
    let other_release = provider.release(Some("2026-01-30"));
    let refused = other_release
        .json("/delegate_authentication", "k", wanted(CHALLENGE))
        .await;
    assert_eq!(refused.status, 400);
    let stranger = Raw::new(sandbox.authentication.url(), "Bearer wrong");
    let sent = stranger.try_send(Method::POST, "/delegate_authentication", None, String::new());
    assert_eq!(sent.await.unwrap().status, 401);
}
