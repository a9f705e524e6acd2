//! `delegate_payment` in Adyen's shape over the router, against a vault that remembers what it was asked.

mod wrong_bodies;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use crate::settings::{AdyenSettings, BearerKey, Limits, StripeAcsAuth};
use crate::state::AppState;
use crate::testing::fake_vault::{FakeVault, TOKEN};
use crate::testing::scripted::ScriptedCheckouts;
use crate::testing::{FixedIds, TestResponse, acp, merchant, send, with, without};
use tillhouse_checkout::caller::Protocol;
use tillhouse_checkout::secret::Secret;
use tillhouse_checkout::vault::{CardNumberKind, DelegationError};

const NUMBER: &str = "4111111111111111";
const CODE: &str = "737";
const KEY: &str = "ak_vault";

fn adyen(delegate_keys: Vec<BearerKey>) -> AdyenSettings {
    AdyenSettings {
        company_account: "ACME_COMPANY".into(),
        merchant_account: "ACME_SHOP".into(),
        payment_methods: vec!["scheme".into()],
        agent: None,
        merchant: None,
        delegate_keys,
    }
}

/// The merchant `mer` has the vault and keys for it, `bear` has neither, and `keyless` has Adyen without keys for the vault.
fn host(refuses: Option<DelegationError>) -> (Router, Arc<FakeVault>) {
    let service = ScriptedCheckouts::then([]);
    let vault = FakeVault::refusing(service.clone(), refuses);
    let with_adyen = |id: &str, keys| {
        let mut settings = merchant(id, StripeAcsAuth::Bearer(Vec::new()));
        settings.adyen = Some(Arc::new(adyen(keys)));
        settings
    };
    let key = BearerKey::new("agent", &Secret::new(KEY.into()));
    let merchants = vec![
        with_adyen("mer", vec![key]),
        with_adyen("keyless", Vec::new()),
        merchant("bear", StripeAcsAuth::Bearer(Vec::new())),
    ];
    let state = AppState::new(merchants, service, Arc::new(FixedIds), Limits::default());
    (crate::router::router(state.with_vault(Some(vault.clone()))), vault)
}

/// The request of Adyen's document, with what a host of 2026 still takes.
fn body() -> Value {
    json!({
        "payment_method": {
            "type": "card", "card_number_type": "fpan", "number": NUMBER, "exp_month": "03", "exp_year": "2030",
            "name": "Simon Hopper", "cvc": CODE, "metadata": {},
        },
        "allowance": {
            "reason": "one_time", "max_amount": 5000, "currency": "USD", "checkout_session_id": "cs_8xzQk2TmNpR",
            "merchant_id": "ACME_COMPANY", "expires_at": "2026-11-30T12:00:00Z",
        },
        "billing_address": {
            "name": "Simon Hopper", "line_one": "123 Market St", "city": "San Francisco", "state": "CA", "country": "US",
            "postal_code": "94103",
        },
        "risk_signals": {"type": "platform_score", "score": 10, "action": "authorized"},
        "metadata": {"session_ref": "cs_8xzQk2TmNpR"},
    })
}

fn request(key: &str, body: &Value) -> Request<Body> {
    let request = acp("POST", super::PATH, key, body.to_string());
    let request = with(request, "authorization", &format!("Bearer {KEY}"));
    with(request, "api-version", "2025-09-29")
}

/// The body with one member replaced; a member whose value is null is taken away.
fn changed(pointer: &str, value: Value) -> Value {
    let mut body = body();
    let (parent, member) = pointer.rsplit_once('/').unwrap();
    let parent = body.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    match value {
        Value::Null => parent.remove(member),
        value => parent.insert(member.to_owned(), value),
    };
    body
}

fn assert_refused(response: &TestResponse, status: u16, path: &str) {
    let text = response.body.to_string();
    assert_eq!((response.status, response.param()), (status, path), "{text}");
    assert!(!text.contains(NUMBER) && !text.contains(CODE), "{text}");
    let message = response.body["message"].as_str().unwrap();
    assert!(path.is_empty() || message.starts_with(&format!("{path}: ")), "{text}");
}

#[tokio::test]
async fn a_card_becomes_a_token_under_the_longer_path_too() {
    let (router, vault) = host(None);
    let response = send(&router, request("", &body())).await;
    assert_eq!(response.status, 200, "{}", response.body);
    assert_eq!(
        response.body,
        json!({"id": TOKEN, "expires_at": "2026-11-30T12:00:00Z"})
    );
    let asked = vault.last();
    assert_eq!(
        (asked.caller.protocol, asked.caller.principal.as_deref()),
        (Protocol::AdyenAgent, Some("agent"))
    );
    assert_eq!(asked.allowance.limit.to_string(), "50.00 USD");
    assert_eq!(asked.card.kind, CardNumberKind::Primary);
    assert_eq!(asked.billing.unwrap().city, "San Francisco");
    let signals = asked.signals.iter();
    let signals: Vec<_> = signals
        .map(|signal| (signal.kind.as_str(), signal.score.as_deref(), signal.action.as_deref()))
        .collect();
    assert_eq!(
        signals,
        [
            ("platform_score", Some("10"), Some("authorized")),
            ("delegation.metadata.session_ref", Some("cs_8xzQk2TmNpR"), None),
        ]
    );
    let prefixed = format!("/m/mer{}", super::PATH);
    let (head, body) = request("", &body()).into_parts();
    let mut by_path = Request::from_parts(head, body);
    *by_path.uri_mut() = prefixed.parse().unwrap();
    assert_eq!(send(&router, with(by_path, "host", "any.example")).await.status, 200);
}

#[tokio::test]
async fn what_the_document_marks_as_optional_may_be_missing_or_of_any_kind() {
    let (router, vault) = host(None);
    for (pointer, value) in [
        ("/allowance/merchant_id", json!("ACME_SHOP")),
        ("/allowance/currency", json!("usd")),
        ("/payment_method/name", json!(null)),
        ("/payment_method/name", json!("Jane \"}\nDoe")),
        ("/payment_method/cvc", json!(null)),
        ("/payment_method/exp_month", json!("3")),
        ("/payment_method/card_number_type", json!("network_token")),
        (
            "/payment_method/checks_performed",
            json!(["avs", "cvv", "something new"]),
        ),
        ("/payment_method/iin", json!("411111")),
        ("/payment_method/display_card_funding_type", json!("debit")),
        ("/payment_method/display_wallet_type", json!("any wallet")),
        ("/payment_method/display_brand", json!("Visa")),
        ("/payment_method/display_last4", json!("1111")),
        ("/payment_method/cryptogram", json!("AAAAAAAAAAAAAAAAAAAAAAAAAAA=")),
        ("/payment_method/eci_value", json!("05")),
        ("/payment_method/metadata", json!({"a": {"b": [1, true]}, "c": 1})),
        ("/billing_address/state", json!(null)),
        ("/billing_address/line_two", json!("")),
        ("/billing_address/country", json!("us")),
        ("/risk_signals/action", json!("manual_review")),
        ("/risk_signals/type", json!("anything")),
        ("/metadata", json!({})),
    ] {
        let response = send(&router, request("", &changed(pointer, value))).await;
        assert_eq!(response.status, 200, "{pointer}: {}", response.body);
    }
    let mut without_expiry = changed("/payment_method/exp_month", json!(null));
    without_expiry["payment_method"]
        .as_object_mut()
        .unwrap()
        .remove("exp_year");
    assert_eq!(send(&router, request("", &without_expiry)).await.status, 200);
    assert_eq!(vault.last().card.expiry, None);
}

#[tokio::test]
async fn the_limit_is_in_the_units_of_adyen() {
    let (router, vault) = host(None);
    for (currency, stated, limit) in [
        ("ISK", 5000, "50 ISK"),
        ("idr", 5000, "5000.00 IDR"),
        ("KWD", 5000, "5.000 KWD"),
    ] {
        let mut body = changed("/allowance/currency", json!(currency));
        body["allowance"]["max_amount"] = json!(stated);
        assert_eq!(send(&router, request("", &body)).await.status, 200, "{currency}");
        assert_eq!(vault.last().allowance.limit.to_string(), limit);
    }
}

#[tokio::test]
async fn another_account_is_403() {
    let (router, vault) = host(None);
    let response = send(
        &router,
        request("", &changed("/allowance/merchant_id", json!("BEAR_SHOP"))),
    )
    .await;
    assert_refused(&response, 403, "allowance.merchant_id");
    assert_eq!((response.code(), vault.asked()), ("merchant_not_enabled", 0));
}

#[tokio::test]
async fn only_keys_of_the_vault_delegate_cards_and_only_where_there_is_one() {
    let (router, vault) = host(None);
    for (merchant, status) in [("mer.example", 200), ("keyless.example", 404), ("bear.example", 404)] {
        let response = send(&router, with(request("", &body()), "host", merchant)).await;
        assert_eq!(response.status, status, "{merchant}: {}", response.body);
    }
    let edge = format!("Bearer {}", crate::testing::KEY);
    for wrong in ["", "Bearer", "Bearer ak_other", "Basic ak_vault", &edge] {
        let request = match wrong {
            "" => without(request("", &body()), "authorization"),
            wrong => with(request("", &body()), "authorization", wrong),
        };
        let response = send(&router, request).await;
        assert_refused(&response, 401, "");
        assert_eq!(response.header("www-authenticate"), Some("Bearer"));
    }
    assert_eq!(vault.asked(), 1);
}

#[tokio::test]
async fn the_release_is_named_and_there_is_one() {
    let (router, _) = host(None);
    for (request, code) in [
        (without(request("", &body()), "api-version"), "missing_api_version"),
        (
            with(request("", &body()), "api-version", "2026-04-17"),
            "unsupported_api_version",
        ),
    ] {
        let response = send(&router, request).await;
        assert_eq!((response.status, response.code()), (422, code));
        assert_eq!(response.body["supported_versions"], json!(["2025-09-29"]));
    }
}

#[tokio::test]
async fn a_retry_gets_the_same_token_and_another_card_under_the_key_is_422() {
    let (router, vault) = host(None);
    let first = send(&router, request("k1", &body())).await;
    let again = send(&router, request("k1", &body())).await;
    assert_eq!((again.status, again.header("idempotent-replayed")), (200, Some("true")));
    assert_eq!((again.body, vault.asked()), (first.body, 1));
    let other = changed("/payment_method/number", json!("5555555555554444"));
    let refused = send(&router, request("k1", &other)).await;
    assert_eq!((refused.status, refused.code()), (422, "idempotency_conflict"));
    let long = send(&router, request(&"k".repeat(256), &body())).await;
    assert_eq!((long.status, long.code()), (422, "invalid_idempotency_key"));
}

#[tokio::test]
async fn what_the_vault_refuses_is_told_with_its_member_or_with_a_time_to_wait() {
    let not_open = DelegationError::Allowance {
        field: "checkout_session_id",
        message: "is not an open checkout session of this caller".into(),
    };
    let (router, _) = host(Some(not_open));
    assert_refused(
        &send(&router, request("k1", &body())).await,
        422,
        "allowance.checkout_session_id",
    );
    let too_many = DelegationError::TooMany {
        retry_after: Duration::from_secs(30),
    };
    let (router, _) = host(Some(too_many));
    let refused = send(&router, request("k1", &body())).await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, Some("30")));
    let (router, _) = host(Some(DelegationError::Unavailable("the key is lost".into())));
    let refused = send(&router, request("k1", &body())).await;
    assert_eq!(refused.status, 503);
    assert!(!refused.body.to_string().contains("key is lost"));
}
