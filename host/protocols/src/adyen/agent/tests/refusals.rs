//! What is refused with 422: the session is shown unchanged, and nothing is stored.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{assert_error, post};
use crate::testing::adyen::{adyen, assert_dialect, changed, creation};
use crate::testing::scripted::{ScriptedCheckouts, ScriptedResult};
use crate::testing::{TestResponse, host, send, sessions};
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::{ItemId, LineId, OptionId};
use tillhouse_checkout::message::{Message, Subject};
use tillhouse_checkout::money::Currency;
use tillhouse_checkout::quote::QuoteLine;
use tillhouse_checkout::session::Session;

/// The session of a shirt and two mugs, with a change of the mugs and a message about them.
fn with_mugs(change: impl FnOnce(&mut QuoteLine), message: Message) -> Session {
    let mut session = sessions::full();
    change(&mut session.quote.lines[1]);
    session.quote.messages.push(message);
    session
}

fn about_mugs(code: &str, text: &str) -> Message {
    Message::error(code, Subject::Quantity(LineId::new("mug")), text)
}

async fn proposed(path: &str, body: &Value, session: Session) -> (TestResponse, Arc<ScriptedCheckouts>) {
    let service = ScriptedCheckouts::then([ScriptedResult::Propose(Box::new(session))]);
    let (router, _) = host(Arc::clone(&service));
    let answer = send(&router, adyen("POST", path, "k", body.to_string())).await;
    (answer, service)
}

/// Sessions that are refused, with code and path.
fn refused() -> Vec<(Session, &'static str, &'static str)> {
    let address = |code: &str, field: Option<&str>| {
        let mut session = sessions::full();
        let about = Subject::Address(field.map(Into::into));
        session.quote.messages.push(Message::error(code, about, "No."));
        session
    };
    let sold_out = with_mugs(|line| line.available = Some(0), about_mugs("out_of_stock", "Sold out."));
    let short = with_mugs(
        |line| (line.available, line.quantity) = (Some(3), 5),
        about_mugs("quantity_exceeded", "Only 3 left; reduce the quantity from 5."),
    );
    let limited = with_mugs(
        |line| (line.available, line.quantity, line.max_quantity) = (Some(99), 50, Some(10)),
        about_mugs("quantity_exceeded", "At most 10."),
    );
    vec![
        (sold_out, "OUT_OF_STOCK", "items[1]"),
        (short, "PARTIAL_STOCK", "items[1]"),
        (limited, "QUANTITY_LIMIT", "items[1]"),
        (
            address("region_restricted", Some("country")),
            "INVALID_ADDRESS",
            "fulfillment_address.country",
        ),
        (
            address("invalid", Some("state")),
            "INVALID_ADDRESS",
            "fulfillment_address.state",
        ),
        (
            address("region_restricted", None),
            "INVALID_ADDRESS",
            "fulfillment_address",
        ),
    ]
}

#[tokio::test]
async fn a_creation_that_is_refused_has_messages_and_no_session_and_is_kept() {
    for (session, code, path) in refused() {
        let (answer, service) = proposed("", &creation(), session).await;
        assert_error(&answer, 422, code, path, code);
        assert!(answer.body.get("id").is_none(), "{:#}", answer.body);
        assert_eq!(service.records.lock().unwrap().len(), 1, "{code}");
    }
}

#[tokio::test]
async fn an_update_that_is_refused_shows_the_session_as_it_was() {
    for (session, code, path) in refused() {
        let (answer, _) = proposed("/cs_1", &json!({}), session).await;
        assert_error(&answer, 422, code, path, code);
        assert_eq!(answer.body["id"], "cs_1");
        assert_eq!(answer.body["line_items"][1]["item"]["quantity"], 2, "{code}");
        assert_eq!(answer.body["messages"].as_array().unwrap().len(), 1, "{code}");
    }
}

#[tokio::test]
async fn paths_point_into_the_request() {
    let mug = |quantity| json!({"id": "mug", "quantity": quantity});
    let body = changed(
        creation(),
        "/items",
        json!([mug(4), {"id": "shirt", "quantity": 1}, mug(3)]),
    );
    let short = with_mugs(
        |line| (line.available, line.quantity) = (Some(3), 7),
        about_mugs("quantity_exceeded", "Only 3 left; reduce the quantity from 7."),
    );
    let (answer, _) = proposed("", &body, short).await;
    assert_error(&answer, 422, "PARTIAL_STOCK", "items[0]", "the first of two");
}

#[tokio::test]
async fn what_is_only_missing_is_no_refusal() {
    let mut session = sessions::full();
    let missing = [
        Message::error("missing", Subject::Address(None), "A delivery address is needed."),
        Message::error("missing", Subject::Choice, "Choose."),
        Message::info(Subject::Choice, "The chosen fulfillment option is not available."),
    ];
    session.quote.messages = missing.into();
    let (answer, _) = proposed("", &creation(), session).await;
    assert_eq!(answer.status, 201);
    assert_dialect(&answer);
    assert_eq!(answer.body["status"], "not_ready_for_payment");
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
        .take(3)
        .collect();
    assert_eq!(
        told,
        [
            ("MISSING_FIELD", "fulfillment_address"),
            ("MISSING_FIELD", "fulfillment_option_id"),
            ("INFO", "fulfillment_option_id"),
        ]
    );
}

async fn failing(path: &str, body: &Value, error: CheckoutError) -> (TestResponse, usize) {
    let service = ScriptedCheckouts::then([ScriptedResult::Fail(error)]);
    let (router, _) = host(Arc::clone(&service));
    let answer = send(&router, adyen("POST", path, "k", body.to_string())).await;
    let kept = service.records.lock().unwrap().len();
    (answer, kept)
}

#[tokio::test]
async fn refusals_of_the_domain_on_creation_and_update() {
    let unknown = || CheckoutError::UnknownItem {
        item: ItemId::new("shirt"),
    };
    let (answer, kept) = failing("", &creation(), unknown()).await;
    assert_error(&answer, 422, "OUT_OF_STOCK", "items[0]", "unknown item");
    assert_eq!(kept, 1);
    let currency = |code| Currency::new(code).unwrap();
    let foreign = CheckoutError::Currency {
        wanted: currency("EUR"),
        offered: currency("USD"),
    };
    let (answer, _) = failing("", &creation(), foreign).await;
    assert_error(&answer, 422, "CURRENCY_NOT_SUPPORTED", "currency", "currency");
    let option = CheckoutError::UnknownOption(OptionId::new("teleport"));
    let body = json!({"fulfillment_option_id": "teleport"});
    let (answer, _) = failing("/cs_1", &body, option).await;
    assert_error(
        &answer,
        422,
        "INVALID_FULFILLMENT_OPTION",
        "fulfillment_option_id",
        "option",
    );
    assert_eq!(answer.body["id"], "cs_1");
    let (router, _) = host(Arc::new(ScriptedCheckouts::default()));
    let answer = send(&router, post("/cs_1", &json!({"currency": "EUR"}))).await;
    assert_error(&answer, 422, "CURRENCY_MISMATCH", "currency", "another currency");
    assert_eq!(answer.body["status"], "ready_for_payment");
}

#[tokio::test]
async fn carts_beyond_a_limit_are_bad_requests_that_are_not_kept() {
    use tillhouse_checkout::cart::CartError;
    for (error, path) in [
        (CartError::TooManyLines, "items"),
        (CartError::Empty, "items"),
        (CartError::TooManyCodes, "discounts.codes"),
        (CartError::Quantity(0), "items[0].quantity"),
    ] {
        let (answer, kept) = failing("", &creation(), error.into()).await;
        assert_error(&answer, 400, "INVALID_REQUEST", path, path);
        assert_eq!(kept, 0, "{path}");
    }
}
