//! Adyen's vault over HTTP: keys, release, accounts and replays.

use axum::http::Method;
use serde_json::{Value, json};
use tillhouse_sandbox::adyen::{COMPANY_ACCOUNT, DELEGATE_PATH, DELEGATE_VERSION, MERCHANT_ACCOUNT};
use tillhouse_sandbox::agent::{AdyenVault, Basket};
use tillhouse_sandbox::{Amount, Sandbox};

use crate::client::{Raw, Reply, sandbox};

fn body(sandbox: &Sandbox, merchant_id: &str) -> Value {
    let vault = AdyenVault::at(&sandbox.adyen, merchant_id, sandbox.clock()).unwrap();
    vault
        .body(
            &Basket::of("01", 1).paid_with("pm_card_adyen"),
            "cs_1",
            &Amount::usd(5_000),
        )
        .unwrap()
}

fn client(sandbox: &Sandbox, key: &str) -> Raw {
    Raw::new(sandbox.adyen.url(), &format!("Bearer {key}")).release(Some(DELEGATE_VERSION))
}

async fn delegated(sandbox: &Sandbox, key: &str, body: &Value) -> Reply {
    let vault = client(sandbox, sandbox.adyen.config().vault_key.reveal());
    vault.json(DELEGATE_PATH, key, body.clone()).await
}

#[tokio::test]
async fn a_card_becomes_a_token_and_a_replay_gives_the_same() {
    let sandbox = sandbox().await;
    let body = body(&sandbox, MERCHANT_ACCOUNT);
    let first = delegated(&sandbox, "k", &body).await;
    assert_eq!(first.status, 200);
    assert!(first.body["id"].as_str().unwrap().starts_with("acp_tok_"));
    assert_eq!(first.body["expires_at"], body["allowance"]["expires_at"]);
    let again = delegated(&sandbox, "k", &body).await;
    assert_eq!((again.replayed, &again.body), (true, &first.body));
    assert_eq!(sandbox.adyen.tokens().len(), 1);
    let mut other = body;
    other["payment_method"]["number"] = json!("4242424242424242");
    let conflict = delegated(&sandbox, "k", &other).await;
    assert_eq!(
        (conflict.status, &conflict.body["code"]),
        (422, &json!("idempotency_conflict"))
    );
}

#[tokio::test]
async fn only_its_own_key_release_and_accounts_are_served() {
    let sandbox = sandbox().await;
    let good = body(&sandbox, COMPANY_ACCOUNT);
    let agent_key = sandbox.adyen.config().agent_key.reveal().to_owned();
    assert_eq!(
        client(&sandbox, &agent_key)
            .json(DELEGATE_PATH, "k", good.clone())
            .await
            .status,
        401
    );
    let key = sandbox.adyen.config().vault_key.reveal();
    for release in [None, Some("2026-04-17")] {
        let vault = client(&sandbox, key).release(release);
        assert_eq!(vault.json(DELEGATE_PATH, "k", good.clone()).await.status, 422);
    }
    let foreign = delegated(&sandbox, "k", &body(&sandbox, "ANOTHER")).await;
    assert_eq!(
        (foreign.status, &foreign.body["code"]),
        (403, &json!("merchant_not_enabled"))
    );
    assert!(sandbox.adyen.tokens().is_empty());
    let get = client(&sandbox, key)
        .try_send(Method::GET, DELEGATE_PATH, None, String::new())
        .await;
    assert_eq!(get.unwrap().status, 405);
}

#[tokio::test]
async fn a_refusal_does_not_quote_the_card() {
    let sandbox = sandbox().await;
    let mut body = body(&sandbox, MERCHANT_ACCOUNT);
    body["payment_method"]["number"] = json!("4111111111111112");
    let refused = delegated(&sandbox, "k", &body).await;
    assert_eq!(
        (refused.status, &refused.body["param"]),
        (422, &json!("payment_method.number"))
    );
    assert!(!refused.body.to_string().contains("41111"));
}
