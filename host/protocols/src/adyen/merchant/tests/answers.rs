//! Answers: sessions, refusals, and what is too late.

use super::*;
use crate::testing::{sessions, with};
use tillhouse_checkout::cart::CartError;
use tillhouse_checkout::ids::{ItemId, SessionId};
use tillhouse_checkout::money::{Amount, Currency, Money};
use tillhouse_checkout::session::SessionState;
use tokio::sync::Notify;

fn usd(minor: i64) -> Money {
    Money {
        amount: Amount::new(minor).unwrap(),
        currency: Currency::new("USD").unwrap(),
    }
}

#[tokio::test]
async fn every_answer_with_a_session_is_one_of_the_dialect() {
    for (path, status) in [
        ("s1", "ready_for_payment"),
        ("s1/commit", "in_progress"),
        ("s1/cancel", "canceled"),
    ] {
        let service = ScriptedCheckouts::then([]);
        let answer = send(&host(&service), call(path, "")).await;
        assert_eq!(
            (answer.status, answer.body["status"].as_str()),
            (200, Some(status)),
            "{path}"
        );
        adyen::assert_dialect(&answer);
        assert_eq!(answer.body["payment_provider"]["merchant_id"], "AcmeShop");
        assert_eq!(answer.body.get("order").is_some(), path == "s1/commit", "{path}");
    }
}

/// Adyen shows the order to the agent, and a finalize call has no answer that could name it.
#[tokio::test]
async fn a_commit_names_the_order() {
    let answer = post(&host(&ScriptedCheckouts::then([])), "s1/commit", &json!({})).await;
    let order =
        json!({"id": "ord_1", "checkout_session_id": "cs_1", "permalink_url": "https://shop.example/orders/1001"});
    assert_eq!(answer.body["order"], order);
}

#[tokio::test]
async fn a_session_without_items_is_not_created() {
    for body in [
        json!({}),
        json!({"items": []}),
        json!({"lineItems": [{"id": "01", "quantity": 1}]}),
    ] {
        let answer = refused("s1", &body, CheckoutError::Cart(CartError::Empty)).await;
        assert_eq!(
            (answer.status, adyen::first_message(&answer)),
            (422, ("MISSING_FIELD", "items")),
            "{body}"
        );
    }
}

#[tokio::test]
async fn what_is_refused_is_said_with_its_reason() {
    let item = || CheckoutError::UnknownItem {
        item: ItemId::new("01"),
    };
    let changed = || CheckoutError::TotalChanged {
        shown: usd(100),
        now: usd(200),
    };
    for (path, error, status, code, at) in [
        ("s1", item(), 422, "OUT_OF_STOCK", "items[0]"),
        (
            "s1",
            CheckoutError::ForeignSession(SessionId::new("s1")),
            409,
            "INVALID_STATE",
            "",
        ),
        (
            "s1/commit",
            CheckoutError::UnknownSession(SessionId::new("s1")),
            404,
            "NOT_FOUND",
            "",
        ),
        ("s1/commit", changed(), 422, "PRICE_MISMATCH", ""),
        ("s1/commit", CheckoutError::OutOfStock, 422, "OUT_OF_STOCK", ""),
        (
            "s1/commit",
            CheckoutError::Declined { code: "risk".into() },
            422,
            "RISK_REJECTED",
            "",
        ),
        (
            "s1/commit",
            CheckoutError::InvalidState {
                state: "canceled",
                verb: "committed",
            },
            409,
            "INVALID_STATE",
            "",
        ),
        ("s1/commit", CheckoutError::InFlight, 409, "IN_FLIGHT", ""),
        (
            "s1/cancel",
            CheckoutError::UnknownSession(SessionId::new("s1")),
            404,
            "NOT_FOUND",
            "",
        ),
        (
            "s1/cancel",
            CheckoutError::InvalidState {
                state: "completed",
                verb: "canceled",
            },
            409,
            "INVALID_STATE",
            "",
        ),
        (
            "s1/finalize",
            CheckoutError::PaidAfterEnd { state: "canceled" },
            409,
            "INVALID_STATE",
            "",
        ),
        (
            "s1/finalize",
            CheckoutError::PaidAmountDiffers {
                paid: usd(1),
                due: usd(2),
            },
            409,
            "INVALID_STATE",
            "",
        ),
        ("s1/finalize", CheckoutError::PaymentOfAnother, 409, "INVALID_STATE", ""),
        (
            "s1/finalize",
            CheckoutError::UnknownSession(SessionId::new("s1")),
            404,
            "NOT_FOUND",
            "",
        ),
    ] {
        let text = error.to_string();
        let answer = refused(path, &cart(), error).await;
        let found = (answer.status, adyen::first_message(&answer));
        assert_eq!(found, (status, (code, at)), "{path}: {text}");
    }
}

/// Adyen sends a finalize call again unless it is refused for good.
#[tokio::test]
async fn a_finalize_call_that_meets_another_request_is_to_be_sent_again() {
    let answer = refused("s1/finalize", &json!({}), CheckoutError::InFlight).await;
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")));
}

/// What a rule found is not for Adyen's agents.
#[tokio::test]
async fn the_reason_of_a_risk_rule_is_not_said() {
    let error = CheckoutError::Declined {
        code: "velocity".into(),
    };
    let answer = refused("s1/commit", &json!({}), error).await;
    assert!(!answer.body.to_string().contains("velocity"), "{:#}", answer.body);
}

#[tokio::test]
async fn a_session_that_cannot_be_bought_is_refused_and_not_stored() {
    let mut proposed = sessions::full();
    let line = proposed.quote.lines.first_mut().unwrap();
    line.available = Some(0);
    let sold_out = tillhouse_checkout::message::Message::error(
        "out_of_stock",
        tillhouse_checkout::message::Subject::Line(line.id.clone()),
        "Sold out.",
    );
    proposed.quote.messages = vec![sold_out];
    let service = ScriptedCheckouts::then([ScriptedResult::Propose(Box::new(proposed))]);
    let body = json!({"items": [{"id": "shirt", "quantity": 1}]});
    let answer = post(&host(&service), "s1", &body).await;
    assert_eq!(
        (answer.status, adyen::first_message(&answer)),
        (422, ("OUT_OF_STOCK", "items[0]"))
    );
    adyen::assert_dialect(&answer);
}

#[tokio::test]
async fn a_key_gets_the_same_answer_again() {
    let service = ScriptedCheckouts::then([]);
    let router = host(&service);
    for path in ["s1", "s1/commit", "s1/finalize", "s1/cancel"] {
        let request = || with(call(path, &cart().to_string()), "idempotency-key", "k1");
        let before = service.count();
        let (first, again) = (send(&router, request()).await, send(&router, request()).await);
        assert_eq!((first.status, &first.body), (again.status, &again.body), "{path}");
        assert_eq!(again.header("idempotent-replayed"), Some("true"), "{path}");
        assert_eq!(service.count(), before + 1, "{path}");
        let other = json!({"currency": "USD", "items": [{"id": "02", "quantity": 1}], "pspReference": "P2"});
        let other = with(call(path, &other.to_string()), "idempotency-key", "k1");
        let conflict = send(&router, other).await;
        assert_eq!(
            (conflict.status, adyen::first_message(&conflict).0),
            (422, "IDEMPOTENCY_CONFLICT"),
            "{path}"
        );
    }
}

/// A path inside an id does not name another operation.
#[tokio::test]
async fn keys_of_an_id_that_looks_like_a_path_are_apart() {
    let service = ScriptedCheckouts::then([]);
    let router = host(&service);
    for path in ["a/commit", "a%2Fcommit"] {
        let request = with(call(path, "{}"), "idempotency-key", "k1");
        assert_eq!(
            send(&router, request).await.header("idempotent-replayed"),
            None,
            "{path}"
        );
    }
    assert_eq!(service.count(), 2);
}

/// Adyen gives up after five seconds: what cannot be answered in time is not done later.
#[tokio::test]
async fn a_call_that_takes_too_long_is_answered_in_time_and_does_nothing() {
    for path in ["s1", "s1/commit", "s1/cancel"] {
        let (began, leave) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let service = ScriptedCheckouts::then([ScriptedResult::Wait(began.clone(), leave.clone())]);
        let hasty = AdyenMerchantSettings {
            budget: Duration::from_millis(751),
            ..settings()
        };
        let (router, state) = host_with(service.clone(), hasty);
        let request = with(call(path, &cart().to_string()), "idempotency-key", "k1");
        let (late, ()) = tokio::join!(send(&router, request), began.notified());
        assert_eq!((late.status, late.header("retry-after")), (503, Some("1")), "{path}");
        adyen::assert_dialect(&late);
        leave.notify_one();
        state.tasks.close();
        state.tasks.wait().await;
        assert!(
            service.records.lock().unwrap().is_empty(),
            "{path}: nothing was committed"
        );
    }
}

#[tokio::test]
async fn an_expired_session_is_unknown() {
    let service = ScriptedCheckouts::then([ScriptedResult::Fail(CheckoutError::InvalidState {
        state: "expired",
        verb: "committed",
    })]);
    *service.stored.lock().unwrap() = Some(sessions::in_state(SessionState::Expired));
    let answer = post(&host(&service), "cs_1/commit", &json!({})).await;
    assert_eq!(answer.status, 404);
}
