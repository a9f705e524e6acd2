//! `delegate_payment` over the router, in every release, against a vault that remembers how often it was asked.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use crate::acp::release::Release;
use crate::settings::{AcpSettings, Limits, PaymentHandler, StripeAcsAuth};
use crate::state::AppState;
use crate::testing::fake_vault::{FakeVault, TOKEN};
use crate::testing::schemas::assert_valid_delegation;
use crate::testing::scripted::ScriptedCheckouts;
use crate::testing::{FixedIds, TestResponse, acp, acp_settings, handler, merchant, send, with, without};
use tillhouse_checkout::vault::DelegationError;

const NUMBER: &str = "4242424242424242";
const CODE: &str = "737";

fn host_with(refuses: Option<DelegationError>) -> (Router, Arc<FakeVault>) {
    let service = ScriptedCheckouts::then([]);
    let vault = FakeVault::refusing(service.clone(), refuses);
    let bearer = || StripeAcsAuth::Bearer(Vec::new());
    let mut with_vault = merchant("mer", bearer());
    with_vault.acp = Some(Arc::new(AcpSettings {
        handlers: vec![handler(), PaymentHandler::vaulted_card("acct_mer")],
        ..acp_settings()
    }));
    let merchants = vec![with_vault, merchant("bear", bearer())];
    let state = AppState::new(merchants, service, Arc::new(FixedIds), Limits::default());
    (crate::router::router(state.with_vault(Some(vault.clone()))), vault)
}

fn body() -> Value {
    json!({
        "payment_method": {
            "type": "card", "card_number_type": "fpan", "number": NUMBER, "exp_month": "11", "exp_year": "2034",
            "name": "Jane Doe", "cvc": CODE, "checks_performed": ["avs", "cvv"], "iin": "424242",
            "display_card_funding_type": "credit", "display_brand": "visa", "display_last4": "4242",
            "metadata": {"card_origin": "manual_entry"}, "virtual": false,
        },
        "allowance": {
            "reason": "one_time", "max_amount": 2000, "currency": "usd", "checkout_session_id": "cs_1",
            "merchant_id": "acct_mer", "expires_at": "2026-11-30T12:00:00Z",
        },
        "billing_address": {
            "name": "Jane Doe", "line_one": "185 Berry Street", "line_two": "Suite 550", "city": "San Francisco",
            "state": "CA", "country": "US", "postal_code": "94107",
        },
        "risk_signals": [{"type": "card_testing", "score": 10, "action": "manual_review"}],
        "metadata": {"campaign": "q4"},
    })
}

fn request(release: &str, key: &str, body: &Value) -> Request<Body> {
    with(acp("POST", super::PATH, key, body.to_string()), "api-version", release)
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

fn assert_says_nothing_of_the_card(response: &TestResponse) {
    let text = response.body.to_string();
    assert!(!text.contains(NUMBER) && !text.contains(CODE), "{text}");
}

#[tokio::test]
async fn a_card_becomes_a_token_in_every_release() {
    for release in Release::supported() {
        let (router, vault) = host_with(None);
        let response = send(&router, request(release, "k1", &body())).await;
        assert_eq!(response.status, 201, "{release}: {}", response.body);
        assert_valid_delegation(release, "DelegatePaymentResponse", &response.body);
        assert_eq!(response.body["id"], TOKEN);
        assert_eq!(
            response.body["metadata"],
            json!({"campaign": "q4", "merchant_id": "acct_mer", "idempotency_key": "k1"})
        );
        assert_says_nothing_of_the_card(&response);
        assert_eq!(vault.asked(), 1);
    }
}

#[tokio::test]
async fn a_body_that_does_not_fit_is_refused_by_its_member_in_every_release() {
    let long = "x".repeat(61);
    let cases = [
        ("/payment_method", json!(null), "$.payment_method"),
        ("/payment_method/type", json!("bank"), "$.payment_method.type"),
        (
            "/payment_method/card_number_type",
            json!("pan"),
            "$.payment_method.card_number_type",
        ),
        ("/payment_method/number", json!(null), "$.payment_method.number"),
        (
            "/payment_method/number",
            json!(4_242_424_242_424_242_u64),
            "$.payment_method.number",
        ),
        (
            "/payment_method/number",
            json!("4242 4242 4242 4242"),
            "$.payment_method.number",
        ),
        (
            "/payment_method/number",
            json!("4242424242424241"),
            "$.payment_method.number",
        ),
        ("/payment_method/exp_month", json!("13"), "$.payment_method.exp_month"),
        ("/payment_method/exp_month", json!("1"), "$.payment_method.exp_month"),
        ("/payment_method/exp_year", json!("26"), "$.payment_method.exp_year"),
        ("/payment_method/exp_year", json!("2020"), "$.payment_method.exp_year"),
        ("/payment_method/cvc", json!("73"), "$.payment_method.cvc"),
        ("/payment_method/iin", json!("424242424"), "$.payment_method.iin"),
        (
            "/payment_method/display_last4",
            json!("1111"),
            "$.payment_method.display_last4",
        ),
        (
            "/payment_method/display_card_funding_type",
            json!("gift"),
            "$.payment_method.display_card_funding_type",
        ),
        (
            "/payment_method/metadata",
            json!({"a": 1}),
            "$.payment_method.metadata.a",
        ),
        (
            "/payment_method/metadata",
            json!({"a": NUMBER}),
            "$.payment_method.metadata.a",
        ),
        ("/payment_method/pin", json!("1234"), "$.payment_method.pin"),
        ("/allowance/reason", json!("recurring"), "$.allowance.reason"),
        ("/allowance/max_amount", json!(20.5), "$.allowance.max_amount"),
        ("/allowance/max_amount", json!(-1), "$.allowance.max_amount"),
        ("/allowance/currency", json!("dollars"), "$.allowance.currency"),
        ("/allowance/expires_at", json!("tomorrow"), "$.allowance.expires_at"),
        ("/allowance/merchant_id", json!(null), "$.allowance.merchant_id"),
        ("/allowance/merchant_id", json!("acct_bear"), "$.allowance.merchant_id"),
        ("/billing_address/line_one", json!(long), "$.billing_address.line_one"),
        ("/billing_address/state", json!(NUMBER), "$.billing_address.state"),
        ("/billing_address/country", json!("USA"), "$.billing_address.country"),
        (
            "/risk_signals",
            json!([{"type": "x", "score": 1, "action": "blocked"}]),
            "$.risk_signals[0].type",
        ),
        ("/metadata", json!(null), "$.metadata"),
        ("/metadata", json!({"note": NUMBER}), "$.metadata.note"),
        ("/unknown", json!(1), "$.unknown"),
        ("/4242424242424242", json!(1), "$['[card]']"),
    ];
    for release in Release::supported() {
        let (router, _) = host_with(None);
        for (pointer, value, path) in &cases {
            let response = send(&router, request(release, "k1", &changed(pointer, value.clone()))).await;
            let of = format!("{release} {pointer}: {}", response.body);
            assert!(matches!(response.status, 400 | 422), "{of}");
            assert_eq!((response.code(), response.param()), ("invalid_card", *path), "{of}");
            assert_valid_delegation(release, "Error", &response.body);
            assert_says_nothing_of_the_card(&response);
        }
        // Nothing was recorded: the corrected request has the same key.
        assert_eq!(send(&router, request(release, "k1", &body())).await.status, 201);
    }
}

#[tokio::test]
async fn releases_before_2026_04_17_want_a_risk_signal_and_shorter_issuers() {
    for (release, empty, long_iin) in [
        ("2025-09-29", 400, 400),
        ("2025-12-12", 400, 400),
        ("2026-01-16", 400, 201),
        ("2026-01-30", 400, 400),
        ("2026-04-17", 201, 201),
    ] {
        let (router, _) = host_with(None);
        let none = send(&router, request(release, "k1", &changed("/risk_signals", json!([])))).await;
        assert_eq!(none.status, empty, "{release}");
        let iin = changed("/payment_method/iin", json!("42424242"));
        assert_eq!(
            send(&router, request(release, "k2", &iin)).await.status,
            long_iin,
            "{release}"
        );
    }
}

#[tokio::test]
async fn a_retry_gets_the_same_token_and_another_card_under_the_key_is_a_conflict() {
    for (release, conflict) in [("2025-09-29", 409), ("2026-04-17", 422)] {
        let (router, vault) = host_with(None);
        let first = send(&router, request(release, "k1", &body())).await;
        let again = send(&router, request(release, "k1", &body())).await;
        assert_eq!((again.status, again.header("idempotent-replayed")), (201, Some("true")));
        assert_eq!(again.body, first.body);
        assert_eq!(vault.asked(), 1);
        let other = changed("/payment_method/cvc", json!("738"));
        let refused = send(&router, request(release, "k1", &other)).await;
        assert_eq!((refused.status, refused.code()), (conflict, "idempotency_conflict"));
        assert_eq!(refused.body["type"], "invalid_request");
        assert_valid_delegation(release, "Error", &refused.body);
    }
}

#[tokio::test]
async fn what_the_vault_refuses_is_an_error_of_the_schema() {
    let not_open = DelegationError::Allowance {
        field: "checkout_session_id",
        message: "the checkout session is not open".into(),
    };
    let too_many = DelegationError::TooMany {
        retry_after: Duration::from_secs(30),
    };
    for release in Release::supported() {
        let (router, _) = host_with(Some(not_open.clone()));
        let refused = send(&router, request(release, "k1", &body())).await;
        assert_eq!(
            (refused.status, refused.param()),
            (422, "$.allowance.checkout_session_id")
        );
        assert_valid_delegation(release, "Error", &refused.body);
        let (router, _) = host_with(Some(too_many.clone()));
        let refused = send(&router, request(release, "k1", &body())).await;
        assert_eq!((refused.status, refused.code()), (429, "too_many_requests"));
        assert_eq!(refused.header("retry-after"), Some("30"));
        assert_valid_delegation(release, "Error", &refused.body);
    }
}

#[tokio::test]
async fn only_agents_of_a_merchant_with_a_vault_delegate_cards() {
    let (router, vault) = host_with(None);
    let other = with(request("2026-04-17", "k1", &body()), "host", "bear.example");
    assert_eq!(send(&router, other).await.status, 404);
    let unauthenticated = without(request("2026-04-17", "k1", &body()), "authorization");
    assert_eq!(send(&router, unauthenticated).await.status, 401);
    let release = request("2024-01-01", "k1", &body());
    assert_eq!(send(&router, release).await.status, 400);
    let no_key = send(&router, request("2026-04-17", "", &body())).await;
    assert_eq!((no_key.status, no_key.code()), (400, "idempotency_key_required"));
    assert_eq!(vault.asked(), 0);
    let old = send(&router, request("2025-09-29", "", &body())).await;
    assert_eq!(old.status, 201, "a key is optional there");
}
