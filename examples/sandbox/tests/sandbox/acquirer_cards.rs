use axum::http::Method;
use serde_json::{Value, json};

use crate::client::{NOW, Raw, charge_body, sandbox};

#[tokio::test]
async fn each_test_card_behaves_as_documented() {
    let sandbox = sandbox().await;
    let acquirer = Raw::acquirer(&sandbox);
    let cases = [
        ("4242424242424242", 201, "approved", Value::Null),
        ("5555555555554444", 201, "approved", Value::Null),
        ("4000000000000002", 402, "declined", json!("do_not_honor")),
        ("4000000000009995", 402, "declined", json!("insufficient_funds")),
        ("4000000000000069", 402, "declined", json!("expired_card")),
        ("4000000000000127", 402, "declined", json!("incorrect_cvc")),
        ("4100000000000019", 402, "declined", json!("fraud_suspected")),
        ("4000000000005126", 201, "approved", Value::Null),
        ("4000000000000077", 202, "pending", Value::Null),
    ];
    for (number, status, outcome, decline_code) in &cases {
        let reply = acquirer
            .json("/v1/charges", number, charge_body(number, 4598, number))
            .await;
        assert_eq!(reply.status, *status, "{number}: {}", reply.body);
        assert_eq!(
            (&reply.body["object"], &reply.body["status"]),
            (&json!("charge"), &json!(outcome)),
            "{number}"
        );
        assert_eq!(&reply.body["decline_code"], decline_code, "{number}");
        assert_eq!(
            (&reply.body["amount"], &reply.body["created"]),
            (&json!(4598), &json!(NOW)),
            "{number}"
        );
    }
    let ledger = sandbox.acquirer.ledger();
    assert_eq!(ledger.charges().len(), cases.len());
    assert_eq!(ledger.captured_total(), 3 * 4598);
}

#[tokio::test]
async fn the_failing_card_answers_500_and_charges_nothing() {
    let sandbox = sandbox().await;
    let acquirer = Raw::acquirer(&sandbox);
    let reply = acquirer
        .json("/v1/charges", "k", charge_body("4000000000000119", 100, "r"))
        .await;
    assert_eq!((reply.status, &reply.error()["type"]), (500, &json!("api_error")));
    assert!(sandbox.acquirer.ledger().charges().is_empty());
    let found = acquirer.get("/v1/charges?reference=r").await.body;
    assert_eq!(found["data"], json!([]));
}

#[tokio::test]
async fn the_silent_card_charges_and_is_found_by_reference_and_by_key() {
    let sandbox = sandbox().await;
    let acquirer = Raw::acquirer(&sandbox);
    let body = charge_body("4000000000000259", 100, "r");
    assert!(
        acquirer
            .try_send(Method::POST, "/v1/charges", Some("k"), body.to_string())
            .await
            .is_err()
    );
    let found = acquirer.get("/v1/charges?reference=r").await.body;
    assert_eq!(
        (&found["object"], &found["data"][0]["status"]),
        (&json!("list"), &json!("approved"))
    );
    let replay = acquirer.json("/v1/charges", "k", body).await;
    assert_eq!((replay.status, replay.replayed), (201, true));
    assert_eq!(sandbox.acquirer.ledger().captured_total(), 100);
}

#[tokio::test]
async fn the_pending_card_settles_at_the_second_lookup() {
    let sandbox = sandbox().await;
    let acquirer = Raw::acquirer(&sandbox);
    acquirer
        .json("/v1/charges", "k", charge_body("4000000000000077", 100, "r"))
        .await;
    assert_eq!(
        acquirer.get("/v1/charges?reference=r").await.body["data"][0]["status"],
        "pending"
    );
    assert_eq!(sandbox.acquirer.ledger().captured_total(), 0);
    assert_eq!(
        acquirer.get("/v1/charges?reference=r").await.body["data"][0]["status"],
        "approved"
    );
    assert_eq!(sandbox.acquirer.ledger().captured_total(), 100);
}

#[tokio::test]
async fn the_short_card_approves_one_cent_less() {
    let sandbox = sandbox().await;
    let acquirer = Raw::acquirer(&sandbox);
    let reply = acquirer
        .json("/v1/charges", "k", charge_body("4000000000000341", 100, "r"))
        .await;
    assert_eq!((reply.status, &reply.body["amount"]), (201, &json!(99)));
    assert_eq!(sandbox.acquirer.ledger().captured_total(), 99);
}

#[tokio::test]
async fn an_expired_card_is_declined_whatever_its_number() {
    let sandbox = sandbox().await;
    let acquirer = Raw::acquirer(&sandbox);
    for (month, year, status) in [
        ("10", "2026", 402),
        ("11", "2026", 201),
        ("11", "26", 201),
        ("12", "25", 402),
    ] {
        let reference = format!("{month}/{year}");
        let mut body = charge_body("4242424242424242", 100, &reference);
        body["card"]["exp_month"] = json!(month);
        body["card"]["exp_year"] = json!(year);
        assert_eq!(
            acquirer.json("/v1/charges", &reference, body).await.status,
            status,
            "{reference}"
        );
    }
}

#[tokio::test]
async fn a_malformed_charge_names_its_field_and_leaves_the_key_free() {
    let sandbox = sandbox().await;
    let acquirer = Raw::acquirer(&sandbox);
    let cases = [
        ("/amount", json!("4598"), "amount"),
        ("/amount", json!(0), "amount"),
        ("/currency", json!("dollar"), "currency"),
        ("/reference", json!(""), "reference"),
        ("/capture", json!("yes"), "capture"),
        ("/card", json!("4242"), "card"),
        ("/card/number", json!("4012888888881881"), "card.number"),
        ("/card/number", json!("4242-4242"), "card.number"),
        ("/card/exp_month", json!("13"), "card.exp_month"),
        ("/card/exp_year", json!("203"), "card.exp_year"),
        ("/card/cryptogram", json!(7), "card.cryptogram"),
    ];
    for (pointer, value, param) in cases {
        let mut body = charge_body("4242424242424242", 4598, "r");
        *body.pointer_mut(pointer).unwrap() = value;
        let reply = acquirer.json("/v1/charges", "k", body).await;
        assert_eq!(
            (reply.status, &reply.error()["param"]),
            (400, &json!(param)),
            "{}",
            reply.body
        );
        assert_eq!(reply.error()["type"], "invalid_request_error");
    }
    for body in ["", "[]", "{\"amount\":"] {
        let reply = acquirer
            .try_send(Method::POST, "/v1/charges", Some("k"), body.to_owned())
            .await
            .unwrap();
        assert_eq!(reply.status, 400, "{body}");
    }
    assert_eq!(
        acquirer
            .json("/v1/charges", "k", charge_body("4242424242424242", 4598, "r"))
            .await
            .status,
        201
    );
}
