use std::time::Duration;

use axum::http::Method;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tillhouse_sandbox::card::{CredentialKind, TEST_CARDS};
use tillhouse_sandbox::stripe::Operation;

use crate::client::{ISSUE, NOW, Raw, issue, resolve_path, sandbox};

#[tokio::test]
async fn a_resolve_returns_the_documented_credentials() {
    let sandbox = sandbox().await;
    let stripe = Raw::stripe(&sandbox);
    let token = issue(&stripe, "pm_card_visa").await;
    let resolved = stripe.form(&resolve_path(&token), Some("k"), &[]).await.body;
    let value = resolved["payment_method_details"]["card"]["credentials"]["dpan"]["cryptogram"]["value"].clone();
    assert_eq!(STANDARD.decode(value.as_str().unwrap()).unwrap().len(), 20);
    let fingerprint = resolved["payment_method_details"]["card"]["fingerprint"].clone();
    let expected = json!({
        "id": token,
        "object": "shared_payment.granted_token",
        "created": NOW,
        "deactivated_at": NOW,
        "deactivated_reason": "resolved",
        "livemode": false,
        "shared_metadata": {},
        "payment_method_details": {
            "type": "card",
            "card": {
                "credentials": {
                    "type": "dpan",
                    "dpan": {
                        "number": "4242424242424242",
                        "exp_month": "12",
                        "exp_year": "2030",
                        "cryptogram": {"value": value, "type": "TAVV", "eci": "07"},
                    },
                },
                "brand": "visa",
                "country": "US",
                "display_brand": "visa",
                "exp_month": 12,
                "exp_year": 2030,
                "fingerprint": fingerprint,
                "funding": "credit",
                "last4": "4242",
                "networks": {"available": ["visa"], "preferred": null},
                "wallet": null,
            },
        },
        "usage_details": {"amount_captured": {"value": 0, "currency": "usd"}},
        "usage_limits": {"currency": "usd", "expires_at": NOW + 3_600, "max_amount": 4_600},
        "agent_details": {"name": "Sandbox agent", "network_business_profile": "profile_sandbox_agent"},
    });
    assert_eq!(resolved, expected);
}

#[tokio::test]
async fn reading_a_token_shows_no_credentials_and_does_not_consume_it() {
    let sandbox = sandbox().await;
    let stripe = Raw::stripe(&sandbox);
    let token = issue(&stripe, "pm_card_visa").await;
    let path = format!("/v1/shared_payment/granted_tokens/{token}");
    for _ in 0..2 {
        let shown = stripe.get(&path).await.body;
        assert_eq!(shown["deactivated_at"], Value::Null);
        assert_eq!(shown["payment_method_details"]["card"].get("credentials"), None);
    }
    assert_eq!(stripe.form(&resolve_path(&token), None, &[]).await.status, 200);
    assert_eq!(stripe.get(&path).await.body["deactivated_reason"], "resolved");
}

#[tokio::test]
async fn an_agentic_token_has_its_own_credential_kind() {
    let sandbox = sandbox().await;
    let stripe = Raw::stripe(&sandbox);
    let token = issue(&stripe, "pm_card_mastercard").await;
    let resolved = stripe.form(&resolve_path(&token), None, &[]).await.body;
    let credentials = &resolved["payment_method_details"]["card"]["credentials"];
    assert_eq!(credentials["type"], "agentic_token");
    assert_eq!(credentials["agentic_token"]["number"], "5555555555554444");
    assert_eq!(credentials.get("dpan"), None);
}

#[tokio::test]
async fn a_token_resolves_once_and_the_same_key_replays_its_credentials() {
    let sandbox = sandbox().await;
    let stripe = Raw::stripe(&sandbox);
    let path = resolve_path(&issue(&stripe, "pm_card_visa").await);
    let first = stripe.form(&path, Some("resolve:1"), &[]).await;
    let again = stripe.form(&path, Some("resolve:1"), &[]).await;
    let other = stripe.form(&path, Some("resolve:2"), &[]).await;
    assert!(!first.replayed && again.replayed);
    assert_eq!((again.status, &again.body), (200, &first.body));
    assert_eq!(other.status, 400);
    assert_eq!(other.error()["type"], "invalid_request_error");
    assert_eq!(other.error()["code"], "shared_payment_token_already_resolved");
}

#[tokio::test]
async fn a_token_expires_with_the_clock() {
    let sandbox = sandbox().await;
    let stripe = Raw::stripe(&sandbox);
    let token = issue(&stripe, "pm_card_visa").await;
    sandbox.advance(Duration::from_secs(3_600));
    let shown = stripe
        .get(&format!("/v1/shared_payment/granted_tokens/{token}"))
        .await
        .body;
    assert_eq!(shown["deactivated_reason"], "expired");
    assert_eq!(shown["deactivated_at"], NOW + 3_600);
    let refused = stripe.form(&resolve_path(&token), None, &[]).await;
    assert_eq!(
        (refused.status, &refused.error()["code"]),
        (400, &json!("shared_payment_token_expired"))
    );
}

#[tokio::test]
async fn a_revoked_token_does_not_resolve_and_a_resolved_one_is_not_revoked() {
    let sandbox = sandbox().await;
    let stripe = Raw::stripe(&sandbox);
    let token = issue(&stripe, "pm_card_visa").await;
    let revoked = stripe.form(&format!("{ISSUE}/{token}/revoke"), None, &[]).await;
    assert_eq!(
        (revoked.status, &revoked.body["deactivated_reason"]),
        (200, &json!("revoked"))
    );
    let refused = stripe.form(&resolve_path(&token), None, &[]).await;
    assert_eq!(
        (refused.status, &refused.error()["code"]),
        (400, &json!("shared_payment_token_revoked"))
    );

    let used = issue(&stripe, "pm_card_visa").await;
    stripe.form(&resolve_path(&used), None, &[]).await;
    assert_eq!(
        stripe.form(&format!("{ISSUE}/{used}/revoke"), None, &[]).await.status,
        400
    );
}

#[tokio::test]
async fn every_payment_method_and_alias_issues_the_card_of_the_table() {
    let sandbox = sandbox().await;
    let stripe = Raw::stripe(&sandbox);
    for card in TEST_CARDS {
        for name in card.aliases.iter().chain([&card.payment_method]) {
            let token = issue(&stripe, name).await;
            let resolved = stripe.form(&resolve_path(&token), None, &[]).await.body;
            let credentials = &resolved["payment_method_details"]["card"]["credentials"];
            let issued = &credentials[card.credential.as_str()];
            if card.credential == CredentialKind::EncryptedDpan {
                assert!(issued["encrypted"]["encryption_block"].is_string() && issued["number"].is_null());
            } else {
                assert_eq!(issued["number"], card.number, "{name}");
            }
        }
    }
}

#[tokio::test]
async fn issuing_names_the_parameter_that_is_wrong() {
    let sandbox = sandbox().await;
    let stripe = Raw::stripe(&sandbox);
    let past = NOW.to_string();
    let good = [
        ("payment_method", "pm_card_visa"),
        ("usage_limits[currency]", "usd"),
        ("usage_limits[max_amount]", "4600"),
    ];
    let cases: [(&str, &str, &str); 8] = [
        ("payment_method", "", "parameter_missing"),
        ("payment_method", "pm_card_none", "resource_missing"),
        ("usage_limits[currency]", "dollars", "parameter_invalid"),
        ("usage_limits[max_amount]", "12.5", "parameter_invalid_integer"),
        ("usage_limits[max_amount]", "0", "parameter_invalid_integer"),
        ("usage_limits[expires_at]", &past, "parameter_invalid"),
        ("payment_method_details[card][number]", "4242 4242", "invalid_number"),
        ("colour", "red", "parameter_unknown"),
    ];
    for (name, value, code) in cases {
        let mut pairs: Vec<(&str, &str)> = good.into_iter().filter(|(known, _)| *known != name).collect();
        pairs.push((name, value));
        let reply = stripe.form(ISSUE, None, &pairs).await;
        assert_eq!(reply.status, 400, "{name}={value}");
        assert_eq!(
            (&reply.error()["code"], &reply.error()["param"]),
            (&json!(code), &json!(name))
        );
    }
    assert!(sandbox.stripe.tokens().is_empty());
}

#[tokio::test]
async fn a_custom_card_is_accepted_by_its_number() {
    let sandbox = sandbox().await;
    let stripe = Raw::stripe(&sandbox);
    let pairs = [
        ("payment_method_details[card][number]", "4111111111111111"),
        ("payment_method_details[card][exp_month]", "3"),
        ("payment_method_details[card][exp_year]", "2031"),
        ("payment_method_details[card][credential_type]", "agentic_token"),
        ("usage_limits[currency]", "eur"),
        ("usage_limits[max_amount]", "100"),
    ];
    let issued = stripe.form(ISSUE, None, &pairs).await.body;
    assert_eq!(
        issued["usage_limits"],
        json!({"currency": "eur", "expires_at": null, "max_amount": 100})
    );
    let resolved = stripe
        .form(&resolve_path(issued["id"].as_str().unwrap()), None, &[])
        .await
        .body;
    let card = &resolved["payment_method_details"]["card"]["credentials"]["agentic_token"];
    assert_eq!((&card["exp_month"], &card["exp_year"]), (&json!("03"), &json!("2031")));
}

#[tokio::test]
async fn basic_and_bearer_keys_are_taken_and_others_get_401() {
    let sandbox = sandbox().await;
    let path = "/v1/payment_records";
    let basic = format!("Basic {}", STANDARD.encode("sk_test_sandbox:"));
    let cases = [
        (basic.as_str(), 200),
        ("Bearer sk_test_sandbox", 200),
        ("Bearer sk_test_other", 401),
        ("Basic !!!", 401),
        ("", 401),
    ];
    for (authorization, status) in cases {
        let reply = Raw::new(sandbox.stripe.url(), authorization).get(path).await;
        assert_eq!(reply.status, status, "{authorization}");
    }
    assert_eq!(sandbox.stripe.received(Operation::ListRecords), 2);
}

#[tokio::test]
async fn an_unknown_object_is_missing_as_in_stripes_api() {
    let sandbox = sandbox().await;
    let stripe = Raw::stripe(&sandbox);
    let token = stripe.get("/v1/shared_payment/granted_tokens/spt_unknown").await;
    assert_eq!(
        (token.status, &token.error()["code"]),
        (404, &json!("resource_missing"))
    );
    let path = stripe.get("/v1/customers").await;
    assert_eq!(
        (path.status, &path.error()["type"]),
        (404, &json!("invalid_request_error"))
    );
    let method = stripe
        .try_send(Method::DELETE, "/v1/payment_records", None, String::new())
        .await
        .unwrap();
    assert_eq!(method.status, 404);
}

#[tokio::test]
async fn no_number_is_shown_by_the_ledger_or_by_debug() {
    let sandbox = sandbox().await;
    let stripe = Raw::stripe(&sandbox);
    let path = resolve_path(&issue(&stripe, "pm_card_visa").await);
    stripe.form(&path, Some("k"), &[]).await;
    let acquirer = Raw::acquirer(&sandbox);
    let body = crate::client::charge_body("4242424242424242", 100, "r");
    assert_eq!(acquirer.json("/v1/charges", "k", body).await.status, 201);
    let ledgers = [
        stripe.get("/sandbox/ledger").await.body,
        acquirer.get("/sandbox/ledger").await.body,
    ];
    let debug = format!(
        "{sandbox:?} {:?} {:?}",
        sandbox.stripe.tokens(),
        sandbox.acquirer.ledger()
    );
    for text in [ledgers[0].to_string(), ledgers[1].to_string(), debug] {
        assert!(!text.contains("4242424242424242"), "{text}");
        assert!(!text.contains("_test_sandbox"), "{text}");
    }
    assert_eq!(ledgers[0]["tokens"].as_array().unwrap().len(), 1);
    assert_eq!(ledgers[1]["captured_total"], 100);
}
