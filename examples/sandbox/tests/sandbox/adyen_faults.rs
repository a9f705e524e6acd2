//! What happens to Adyen's calls on their way: late, lost, doubled, overtaken, without an answer.

use serde_json::json;
use tillhouse_sandbox::adyen::{MerchantCall, MerchantConnection, MerchantFault};
use tillhouse_sandbox::agent::Basket;

use crate::adyen_merchant::{AdyenMerchant, TOTAL};
use crate::adyen_standard::{agent, code, with_token};
use crate::client::sandbox;

#[tokio::test]
async fn a_late_finalize_completes_the_session_when_it_arrives() {
    let sandbox = sandbox().await;
    let merchant = AdyenMerchant::open(&sandbox, |connection| connection).await;
    let (agent, basket) = (agent(&sandbox), Basket::of("01", 1));
    let (session, token) = with_token(&agent, &basket).await;
    sandbox
        .adyen
        .fail_next_call(MerchantCall::Finalize, MerchantFault::Late);
    let answer = agent.complete(&session, &basket, &token).await.unwrap();
    assert_eq!(answer.response["status"], "in_progress");
    assert_eq!(merchant.routes(), ["", "commit"]);
    let answers = sandbox.adyen.deliver_late().await;
    assert_eq!(answers[0].as_ref().unwrap().status, 204);
    assert_eq!(merchant.routes(), ["", "commit", "finalize"]);
    assert_eq!(agent.retrieve(&session).await.unwrap().response["status"], "completed");
}

#[tokio::test]
async fn a_finalize_whose_answer_is_lost_is_sent_again() {
    let sandbox = sandbox().await;
    let merchant = AdyenMerchant::open(&sandbox, |connection| connection).await;
    let (agent, basket) = (agent(&sandbox), Basket::of("01", 1));
    let (session, token) = with_token(&agent, &basket).await;
    sandbox
        .adyen
        .fail_next_call(MerchantCall::Finalize, MerchantFault::LoseAnswer);
    let answer = agent.complete(&session, &basket, &token).await.unwrap();
    assert_eq!(answer.response["status"], "in_progress");
    sandbox.adyen.redeliver(&session).await;
    assert_eq!(agent.retrieve(&session).await.unwrap().response["status"], "completed");
    let calls = merchant.calls();
    assert_eq!(merchant.routes(), ["", "commit", "finalize", "finalize"]);
    assert_eq!(calls[2].body, calls[3].body);
}

#[tokio::test]
async fn a_lost_finalize_never_arrives() {
    let sandbox = sandbox().await;
    let merchant = AdyenMerchant::open(&sandbox, |connection| connection).await;
    let (agent, basket) = (agent(&sandbox), Basket::of("01", 1));
    let (session, token) = with_token(&agent, &basket).await;
    sandbox
        .adyen
        .fail_next_call(MerchantCall::Finalize, MerchantFault::Lost);
    let answer = agent.complete(&session, &basket, &token).await.unwrap();
    assert_eq!(answer.response["status"], "in_progress");
    assert!(sandbox.adyen.deliver_late().await.is_empty());
    assert_eq!(merchant.routes(), ["", "commit"]);
    assert_eq!(sandbox.adyen.ledger().captured_total(), TOTAL);
}

#[tokio::test]
async fn a_doubled_finalize_arrives_twice() {
    let sandbox = sandbox().await;
    let merchant = AdyenMerchant::open(&sandbox, |connection| connection).await;
    sandbox
        .adyen
        .fail_next_call(MerchantCall::Finalize, MerchantFault::Doubled);
    let purchase = agent(&sandbox).purchase(&Basket::of("01", 1)).await.unwrap();
    assert!(purchase.is_completed());
    assert_eq!(merchant.routes(), ["", "commit", "finalize", "finalize"]);
}

#[tokio::test]
async fn a_finalize_may_overtake_its_commit() {
    let sandbox = sandbox().await;
    let merchant = AdyenMerchant::open(&sandbox, |connection| connection).await;
    sandbox
        .adyen
        .fail_next_call(MerchantCall::Commit, MerchantFault::Reordered);
    let purchase = agent(&sandbox).purchase(&Basket::of("01", 1)).await.unwrap();
    assert_eq!(merchant.routes(), ["", "finalize", "commit"]);
    assert_eq!(purchase.order_id.as_deref(), Some("ORD-2026-001"));
}

#[tokio::test]
async fn a_commit_out_of_budget_charges_nothing_and_can_be_tried_again() {
    let sandbox = sandbox().await;
    let merchant = AdyenMerchant::open(&sandbox, |connection| connection).await;
    let (agent, basket) = (agent(&sandbox), Basket::of("01", 1));
    let (session, token) = with_token(&agent, &basket).await;
    sandbox
        .adyen
        .fail_next_call(MerchantCall::Commit, MerchantFault::OutOfBudget);
    let refused = agent.complete(&session, &basket, &token).await.unwrap();
    assert_eq!((refused.status, code(&refused)), (503, &json!("MERCHANT_UNAVAILABLE")));
    assert!(sandbox.adyen.ledger().payments.is_empty());
    let paid = agent.complete(&session, &basket, &token).await.unwrap();
    assert_eq!(paid.response["status"], "completed");
    assert_eq!(merchant.routes(), ["", "commit", "commit", "finalize"]);
}

#[tokio::test]
async fn a_merchant_that_is_too_slow_is_not_waited_for() {
    let sandbox = sandbox().await;
    // The address takes connections and never answers, so that only the budget ends the call.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = silent.local_addr().unwrap();
    AdyenMerchant::open(&sandbox, |connection| MerchantConnection {
        base_url: format!("http://{address}"),
        budget: std::time::Duration::from_millis(1),
        ..connection
    })
    .await;
    let refused = agent(&sandbox).create(&Basket::of("01", 1)).await.unwrap();
    assert_eq!((refused.status, code(&refused)), (503, &json!("MERCHANT_UNAVAILABLE")));
}

#[tokio::test]
async fn a_finalize_that_is_refused_leaves_money_without_an_order() {
    let sandbox = sandbox().await;
    let merchant = AdyenMerchant::open(&sandbox, |connection| connection).await;
    let (agent, basket) = (agent(&sandbox), Basket::of("01", 1));
    let (session, token) = with_token(&agent, &basket).await;
    let message = json!({"type": "error", "code": "INVALID_STATE", "content": "No.", "content_type": "plain"});
    merchant.answer_next("finalize", 409, json!({"messages": [message]}));
    let answer = agent.complete(&session, &basket, &token).await.unwrap();
    assert_eq!(answer.response["status"], "in_progress");
    assert_eq!(code(&answer), "ORDER_NOT_CONFIRMED");
    assert_eq!(sandbox.adyen.ledger().captured_total(), TOTAL);
}
