use serde_json::{Value, json};
use tillhouse_sandbox::acquirer::Operation;
use tillhouse_sandbox::stripe::signature;

use crate::client::{NOW, Raw, charge_body, sandbox};

#[tokio::test]
async fn a_canceled_reference_is_never_charged() {
    let sandbox = sandbox().await;
    let acquirer = Raw::acquirer(&sandbox);
    let cancel = json!({"reference": "r"});
    let canceled = acquirer.json("/v1/charges/cancel", "c1", cancel.clone()).await;
    assert_eq!((canceled.status, &canceled.body["status"]), (200, &json!("canceled")));
    let late = charge_body("4242424242424242", 1_000, "r");
    let late = acquirer.json("/v1/charges", "k", late).await;
    assert_eq!(
        (late.status, &late.error()["code"]),
        (409, &json!("reference_canceled"))
    );
    assert_eq!(acquirer.json("/v1/charges/cancel", "c2", cancel).await.status, 200);
    assert!(sandbox.acquirer.ledger().charges().is_empty());
    assert_eq!(sandbox.acquirer.received(Operation::Cancel), 2);
}

#[tokio::test]
async fn a_pending_charge_can_be_canceled_and_an_approved_one_cannot() {
    let sandbox = sandbox().await;
    let acquirer = Raw::acquirer(&sandbox);
    for (number, reference, status) in [("4000000000000077", "p", 200), ("4242424242424242", "a", 409)] {
        let charge = charge_body(number, 1_000, reference);
        let _ = acquirer.json("/v1/charges", reference, charge).await;
        let key = format!("c:{reference}");
        let answer = acquirer
            .json("/v1/charges/cancel", &key, json!({"reference": reference}))
            .await;
        assert_eq!(answer.status, status, "{}", answer.body);
    }
    let captured = sandbox.acquirer.ledger().captures();
    assert_eq!(captured.len(), 1);
    assert_eq!(captured[0].reference, "a");
    assert_eq!(
        acquirer.get("/v1/charges?reference=p").await.body["data"][0]["status"],
        "voided"
    );
}

#[tokio::test]
async fn a_notice_has_the_status_of_its_charge_and_a_signature() {
    let sandbox = sandbox().await;
    let acquirer = Raw::acquirer(&sandbox);
    let _ = acquirer
        .json("/v1/charges", "k", charge_body("4242424242424242", 1_000, "r"))
        .await;
    let signed_webhook = sandbox.acquirer.signed_webhook("r").unwrap();
    let body: Value = serde_json::from_str(&signed_webhook.body).unwrap();
    assert_eq!(
        (&body["charge"]["reference"], &body["charge"]["status"]),
        (&json!("r"), &json!("approved"))
    );
    let now = i64::try_from(NOW).unwrap();
    let secret = sandbox.acquirer.notice_secret();
    assert_eq!(
        signed_webhook.signature,
        signature::sign(secret, now, signed_webhook.body.as_bytes())
    );
    assert_eq!(sandbox.acquirer.signed_webhook("r").unwrap().id, signed_webhook.id);
    assert!(sandbox.acquirer.signed_webhook("other").is_none());
}
