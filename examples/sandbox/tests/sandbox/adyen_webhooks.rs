//! The Standard webhook: signed items, and sessions that are finalized by it.

use serde_json::{Value, json};
use tillhouse_sandbox::Sandbox;
use tillhouse_sandbox::adyen::{
    FinalizeBy, MERCHANT_ACCOUNT, MerchantCall, MerchantConnection, MerchantFault, hmac_signature,
};
use tillhouse_sandbox::agent::Basket;

use crate::adyen_merchant::AdyenMerchant;
use crate::adyen_standard::{agent, with_token};
use crate::client::{Raw, sandbox};

fn items(body: &str) -> Vec<Value> {
    let body: Value = serde_json::from_str(body).unwrap();
    let items = body["notificationItems"].as_array().unwrap().iter();
    items.map(|item| item["NotificationRequestItem"].clone()).collect()
}

/// The signature of an item, computed here from its members.
fn signature(sandbox: &Sandbox, item: &Value) -> String {
    let text = |name: &str| item[name].as_str().unwrap_or_default().to_owned();
    let signed = [
        text("pspReference"),
        text("originalReference"),
        text("merchantAccountCode"),
        text("merchantReference"),
        item["amount"]["value"].to_string(),
        item["amount"]["currency"].as_str().unwrap().to_owned(),
        text("eventCode"),
        text("success"),
    ];
    hmac_signature(&sandbox.adyen.config().hmac_key, signed.join(":").as_bytes())
}

#[tokio::test]
async fn each_item_is_signed_and_names_its_original() {
    let sandbox = sandbox().await;
    let merchant = Raw::checkout(&sandbox);
    let body = json!({
        "amount": {"value": 1_000, "currency": "USD"}, "merchantAccount": MERCHANT_ACCOUNT, "reference": "pa_1",
        "returnUrl": "https://shop.example/", "paymentMethod": {"number": "4242424242424242"},
    });
    let paid = merchant.json("/payments", "p", body).await;
    let psp = paid.body["pspReference"].as_str().unwrap().to_owned();
    let refund = json!({"merchantAccount": MERCHANT_ACCOUNT, "amount": {"value": 100, "currency": "USD"}});
    let refunded = merchant.json(&format!("/payments/{psp}/refunds"), "r", refund).await;
    let refund = refunded.body["pspReference"].as_str().unwrap().to_owned();
    let webhook = sandbox
        .adyen
        .webhook(&[&psp.as_str().into(), &refund.as_str().into()])
        .unwrap();
    let items = items(&webhook.body);
    assert_eq!(
        (&items[0]["eventCode"], &items[0]["success"]),
        (&json!("AUTHORISATION"), &json!("true"))
    );
    assert_eq!(
        (&items[1]["eventCode"], &items[1]["originalReference"]),
        (&json!("REFUND"), &json!(psp))
    );
    for item in &items {
        assert_eq!(item["additionalData"]["hmacSignature"], signature(&sandbox, item));
    }
}

#[tokio::test]
async fn what_is_not_decided_has_no_webhook_yet() {
    let sandbox = sandbox().await;
    let merchant = Raw::checkout(&sandbox);
    let body = json!({
        "amount": {"value": 1_000, "currency": "USD"}, "merchantAccount": MERCHANT_ACCOUNT, "reference": "pa_1",
        "returnUrl": "https://shop.example/", "paymentMethod": {"number": "4000000000000077"},
    });
    let paid = merchant.json("/payments", "p", body).await;
    let psp = paid.body["pspReference"].as_str().unwrap().into();
    assert!(sandbox.adyen.webhook(&[&psp]).is_none());
    assert!(sandbox.adyen.settle(&psp, false).await.is_some());
    let webhook = sandbox.adyen.webhook(&[&psp]).unwrap();
    assert_eq!(items(&webhook.body)[0]["success"], "false");
    assert!(sandbox.adyen.webhook(&[&"UNKNOWN".into()]).is_none());
}

/// The merchant, which learns of payments by webhook.
async fn by_webhook(sandbox: &Sandbox) -> AdyenMerchant {
    let merchant = AdyenMerchant::open(sandbox, |connection| connection).await;
    let url = merchant.webhook_url.clone();
    merchant.connect(sandbox, |connection| MerchantConnection {
        finalize_by: FinalizeBy::Webhook,
        webhook_url: Some(url),
        ..connection
    });
    merchant
}

#[tokio::test]
async fn a_session_can_be_finalized_by_webhook() {
    let sandbox = sandbox().await;
    let merchant = by_webhook(&sandbox).await;
    let purchase = agent(&sandbox).purchase(&Basket::of("01", 1)).await.unwrap();
    assert!(purchase.is_completed());
    assert_eq!(merchant.routes(), ["", "commit", "webhooks"]);
    let item = &items(std::str::from_utf8(&merchant.calls()[2].body).unwrap())[0];
    assert_eq!(
        (&item["eventCode"], &item["merchantReference"]),
        (&json!("AUTHORISATION"), &json!("ORD-2026-001"))
    );
}

#[tokio::test]
async fn webhooks_are_late_lost_and_doubled_too() {
    let sandbox = sandbox().await;
    let merchant = by_webhook(&sandbox).await;
    let (agent, basket) = (agent(&sandbox), Basket::of("01", 1));
    for (fault, arrived) in [
        (MerchantFault::Late, 1),
        (MerchantFault::Lost, 0),
        (MerchantFault::Doubled, 2),
    ] {
        let (session, token) = with_token(&agent, &basket).await;
        let before = merchant.calls().len();
        sandbox.adyen.fail_next_call(MerchantCall::Webhook, fault);
        agent.complete(&session, &basket, &token).await.unwrap();
        sandbox.adyen.deliver_late().await;
        let routes = merchant.routes().split_off(before);
        let webhooks = routes.iter().filter(|route| *route == "webhooks").count();
        assert_eq!(webhooks, arrived, "{fault:?}");
    }
}

#[tokio::test]
async fn a_merchant_with_a_webhook_is_told_of_every_payment() {
    let sandbox = sandbox().await;
    let merchant = AdyenMerchant::open(&sandbox, |connection| connection).await;
    let url = merchant.webhook_url.clone();
    merchant.connect(&sandbox, |connection| MerchantConnection {
        webhook_url: Some(url),
        ..connection
    });
    let purchase = agent(&sandbox).purchase(&Basket::of("01", 1)).await.unwrap();
    assert!(purchase.is_completed());
    sandbox.adyen.stop().await;
    assert_eq!(merchant.routes(), ["", "commit", "finalize", "webhooks"]);
}
