//! Tokens that do not pay a session: of the merchant's own vault, of Adyen, and of Stripe where it is taken too.

use std::time::Duration;

use serde_json::{Value, json};
use tillhouse_checkout::time::Clock;
use tillhouse_sandbox::adyen::Operation;
use tillhouse_tests::{HttpResponse, TestHost, fixtures};

use super::{ITEM, host, is_untouched, merchant, plan, refused, told};

const VAULT: &str = "/paltokenization/servlet/Recurring/Agentic/acp/v1/agentic_commerce/delegate_payment";
const LIFETIME: u64 = 1800;

/// A host whose merchants have a vault, and take tokens of Stripe too.
async fn with_vault() -> TestHost {
    let shop = |name: &str| {
        merchant(name).set(&format!(
            "vault.per_minute = 1000\nadyen.agent.providers = [\"adyen\", \"stripe\"]\n\
             adyen.delegate.keys = [{{ name = \"agent\", secret = \"vault_key_{name}\" }}]"
        ))
    };
    let host = TestHost::builder().merchant(shop("demo")).merchant(shop("acme"));
    host.set(fixtures::VAULT_KEYS).frozen().start().await
}

/// A token of a merchant's vault for this session and amount.
async fn delegated(host: &TestHost, merchant: &str, session: &str, cents: i64) -> String {
    let expires = host.clock.now().after(Duration::from_secs(LIFETIME)).rfc3339();
    let body = json!({
        "payment_method": {
            "type": "card", "card_number_type": "fpan", "number": "4111111111111111", "exp_month": "03", "exp_year": "2034",
            "metadata": {},
        },
        "allowance": {
            "reason": "one_time", "max_amount": cents, "currency": "USD", "checkout_session_id": session,
            "merchant_id": host.sandbox.adyen.config().merchant_account, "expires_at": expires,
        },
        "billing_address": {
            "name": "Jane Doe", "line_one": "1 Card St", "city": "San Francisco", "country": "US", "postal_code": "94107",
        },
        "risk_signals": {"type": "platform_score", "score": 10, "action": "authorized"},
        "metadata": {},
    });
    let request = host
        .client_of(merchant)
        .post(VAULT)
        .bearer(&format!("vault_key_{merchant}"));
    let issued = request
        .header("api-version", "2025-09-29")
        .json(&body)
        .send()
        .await
        .expect(200);
    issued["id"].as_str().unwrap().to_owned()
}

fn payment(provider: &str, token: &str) -> Value {
    json!({"payment_data": {"provider": provider, "token": token}})
}

async fn pay(host: &TestHost, session: &HttpResponse, provider: &str, token: &str) -> HttpResponse {
    let request = host.adyen().post(&format!("/{}/complete", session.id()));
    request.json(&payment(provider, token)).send().await
}

/// Asserts a refusal of a token, which is recorded, holds nothing and shows the session.
async fn is_refused(host: &TestHost, session: &HttpResponse, provider: &str, token: &str, code: &str) -> String {
    let request = host.adyen().post(&format!("/{}/complete", session.id()));
    let request = request.json(&payment(provider, token));
    let answer = refused(request.clone().send().await, 422, code, "payment_data.token", token);
    assert_eq!((&answer["totals"], answer.id()), (&session["totals"], session.id()));
    assert!(!answer.text().contains(token), "{}", answer.text());
    assert!(request.send().await.expect(422).is_replay(), "{code}");
    assert_eq!(host.sandbox.adyen.ledger().payments_of(session.id()), []);
    let shown = host.adyen().retrieve(session.id()).await.expect(200);
    assert_eq!(
        (&shown["status"], &shown["totals"]),
        (&session["status"], &session["totals"])
    );
    answer["messages"].to_string()
}

#[tokio::test]
async fn one_text_says_that_a_token_is_unknown_of_another_or_used() {
    let host = with_vault().await;
    let agent = host.adyen();
    let (session, other) = (agent.ready(ITEM).await, agent.ready(ITEM).await);
    let total = session.total("total");
    let of_acme = host.adyen_at("acme").ready(ITEM).await;
    let of_acme = delegated(&host, "acme", of_acme.id(), total).await;
    let of_other = delegated(&host, "demo", other.id(), total).await;
    let bought = agent.ready(ITEM).await;
    let used = delegated(&host, "demo", bought.id(), total).await;
    let _ = agent.complete(bought.id(), &used).await.expect(200).is("completed");
    let elsewhere = agent.ready(ITEM).await;
    let of_adyen = agent.token_of("pm_card_adyen", elsewhere.id(), total).await;
    let _ = agent
        .complete(elsewhere.id(), &of_adyen)
        .await
        .expect(200)
        .is("completed");
    let mut texts = Vec::new();
    for token in [
        "vt_00000000000000000000000000000000",
        "vt_",
        &of_acme,
        &of_other,
        &used,
        &of_adyen,
        "spt_123",
        "acp_tok_none",
    ] {
        texts.push(is_refused(&host, &session, "adyen", token, "INVALID_TOKEN").await);
    }
    let card = pay(&host, &session, "adyen", "4111111111111111").await;
    let card = refused(card, 422, "INVALID_TOKEN", "payment_data.token", "a card number");
    texts.push(card["messages"].to_string());
    texts.dedup();
    assert_eq!(texts.len(), 1, "{texts:#?}");
    let _ = agent.complete(other.id(), &of_other).await.expect(200).is("completed");
}

#[tokio::test]
async fn a_token_that_has_expired_or_is_about_to_says_so() {
    let host = with_vault().await;
    let agent = host.adyen();
    let session = agent.ready(ITEM).await;
    let token = delegated(&host, "demo", session.id(), session.total("total")).await;
    host.clock.advance(Duration::from_secs(LIFETIME - 30));
    let _ = is_refused(&host, &session, "adyen", &token, "TOKEN_EXPIRED").await;
    host.clock.advance(Duration::from_secs(30));
    let late = pay(&host, &session, "adyen", &token).await.expect(422);
    // The vault wipes a card that has expired, and does not know it afterwards.
    assert!(
        ["TOKEN_EXPIRED", "INVALID_TOKEN"].contains(&told(&late).0),
        "{}",
        late.text()
    );
    let fresh = delegated(&host, "demo", session.id(), session.total("total")).await;
    let _ = agent.complete(session.id(), &fresh).await.expect(200).is("completed");
}

#[tokio::test]
async fn a_token_for_less_says_so_and_pays_what_it_can() {
    let host = with_vault().await;
    let agent = host.adyen();
    let one = agent.ready(ITEM).await;
    let session = agent.ready(&[("tee-classic", 3)]).await;
    let token = delegated(&host, "demo", session.id(), one.total("total")).await;
    let _ = is_refused(&host, &session, "adyen", &token, "TOKEN_AMOUNT_EXCEEDED").await;
    let one = json!({"items": [{"id": "tee-classic", "quantity": 1}]});
    let _ = agent
        .update(session.id(), &one)
        .await
        .expect(200)
        .is("ready_for_payment");
    let _ = agent.complete(session.id(), &token).await.expect(200).is("completed");
}

#[tokio::test]
async fn a_token_of_stripe_keeps_its_limits_here_too() {
    let host = with_vault().await;
    let session = host.adyen().ready(ITEM).await;
    let total = session.total("total");
    let euros = host.token_in("pm_card_visa", total, "eur").await;
    let _ = is_refused(&host, &session, "stripe", &euros, "TOKEN_CURRENCY_MISMATCH").await;
    let less = host.token(total - 1).await;
    let _ = is_refused(&host, &session, "stripe", &less, "TOKEN_AMOUNT_EXCEEDED").await;
    let _ = is_refused(&host, &session, "stripe", "spt_none", "INVALID_TOKEN").await;
}

#[tokio::test]
async fn a_token_pays_one_session_once_however_often_it_is_sent() {
    let host = host().await;
    let agent = host.adyen();
    let (session, other) = (agent.ready(ITEM).await, agent.ready(ITEM).await);
    let token = agent
        .token_of("pm_card_adyen", session.id(), session.total("total"))
        .await;
    let payment = |id: &str| agent.completion(id, &token).no_key();
    let first = payment(session.id()).send().await.expect(200).is("completed");
    for _ in 0..2 {
        let again = payment(session.id()).send().await.expect(200).is("completed");
        assert_eq!(again.json, first.json);
    }
    let _ = is_refused(host, &other, "adyen", &token, "INVALID_TOKEN").await;
    is_untouched(host, &other, "the token of another").await;
    assert_eq!(host.sandbox.adyen.ledger().payments_of(session.id()).len(), 1);
    let second = agent
        .token_of("pm_card_adyen", session.id(), session.total("total"))
        .await;
    let late = agent.complete(session.id(), &second).await;
    let _ = refused(late, 409, "INVALID_STATE", "", "another token for what is paid");
}

#[tokio::test]
async fn two_tokens_at_once_are_one_payment() {
    let host = plan().start().await;
    let agent = host.adyen();
    let session = agent.ready(ITEM).await;
    let total = session.total("total");
    let first = agent.token_of("pm_card_adyen", session.id(), total).await;
    let second = agent.token_of("pm_card_adyen", session.id(), total).await;
    let hold = host.sandbox.adyen.hold(Operation::Pay);
    let paying = tokio::spawn(agent.completion(session.id(), &first).send());
    hold.arrived(1).await;
    let request = agent.completion(session.id(), &second);
    let loser = refused(request.clone().send().await, 409, "IN_FLIGHT", "", "the second token");
    assert!(loser.header("retry-after").is_some());
    hold.release();
    let _ = paying.await.unwrap().expect(200).is("completed");
    let _ = refused(
        request.send().await,
        409,
        "INVALID_STATE",
        "",
        "what passes was not kept",
    );
    assert_eq!(host.sandbox.adyen.ledger().payments.len(), 1);
    let unused = host.sandbox.adyen.tokens().into_iter().filter(|token| !token.used);
    assert_eq!(
        unused.map(|token| token.id.as_str().to_owned()).collect::<Vec<_>>(),
        [second]
    );
}
