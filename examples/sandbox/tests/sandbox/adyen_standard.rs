//! Purchases through Adyen in the standard flow: it charges itself.

use serde_json::{Value, json};
use tillhouse_sandbox::adyen::{COMPANY_ACCOUNT, MerchantAuth, PaidBy, ResultCode, hmac_signature};
use tillhouse_sandbox::agent::{AdyenAgent, Basket, Exchange};
use tillhouse_sandbox::{Amount, Sandbox};

use crate::adyen_merchant::{AdyenMerchant, TOTAL, shown};
use crate::client::sandbox;

pub(crate) fn agent(sandbox: &Sandbox) -> AdyenAgent {
    AdyenAgent::at(&sandbox.adyen, COMPANY_ACCOUNT, sandbox.clock()).unwrap()
}

pub(crate) fn id(exchange: &Exchange) -> String {
    exchange.response["id"].as_str().unwrap().to_owned()
}

/// An open session with a token for exactly its total.
pub(crate) async fn with_token(agent: &AdyenAgent, basket: &Basket) -> (String, String) {
    let session = id(&agent.create(basket).await.unwrap());
    let token = agent
        .vault
        .delegate(basket, &session, &Amount::usd(TOTAL))
        .await
        .unwrap();
    (session, id(&token))
}

pub(crate) fn code(exchange: &Exchange) -> &Value {
    &exchange.response["messages"][0]["code"]
}

#[tokio::test]
async fn a_purchase_commits_charges_and_finalizes() {
    let sandbox = sandbox().await;
    let merchant = AdyenMerchant::open(&sandbox, |connection| connection).await;
    let purchase = agent(&sandbox).purchase(&Basket::of("01", 1)).await.unwrap();
    assert_eq!((purchase.status.as_str(), purchase.total), ("completed", TOTAL));
    assert_eq!(purchase.order_id.as_deref(), Some("ORD-2026-001"));
    assert_eq!(merchant.routes(), ["", "commit", "finalize"]);
    let ledger = sandbox.adyen.ledger();
    let payment = &ledger.payments_of(&purchase.session_id)[0];
    assert_eq!((payment.paid_by, payment.captured), (PaidBy::Adyen, TOTAL));
    let finalized = merchant.calls()[2].json();
    let amount = json!({"value": TOTAL, "currency": "USD"});
    let expected = json!({
        "pspReference": payment.psp_reference, "resultCode": "Authorised", "amount": amount, "merchantReference": "ORD-2026-001",
    });
    assert_eq!(finalized, expected);
}

#[tokio::test]
async fn calls_are_authenticated_as_configured() {
    let schemes = [
        MerchantAuth::Bearer("merchant_key".into()),
        MerchantAuth::Basic {
            user: "adyen".into(),
            password: "secret".into(),
        },
        MerchantAuth::Hmac("0a0b".into()),
    ];
    for auth in schemes {
        let sandbox = sandbox().await;
        let merchant = AdyenMerchant::open(&sandbox, |connection| tillhouse_sandbox::adyen::MerchantConnection {
            auth: auth.clone(),
            ..connection
        })
        .await;
        agent(&sandbox).create(&Basket::of("01", 1)).await.unwrap();
        let call = &merchant.calls()[0];
        match auth {
            MerchantAuth::Hmac(key) => {
                assert_eq!(call.header("hmacsignature"), hmac_signature(&key, &call.body));
                assert_eq!(call.header("protocol"), "HmacSHA256");
            }
            MerchantAuth::Basic { .. } => assert_eq!(call.header("authorization"), "Basic YWR5ZW46c2VjcmV0"),
            _ => assert_eq!(call.header("authorization"), "Bearer merchant_key"),
        }
    }
}

#[tokio::test]
async fn a_decline_is_a_session_with_a_message_and_can_be_paid_again() {
    let sandbox = sandbox().await;
    let merchant = AdyenMerchant::open(&sandbox, |connection| connection).await;
    let agent = agent(&sandbox);
    let declined = Basket::of("01", 1).paid_with("pm_card_chargeDeclined");
    let (session, token) = with_token(&agent, &declined).await;
    let answer = agent.complete(&session, &declined, &token).await.unwrap();
    assert_eq!(
        (answer.status, &answer.response["status"]),
        (200, &json!("ready_for_payment"))
    );
    assert_eq!(code(&answer), "PAYMENT_DECLINED");
    assert_eq!(merchant.calls()[2].json()["resultCode"], "Refused");
    let basket = Basket::of("01", 1);
    let token = agent
        .vault
        .delegate(&basket, &session, &Amount::usd(TOTAL))
        .await
        .unwrap();
    let answer = agent.complete(&session, &basket, &id(&token)).await.unwrap();
    assert_eq!(answer.response["status"], "completed");
    assert_eq!(sandbox.adyen.ledger().captured_total(), TOTAL);
}

#[tokio::test]
async fn a_merchant_that_refuses_is_heard_and_the_token_is_not_used() {
    let sandbox = sandbox().await;
    let merchant = AdyenMerchant::open(&sandbox, |connection| connection).await;
    let (agent, basket) = (agent(&sandbox), Basket::of("01", 1));
    let message = |code: &str| json!({"type": "error", "code": code, "content": "No.", "content_type": "plain"});
    merchant.answer_next("", 422, json!({"messages": [message("OUT_OF_STOCK")]}));
    let refused = agent.create(&basket).await.unwrap();
    assert_eq!((refused.status, code(&refused)), (422, &json!("OUT_OF_STOCK")));
    assert!(refused.response.get("id").is_none());
    let (session, token) = with_token(&agent, &basket).await;
    merchant.answer_next("commit", 422, json!({"messages": [message("RISK_REJECTED")]}));
    let refused = agent.complete(&session, &basket, &token).await.unwrap();
    assert_eq!((refused.status, code(&refused)), (422, &json!("RISK_REJECTED")));
    assert_eq!(refused.response["status"], "ready_for_payment");
    assert!(sandbox.adyen.ledger().payments.is_empty());
    let paid = agent.complete(&session, &basket, &token).await.unwrap();
    assert_eq!(paid.response["status"], "completed");
}

#[tokio::test]
async fn another_total_at_commit_is_not_charged() {
    let sandbox = sandbox().await;
    let merchant = AdyenMerchant::open(&sandbox, |connection| connection).await;
    let (agent, basket) = (agent(&sandbox), Basket::of("01", 1));
    let (session, token) = with_token(&agent, &basket).await;
    let mut dearer = shown(&session, "in_progress");
    dearer["totals"][1]["amount"] = json!(TOTAL + 1);
    merchant.answer_next("commit", 200, dearer);
    let refused = agent.complete(&session, &basket, &token).await.unwrap();
    assert_eq!((refused.status, code(&refused)), (422, &json!("PRICE_MISMATCH")));
    assert!(sandbox.adyen.ledger().payments.is_empty());
}

#[tokio::test]
async fn a_pending_payment_is_in_progress_until_it_is_decided() {
    let sandbox = sandbox().await;
    let merchant = AdyenMerchant::open(&sandbox, |connection| connection).await;
    let agent = agent(&sandbox);
    let basket = Basket::of("01", 1).paid_with("pm_card_pending");
    let (session, token) = with_token(&agent, &basket).await;
    let answer = agent.complete(&session, &basket, &token).await.unwrap();
    assert_eq!(answer.response["status"], "in_progress");
    assert_eq!(merchant.routes(), ["", "commit"]);
    assert_eq!(agent.cancel(&session).await.unwrap().status, 409);
    let payment = sandbox.adyen.ledger().payments[0].psp_reference.clone();
    let settled = sandbox.adyen.settle(&payment, true).await.unwrap();
    assert_eq!(settled.result_code, ResultCode::Authorised);
    assert_eq!(merchant.routes(), ["", "commit", "finalize"]);
    assert_eq!(agent.retrieve(&session).await.unwrap().response["status"], "completed");
}

#[tokio::test]
async fn a_session_is_canceled_once_and_then_not_paid() {
    let sandbox = sandbox().await;
    let merchant = AdyenMerchant::open(&sandbox, |connection| connection).await;
    let (agent, basket) = (agent(&sandbox), Basket::of("01", 1));
    let (session, token) = with_token(&agent, &basket).await;
    for _ in 0..2 {
        let canceled = agent.cancel(&session).await.unwrap();
        assert_eq!(
            (canceled.status, &canceled.response["status"]),
            (200, &json!("canceled"))
        );
    }
    assert_eq!(merchant.routes(), ["", "cancel"]);
    let refused = agent.complete(&session, &basket, &token).await.unwrap();
    assert_eq!((refused.status, code(&refused)), (409, &json!("INVALID_STATE")));
    assert_eq!(agent.update(&session, &json!({})).await.unwrap().status, 409);
}

#[tokio::test]
async fn a_completed_session_answers_its_token_again() {
    let sandbox = sandbox().await;
    AdyenMerchant::open(&sandbox, |connection| connection).await;
    let (agent, basket) = (agent(&sandbox), Basket::of("01", 1));
    let (session, token) = with_token(&agent, &basket).await;
    let first = agent.complete(&session, &basket, &token).await.unwrap();
    let again = agent.complete(&session, &basket, &token).await.unwrap();
    assert_eq!((again.status, &again.response), (200, &first.response));
    assert_eq!(sandbox.adyen.ledger().payments.len(), 1);
}

#[tokio::test]
async fn a_token_that_does_not_fit_is_refused_and_stays_unused() {
    let sandbox = sandbox().await;
    AdyenMerchant::open(&sandbox, |connection| connection).await;
    let (agent, basket) = (agent(&sandbox), Basket::of("01", 1));
    let session = id(&agent.create(&basket).await.unwrap());
    let token = |session: String, amount: Amount| {
        let (agent, basket) = (agent.clone(), basket.clone());
        async move { id(&agent.vault.delegate(&basket, &session, &amount).await.unwrap()) }
    };
    let euro = tillhouse_sandbox::Currency::parse("EUR").unwrap();
    let cases = [
        (
            token(session.clone(), Amount::usd(5_000)).await,
            "TOKEN_AMOUNT_EXCEEDED",
        ),
        (
            token(session.clone(), Amount::new(TOTAL, &euro)).await,
            "TOKEN_CURRENCY_MISMATCH",
        ),
        (token("cs_other".into(), Amount::usd(TOTAL)).await, "INVALID_TOKEN"),
        ("psp_tok_unknown...".to_owned(), "INVALID_TOKEN"),
    ];
    for (token, expected) in cases {
        let refused = agent.complete(&session, &basket, &token).await.unwrap();
        assert_eq!((refused.status, code(&refused)), (422, &json!(expected)));
    }
    assert!(sandbox.adyen.tokens().iter().all(|token| !token.used));
}
