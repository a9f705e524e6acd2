//! A card that the side of an agent delegates in Adyen's shape pays one session of that agent, and nothing else does.

use std::time::Duration;

use serde_json::{Value, json};
use tillhouse_checkout::time::Clock;
use tillhouse_sandbox::stripe;
use tillhouse_tests::{HttpResponse, Merchant, TestHost};

const PATH: &str = "/paltokenization/servlet/Recurring/Agentic/acp/v1/agentic_commerce/delegate_payment";
const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const VAULT_KEY: &str = "vault_key_demo";
const NUMBER: &str = "4111111111111111";
const ITEM: &[(&str, u32)] = &[("tee-classic", 1)];

/// A merchant at Adyen whose agent `agent` delegates this many cards a minute.
async fn host(per_minute: u32) -> TestHost {
    let settings = format!(
        "vault.per_minute = {per_minute}\nadyen.delegate.keys = [{{ name = \"agent\", secret = \"{VAULT_KEY}\" }}]"
    );
    TestHost::builder()
        .merchant(Merchant::named("demo").adyen().set(&settings))
        .set(&format!("vault.keys = [{{ id = \"test\", secret = \"{KEY}\" }}]"))
        .frozen()
        .start()
        .await
}

fn delegation(host: &TestHost, session: &str, cents: i64) -> Value {
    json!({
        "payment_method": {
            "type": "card", "card_number_type": "fpan", "number": NUMBER, "exp_month": "03", "exp_year": "2034",
            "name": "Jane Doe", "cvc": "737", "metadata": {},
        },
        "allowance": {
            "reason": "one_time", "max_amount": cents, "currency": "USD", "checkout_session_id": session,
            "merchant_id": host.sandbox.adyen.config().merchant_account, "expires_at": in_seconds(host, 1800),
        },
        "billing_address": {
            "name": "Jane Doe", "line_one": "1 Card St", "city": "San Francisco", "country": "US", "postal_code": "94107",
        },
        "risk_signals": {"type": "platform_score", "score": 10, "action": "authorized"},
        "metadata": {},
    })
}

fn in_seconds(host: &TestHost, seconds: u64) -> String {
    host.clock.now().after(Duration::from_secs(seconds)).rfc3339()
}

async fn delegate(host: &TestHost, key: &str, body: &Value) -> HttpResponse {
    let request = host.client().post(PATH).bearer(VAULT_KEY);
    let request = if key.is_empty() { request } else { request.key(key) };
    request.header("api-version", "2025-09-29").json(body).send().await
}

fn changed(mut body: Value, member: &str, value: Value) -> Value {
    body["allowance"][member] = value;
    body
}

#[tokio::test]
async fn a_delegated_card_pays_its_session_once_and_adyen_charges_it() {
    let host = host(100).await;
    let (agent, other) = (host.adyen(), host.adyen().ready(ITEM).await);
    let session = agent.ready(ITEM).await;
    let total = session.total("total");
    let low = delegate(&host, "low", &delegation(&host, session.id(), total - 1))
        .await
        .expect(200);
    let refused = agent
        .complete(session.id(), low["id"].as_str().unwrap())
        .await
        .expect(422);
    assert_eq!(
        refused["messages"][0]["code"],
        "TOKEN_AMOUNT_EXCEEDED",
        "{}",
        refused.text()
    );
    let issued = delegate(&host, "k1", &delegation(&host, session.id(), total))
        .await
        .expect(200);
    assert_eq!(issued["expires_at"], in_seconds(&host, 1800));
    let token = issued["id"].as_str().unwrap();
    assert!(token.starts_with("vt_") && !token.contains(NUMBER), "{token}");
    let refused = agent.complete(other.id(), token).await.expect(422);
    assert_eq!(refused["messages"][0]["code"], "INVALID_TOKEN", "{}", refused.text());
    let done = agent.complete(session.id(), token).await.expect(200).is("completed");
    let again = agent.complete(session.id(), token).await.expect(200).is("completed");
    assert_eq!(again["order"], done["order"]);
    let payments = host.sandbox.adyen.ledger().captures();
    assert_eq!(payments.len(), 1, "{payments:#?}");
    assert_eq!(host.sandbox.stripe.received(stripe::Operation::Retrieve), 0);
}

#[tokio::test]
async fn an_allowance_that_cannot_be_used_is_422_and_a_long_one_is_cut() {
    let host = host(100).await;
    let session = host.adyen().ready(ITEM).await;
    let good = delegation(&host, session.id(), 10_000);
    let past = host.clock.now().before(Duration::from_secs(1)).rfc3339();
    for (member, value) in [
        ("max_amount", json!(0)),
        ("max_amount", json!(-1)),
        ("max_amount", json!(1.5)),
        ("max_amount", json!(9_007_199_254_740_992_u64)),
        ("currency", json!("EUR")),
        ("reason", json!("recurring")),
        ("expires_at", json!(past)),
        ("expires_at", json!("2026-02-30T12:00:00Z")),
        ("expires_at", json!("2049-01-01T12:00:00")),
    ] {
        let refused = delegate(&host, "k1", &changed(good.clone(), member, value.clone()))
            .await
            .expect(422);
        assert_eq!(
            refused["param"],
            format!("allowance.{member}"),
            "{value}: {}",
            refused.text()
        );
    }
    let long = changed(good, "expires_at", json!(in_seconds(&host, 365 * 86_400)));
    let issued = delegate(&host, "k1", &long).await.expect(200);
    assert_eq!(issued["expires_at"], in_seconds(&host, 3600), "the vault's own limit");
}

#[tokio::test]
async fn a_session_that_is_not_open_or_of_another_is_answered_with_one_text() {
    let host = host(100).await;
    let agent = host.adyen();
    let canceled = agent.ready(ITEM).await;
    let _ = agent.cancel(canceled.id()).await.expect(200);
    let of_acp = host.acp(tillhouse_tests::Release::V2026_04_17).ready(ITEM).await;
    let mut texts = Vec::new();
    for session in ["cs_unknown", canceled.id(), of_acp.id()] {
        let refused = delegate(&host, "", &delegation(&host, session, 10_000))
            .await
            .expect(422);
        assert_eq!(refused["param"], "allowance.checkout_session_id");
        texts.push(refused.text());
    }
    texts.dedup();
    assert_eq!(texts.len(), 1, "{texts:#?}");
}

#[tokio::test]
async fn a_key_gets_one_token_and_takes_no_other_card() {
    let host = host(100).await;
    let session = host.adyen().ready(ITEM).await;
    let body = delegation(&host, session.id(), 10_000);
    let first = delegate(&host, "k1", &body).await.expect(200);
    let again = delegate(&host, "k1", &body).await.expect(200);
    assert!(again.is_replay());
    assert_eq!(again.text(), first.text());
    let mut other = body;
    other["payment_method"]["number"] = json!("5555555555554444");
    let _ = delegate(&host, "k1", &other).await.refused(422, "idempotency_conflict");
}

#[tokio::test]
async fn a_key_that_tests_cards_waits() {
    let host = host(3).await;
    let session = host.adyen().ready(ITEM).await;
    let body = delegation(&host, session.id(), 10_000);
    for _ in 0..3 {
        let _ = delegate(&host, "", &body).await.expect(200);
    }
    let refused = delegate(&host, "", &body).await.refused(429, "too_many_requests");
    assert_eq!(refused.header("retry-after"), Some("60"));
    host.clock.advance(Duration::from_secs(61));
    let _ = delegate(&host, "", &body).await.expect(200);
}
