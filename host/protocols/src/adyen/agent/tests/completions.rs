//! Answers to completions: paid, declined, and stopped before the charge.

use std::sync::Arc;

use serde_json::json;

use super::assert_error;
use crate::testing::adyen::{adyen, assert_dialect, assert_valid_adyen, changed, completion};
use crate::testing::scripted::{ScriptedCheckouts, ScriptedResult};
use crate::testing::{TestResponse, host, send, sessions};
use tillhouse_checkout::decision::Rejection;
use tillhouse_checkout::error::{CheckoutError, PaymentTokenError};
use tillhouse_checkout::message::{Message, Subject};
use tillhouse_checkout::money::{Amount, Currency, Money};
use tillhouse_checkout::session::Session;

fn usd(minor: i64) -> Money {
    Money {
        amount: Amount::new(minor).unwrap(),
        currency: Currency::new("USD").unwrap(),
    }
}

async fn completed(body: &serde_json::Value, next: ScriptedResult) -> (TestResponse, Arc<ScriptedCheckouts>) {
    let service = ScriptedCheckouts::then([next]);
    let (router, _) = host(Arc::clone(&service));
    let answer = send(&router, adyen("POST", "/cs_1/complete", "k", body.to_string())).await;
    (answer, service)
}

async fn stopped(error: CheckoutError) -> (TestResponse, usize) {
    let (answer, service) = completed(&completion(), ScriptedResult::Fail(error)).await;
    let kept = service.records.lock().unwrap().len();
    (answer, kept)
}

#[tokio::test]
async fn a_paid_session_has_its_order() {
    let (router, _) = host(Arc::new(ScriptedCheckouts::default()));
    let answer = send(&router, adyen("POST", "/cs_1/complete", "", completion().to_string())).await;
    assert_eq!(answer.status, 200);
    assert_valid_adyen("SessionCompleted", &answer.body);
    assert_eq!(answer.body["order"]["checkout_session_id"], "cs_1");
}

#[tokio::test]
async fn a_payment_of_unknown_outcome_is_in_progress_without_an_order() {
    let (answer, _) = completed(&completion(), ScriptedResult::InProgress).await;
    assert_eq!(answer.status, 200);
    assert_dialect(&answer);
}

fn declined() -> Session {
    let mut session = sessions::full();
    let text = "The payment was declined. Use another payment method.";
    session.last_payment_error = Some(Message::error("payment_declined", Subject::Payment, text));
    session
}

#[tokio::test]
async fn a_declined_payment_is_the_session_with_a_message() {
    let silent = sessions::full();
    for session in [declined(), silent] {
        let (answer, service) = completed(&completion(), ScriptedResult::Decline(Box::new(session))).await;
        assert_eq!(answer.status, 200);
        assert_dialect(&answer);
        assert_eq!(answer.body["status"], "ready_for_payment");
        assert!(answer.body.get("order").is_none());
        assert_eq!(super::first_message(&answer), ("PAYMENT_DECLINED", "payment_data"));
        assert_eq!(service.records.lock().unwrap().len(), 1, "the replay is the same");
    }
}

#[tokio::test]
async fn what_stops_a_payment_before_the_charge_is_422_with_the_session() {
    let token = |error: PaymentTokenError| CheckoutError::Token(error);
    let currency = |code| Currency::new(code).unwrap();
    let exceeded = PaymentTokenError::AmountExceeded {
        limit: usd(5000),
        total: usd(38_666),
    };
    let mismatch = PaymentTokenError::CurrencyMismatch {
        token: currency("EUR"),
        checkout: currency("USD"),
    };
    for (error, code, path) in [
        (token(PaymentTokenError::Unknown), "INVALID_TOKEN", "payment_data.token"),
        (token(PaymentTokenError::Used), "INVALID_TOKEN", "payment_data.token"),
        (token(PaymentTokenError::Expired), "TOKEN_EXPIRED", "payment_data.token"),
        (token(exceeded), "TOKEN_AMOUNT_EXCEEDED", "payment_data.token"),
        (token(mismatch), "TOKEN_CURRENCY_MISMATCH", "payment_data.token"),
        (
            CheckoutError::TotalChanged {
                shown: usd(1),
                now: usd(2),
            },
            "PRICE_MISMATCH",
            "",
        ),
        (CheckoutError::MustReadAgain, "PRICE_MISMATCH", ""),
        (CheckoutError::OutOfStock, "OUT_OF_STOCK", ""),
        (CheckoutError::Declined { code: "risk".into() }, "RISK_REJECTED", ""),
        (CheckoutError::OrderDeclined, "RISK_REJECTED", ""),
        (
            CheckoutError::AuthenticationRequired,
            "AUTHENTICATION_REQUIRED",
            "payment_data",
        ),
        (
            CheckoutError::UnsupportedPayment("x".into()),
            "UNSUPPORTED_PROVIDER",
            "payment_data.provider",
        ),
    ] {
        let what = error.to_string();
        let (answer, kept) = stopped(error).await;
        assert_error(&answer, 422, code, path, &what);
        assert_eq!((answer.body["id"].as_str(), kept), (Some("cs_1"), 1), "{what}");
    }
    let (unknown, _) = stopped(token(PaymentTokenError::Unknown)).await;
    let (used, _) = stopped(token(PaymentTokenError::Used)).await;
    assert_eq!(
        unknown.body["messages"], used.body["messages"],
        "tokens cannot be probed"
    );
}

#[tokio::test]
async fn stock_that_is_gone_is_named_and_a_session_that_lacks_something_has_another_state() {
    let mut gone = sessions::full();
    gone.quote.lines[0].available = Some(0);
    let sold_out = Message::error(
        "out_of_stock",
        Subject::Line(gone.quote.lines[0].id.clone()),
        "Sold out.",
    );
    gone.quote.messages = vec![sold_out.clone()];
    let missing = Message::error("missing", Subject::Address(None), "A delivery address is needed.");
    let mut lacking = sessions::full();
    lacking.quote.messages = vec![missing.clone()];
    for (stored, blocker, status, codes) in [
        (gone, sold_out, 422, &[("OUT_OF_STOCK", "items[0]")][..]),
        (
            lacking,
            missing,
            409,
            &[("INVALID_STATE", ""), ("MISSING_FIELD", "fulfillment_address")],
        ),
    ] {
        let service = ScriptedCheckouts::then([ScriptedResult::Fail(CheckoutError::NotReady(vec![blocker]))]);
        *service.stored.lock().unwrap() = Some(stored);
        let (router, _) = host(Arc::clone(&service));
        let answer = send(&router, adyen("POST", "/cs_1/complete", "k", completion().to_string())).await;
        assert_eq!(answer.status, status, "{:#}", answer.body);
        assert_dialect(&answer);
        let told: Vec<_> = answer.body["messages"]
            .as_array()
            .unwrap()
            .iter()
            .map(|message| {
                (
                    message["code"].as_str().unwrap(),
                    message["path"].as_str().unwrap_or_default(),
                )
            })
            .collect();
        assert_eq!(told, codes);
        assert_eq!(service.records.lock().unwrap().len(), 1, "what is of the state is kept");
    }
}

#[tokio::test]
async fn a_consent_that_was_not_offered_is_named() {
    let consents = json!([{"channel": "email", "opted_in": true}, {"channel": "fax", "opted_in": true}]);
    let body = changed(completion(), "/marketing_consents", consents);
    let rejection = Rejection {
        code: "invalid".into(),
        message: "there is no consent \"fax\" to answer".into(),
        about: Subject::Consent(Some("fax".into())),
    };
    let (answer, _) = completed(&body, ScriptedResult::Fail(CheckoutError::Rejected(rejection))).await;
    assert_error(
        &answer,
        422,
        "INVALID_CONSENT",
        "marketing_consents[1].channel",
        "consent",
    );
}

#[tokio::test]
async fn a_provider_that_is_not_taken_and_a_card_number_never_reach_the_domain() {
    for (pointer, value, code, path, kept) in [
        (
            "/payment_data/provider",
            "stripe",
            "UNSUPPORTED_PROVIDER",
            "payment_data.provider",
            1,
        ),
        (
            "/payment_data/token",
            "spt_123",
            "INVALID_TOKEN",
            "payment_data.token",
            1,
        ),
        (
            "/payment_data/token",
            "4111111111111111",
            "INVALID_TOKEN",
            "payment_data.token",
            0,
        ),
        (
            "/payment_data/token",
            "4111 1111 1111 1111",
            "INVALID_TOKEN",
            "payment_data.token",
            0,
        ),
    ] {
        let service = Arc::new(ScriptedCheckouts::default());
        let (router, _) = host(Arc::clone(&service));
        let body = changed(completion(), pointer, json!(value));
        let answer = send(&router, adyen("POST", "/cs_1/complete", "k", body.to_string())).await;
        assert_error(&answer, 422, code, path, value);
        assert_eq!(service.count(), 0, "{value}");
        // A fingerprint of a card number could be guessed.
        assert_eq!(service.records.lock().unwrap().len(), kept, "{value}");
        assert!(!answer.body.to_string().contains("4111"));
    }
}

#[tokio::test]
async fn a_payment_under_way_and_other_states_are_conflicts() {
    let of_state = |state| CheckoutError::InvalidState {
        state,
        verb: "completed",
    };
    for (error, status, code, kept) in [
        (CheckoutError::InFlight, 409, "IN_FLIGHT", 0),
        (CheckoutError::OtherTokenInFlight, 409, "IN_FLIGHT", 0),
        (of_state("completed"), 409, "INVALID_STATE", 1),
        (of_state("canceled"), 409, "INVALID_STATE", 1),
        (of_state("expired"), 404, "NOT_FOUND", 0),
    ] {
        let (answer, recorded) = stopped(error.clone()).await;
        assert_error(&answer, status, code, "", &error.to_string());
        assert_eq!(recorded, kept, "{error}");
        assert_eq!(answer.header("retry-after").is_some(), code == "IN_FLIGHT", "{error}");
    }
}
