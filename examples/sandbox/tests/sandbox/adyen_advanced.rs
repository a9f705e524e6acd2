//! Purchases through Adyen in the advanced flow: the merchant gets the token, and charges it over the Checkout API.

use serde_json::json;
use tillhouse_sandbox::adyen::{MerchantConnection, PaidBy};
use tillhouse_sandbox::agent::Basket;

use crate::adyen_merchant::{AdyenMerchant, TOTAL, shown};
use crate::adyen_standard::{agent, code, with_token};
use crate::client::sandbox;

#[tokio::test]
async fn the_merchant_charges_the_token_and_the_order_is_its_own() {
    let sandbox = sandbox().await;
    let merchant = AdyenMerchant::open(&sandbox, MerchantConnection::advanced).await;
    let purchase = agent(&sandbox).purchase(&Basket::of("01", 1)).await.unwrap();
    assert_eq!(purchase.status, "completed");
    assert_eq!(purchase.order_id.as_deref(), Some("ORD-2026-001"));
    assert_eq!(
        purchase.order_permalink.as_deref(),
        Some("https://shop.example/orders/ORD-2026-001")
    );
    assert_eq!(merchant.routes(), ["", "payment"]);
    let payments = sandbox.adyen.ledger().payments_of(&purchase.session_id);
    assert_eq!((payments[0].paid_by, payments[0].captured), (PaidBy::Merchant, TOTAL));
}

#[tokio::test]
async fn a_decline_of_the_merchants_payment_is_a_message() {
    let sandbox = sandbox().await;
    AdyenMerchant::open(&sandbox, MerchantConnection::advanced).await;
    let agent = agent(&sandbox);
    let basket = Basket::of("01", 1).paid_with("pm_card_insufficientFunds");
    let (session, token) = with_token(&agent, &basket).await;
    let answer = agent.complete(&session, &basket, &token).await.unwrap();
    assert_eq!((answer.status, code(&answer)), (200, &json!("PAYMENT_DECLINED")));
    assert_eq!(answer.response["status"], "ready_for_payment");
}

#[tokio::test]
async fn another_refusal_is_relayed_and_the_token_can_still_be_used() {
    let sandbox = sandbox().await;
    let merchant = AdyenMerchant::open(&sandbox, MerchantConnection::advanced).await;
    let (agent, basket) = (agent(&sandbox), Basket::of("01", 1));
    let (session, token) = with_token(&agent, &basket).await;
    let message = json!({"type": "error", "code": "OUT_OF_STOCK", "content": "Gone.", "content_type": "plain"});
    merchant.answer_next("payment", 422, json!({"messages": [message]}));
    let refused = agent.complete(&session, &basket, &token).await.unwrap();
    assert_eq!((refused.status, code(&refused)), (422, &json!("OUT_OF_STOCK")));
    let paid = agent.complete(&session, &basket, &token).await.unwrap();
    assert_eq!(paid.response["status"], "completed");
}

#[tokio::test]
async fn a_merchant_that_needs_longer_is_asked_again() {
    let sandbox = sandbox().await;
    let merchant = AdyenMerchant::open(&sandbox, MerchantConnection::advanced).await;
    let (agent, basket) = (agent(&sandbox), Basket::of("01", 1));
    let (session, token) = with_token(&agent, &basket).await;
    merchant.answer_next("payment", 200, shown(&session, "in_progress"));
    let answer = agent.complete(&session, &basket, &token).await.unwrap();
    assert_eq!(answer.response["status"], "in_progress");
    sandbox.adyen.redeliver(&session).await;
    let read = agent.retrieve(&session).await.unwrap();
    assert_eq!(read.response["status"], "completed");
    assert_eq!(sandbox.adyen.ledger().payments.len(), 1);
}

#[tokio::test]
async fn an_acknowledgement_without_a_payment_is_not_an_order() {
    let sandbox = sandbox().await;
    let merchant = AdyenMerchant::open(&sandbox, MerchantConnection::advanced).await;
    let (agent, basket) = (agent(&sandbox), Basket::of("01", 1));
    let (session, token) = with_token(&agent, &basket).await;
    merchant.answer_next("payment", 204, json!(null));
    let answer = agent.complete(&session, &basket, &token).await.unwrap();
    assert_eq!(answer.response["status"], "ready_for_payment");
    assert!(answer.response.get("order").is_none());
}
