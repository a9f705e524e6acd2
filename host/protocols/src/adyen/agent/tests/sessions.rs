//! How sessions are shown.

use std::sync::Arc;

use serde_json::{Value, json};

use super::assert_error;
use crate::testing::adyen::{adyen, assert_dialect, assert_valid_adyen};
use crate::testing::scripted::{ScriptedCheckouts, ScriptedResult};
use crate::testing::{TestResponse, host, send, sessions};
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::session::{Session, SessionState};

pub(super) async fn shown(session: Session) -> TestResponse {
    let service = Arc::new(ScriptedCheckouts::default());
    *service.stored.lock().unwrap() = Some(session);
    let (router, _) = host(service);
    send(&router, adyen("GET", "/cs_1", "", "ignored")).await
}

#[tokio::test]
async fn every_state_is_valid_in_the_dialect() {
    for (state, status, has_order) in [
        (SessionState::Open, "ready_for_payment", false),
        (sessions::committing(), "in_progress", false),
        (sessions::authenticating(), "in_progress", false),
        (sessions::held(), "in_progress", true),
        (sessions::completed(), "completed", true),
        (SessionState::Canceled, "canceled", false),
    ] {
        let answer = shown(sessions::in_state(state)).await;
        assert_eq!(answer.status, 200);
        assert_dialect(&answer);
        assert_eq!(answer.body["status"], status);
        assert_eq!(answer.body.get("order").is_some(), has_order, "{status}");
    }
    let answer = shown(sessions::bare()).await;
    assert_dialect(&answer);
    assert_eq!(answer.body["status"], "not_ready_for_payment");
    for member in ["codes", "applied", "rejected"] {
        assert_eq!(answer.body["discounts"][member], json!([]), "always there");
    }
    assert_eq!(answer.body["marketing_consent_options"], json!([]));
}

#[tokio::test]
async fn a_session_says_who_takes_the_payment_and_nothing_of_the_buyer() {
    let body = shown(sessions::full()).await.body;
    assert_eq!(
        body["payment_provider"],
        json!({
            "provider": "adyen", "merchant_id": "AcmeShop",
            "supported_payment_methods": ["scheme", "googlepay", "applepay"],
        })
    );
    assert_eq!(body["currency"], "USD");
    for member in ["buyer", "fulfillment_address", "fulfillment_option_id"] {
        assert!(body.get(member).is_none(), "{member}");
    }
    let links = body["links"].as_array().unwrap();
    assert!(links.iter().all(|link| link["type"] != "terms_of_use"), "{links:?}");
}

#[tokio::test]
async fn totals_add_up_and_lines_always_say_their_discount() {
    let body = shown(sessions::full()).await.body;
    let mut amounts: Vec<(&str, i64)> = Vec::new();
    for total in body["totals"].as_array().unwrap() {
        amounts.push((total["type"].as_str().unwrap(), total["amount"].as_i64().unwrap()));
    }
    let sum: i64 = amounts
        .iter()
        .map(|(kind, amount)| match *kind {
            "total" => 0,
            "discount" => -amount,
            _ => *amount,
        })
        .sum();
    assert_eq!(amounts.last().unwrap(), &("total", sum), "{amounts:?}");
    let lines = body["line_items"].as_array().unwrap();
    let subtotals: i64 = lines.iter().map(|line| line["subtotal"].as_i64().unwrap()).sum();
    assert_eq!(amounts[0], ("subtotal", subtotals));
    assert!(lines.iter().all(|line| line["discount"].is_i64()), "{lines:?}");
}

#[tokio::test]
async fn pickups_are_shipping_and_downloads_have_no_carrier() {
    let body = shown(sessions::full()).await.body;
    let kinds: Vec<_> = body["fulfillment_options"]
        .as_array()
        .unwrap()
        .iter()
        .map(|option| (option["type"].as_str().unwrap(), option.get("carrier").is_some()))
        .collect();
    assert_eq!(
        kinds,
        [
            ("shipping", true),
            ("digital", false),
            ("shipping", true),
            ("shipping", true),
            ("shipping", true),
        ]
    );
}

#[tokio::test]
async fn warnings_are_infos_and_every_path_is_without_a_root() {
    for session in [sessions::full(), sessions::bare()] {
        let body = shown(session).await.body;
        for message in body["messages"].as_array().unwrap() {
            let code = message["code"].as_str().unwrap();
            assert!(!code.is_empty() && code == code.to_uppercase(), "{message}");
            let path = message.get("path").and_then(Value::as_str).unwrap_or("items");
            assert!(!path.starts_with('$'), "{message}");
        }
    }
}

#[tokio::test]
async fn a_rate_that_is_no_whole_percentage_is_shown_by_its_amount() {
    let mut session = sessions::full();
    session.quote.discounts[0].coupon.terms = tillhouse_checkout::decision::DiscountTerms::Rate(125_000);
    let answer = shown(session).await;
    assert_valid_adyen("Session", &answer.body);
    let coupon = &answer.body["discounts"]["applied"][0]["coupon"];
    assert!(coupon.get("percent_off").is_none());
    assert_eq!(
        (&coupon["amount_off"], &coupon["currency"]),
        (&json!(140), &json!("usd"))
    );
}

#[tokio::test]
async fn a_session_that_has_expired_is_as_unknown_as_any() {
    let expired = shown(sessions::in_state(SessionState::Expired)).await;
    assert_error(&expired, 404, "NOT_FOUND", "", "expired");
    let (router, _) = host(Arc::new(ScriptedCheckouts::default()));
    let unknown = send(&router, adyen("GET", "/cs_2", "", "")).await;
    assert_error(&unknown, 404, "NOT_FOUND", "", "unknown");
    let words = |answer: &TestResponse, id: &str| answer.body.to_string().replace(id, "ID");
    assert_eq!(words(&expired, "cs_1"), words(&unknown, "cs_2"));
    let wrong = send(&router, adyen("GET", &format!("/{}", "x".repeat(257)), "", "")).await;
    assert_error(&wrong, 404, "NOT_FOUND", "", "no id");
}

#[tokio::test]
async fn a_canceled_session_is_canceled_again_and_no_other_final_one_is() {
    for (state, stored, status, code) in [
        ("canceled", SessionState::Canceled, 200, ""),
        ("completed", sessions::completed(), 409, "INVALID_STATE"),
        ("expired", SessionState::Expired, 404, "NOT_FOUND"),
    ] {
        let error = CheckoutError::InvalidState {
            state,
            verb: "canceled",
        };
        let service = ScriptedCheckouts::then([ScriptedResult::Fail(error)]);
        *service.stored.lock().unwrap() = Some(sessions::in_state(stored));
        let (router, _) = host(service);
        let answer = send(&router, adyen("POST", "/cs_1/cancel", "k", "")).await;
        assert_eq!(answer.status, status, "{state}: {:#}", answer.body);
        assert_dialect(&answer);
        if status != 200 {
            assert_eq!(super::first_message(&answer).0, code);
        }
    }
    let (router, _) = host(ScriptedCheckouts::then([ScriptedResult::Fail(CheckoutError::InFlight)]));
    let paying = send(&router, adyen("POST", "/cs_1/cancel", "k", "")).await;
    assert_error(&paying, 409, "IN_FLIGHT", "", "paying");
}
