//! What is read of bodies that Adyen does not document.

use super::*;
use crate::settings::AdyenMember;
use tillhouse_checkout::cart::{Cart, Change};

async fn session_of(body: &Value) -> Box<tillhouse_checkout::operation::CreateRequest> {
    match taken("s1", body).await {
        RecordedCall::Upsert(request) => request,
        other => panic!("{other:?}"),
    }
}

async fn hold_of(body: &Value) -> Box<tillhouse_checkout::outside_payment::HoldRequest> {
    match taken("s1/commit", body).await {
        RecordedCall::Hold(request) => request,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_session_has_the_members_of_the_agents_requests() {
    let request = session_of(&json!({
        "currency": "usd",
        "items": [{"id": "01", "quantity": 2}],
        "buyer": {"email": "s.hopper@example.com", "first_name": "Simon"},
        "fulfillment_address": {"line_one": "123 Market St", "line_two": "", "city": "San Francisco", "state": "CA",
                                "country": "US", "postal_code": "94103", "name": "Simon Hopper"},
        "fulfillment_option_id": "ship_express",
        "discounts": {"codes": ["TEN"]},
        "affiliate_attribution": {"provider": "impact"},
    }))
    .await;
    assert_eq!(request.currency.unwrap().upper(), "USD");
    assert_eq!(request.attribution.unwrap().touch, "first");
    let mut cart = Cart::default();
    cart.apply(request.edit).unwrap();
    assert_eq!(cart.lines.first().unwrap().quantity, 2);
    assert_eq!(cart.codes, ["TEN"]);
    assert_eq!(cart.choices.first().unwrap().option.as_str(), "ship_express");
    let recipient = cart.recipient.unwrap();
    assert_eq!(recipient.name.as_deref(), Some("Simon Hopper"));
    assert_eq!(recipient.address.unwrap().postal_code, "94103");
}

#[tokio::test]
async fn what_no_name_means_is_ignored() {
    let request = session_of(&json!({
        "items": [{"id": "01", "quantity": 1, "lineNumber": 7}],
        "lineItems": [{"id": "02"}],
        "buyer": {"email": "s.hopper@example.com", "shopperReference": "x"},
        "fulfillment_address": null,
        "sessionData": {"deep": [1, null]},
        "merchantAccount": "AcmeShop",
    }))
    .await;
    assert_eq!(request.edit.items.unwrap().len(), 1);
    assert_eq!(request.edit.recipient, Change::Keep);
    assert!(
        matches!(taken("s1", &json!({})).await, RecordedCall::Upsert(_)),
        "an update may say nothing"
    );
    let service = ScriptedCheckouts::then([]);
    let answer = send(&host(&service), call("s1/commit", "")).await;
    assert_eq!((answer.status, service.count()), (200, 1), "a commit may have no body");
}

#[tokio::test]
async fn a_member_of_another_form_is_refused_by_its_name() {
    for (path, body, code, at) in [
        (
            "s1",
            json!({"items": [{"id": "01", "quantity": 0}]}),
            "INVALID_REQUEST",
            "items[0].quantity",
        ),
        (
            "s1",
            json!({"items": [{"quantity": 1}]}),
            "MISSING_FIELD",
            "items[0].id",
        ),
        ("s1", json!({"items": {}}), "INVALID_REQUEST", "items"),
        ("s1", json!({"currency": "US"}), "INVALID_REQUEST", "currency"),
        (
            "s1",
            json!({"buyer": {"email": "nowhere"}}),
            "INVALID_REQUEST",
            "buyer.email",
        ),
        ("s1/commit", json!({"amount": "12"}), "INVALID_REQUEST", "amount"),
        (
            "s1/commit",
            json!({"amount": {"currency": "USD"}}),
            "MISSING_FIELD",
            "amount.value",
        ),
        (
            "s1/commit",
            json!({"amount": {"value": -1, "currency": "USD"}}),
            "INVALID_REQUEST",
            "amount",
        ),
        (
            "s1/commit",
            json!({"amount": {"value": 1, "currency": "US"}}),
            "INVALID_REQUEST",
            "amount.currency",
        ),
        (
            "s1/commit",
            json!({"risk_signals": [{"score": 1}]}),
            "MISSING_FIELD",
            "risk_signals[0].type",
        ),
        (
            "s1/commit",
            json!({"shopperIP": "here"}),
            "INVALID_REQUEST",
            "shopperIP",
        ),
        (
            "s1/commit",
            json!({"payment_data": {"billing_address": {"city": "x"}}}),
            "MISSING_FIELD",
            "payment_data.billing_address.line_one",
        ),
        (
            "s1/finalize",
            json!({"resultCode": "Perhaps"}),
            "INVALID_REQUEST",
            "resultCode",
        ),
        (
            "s1/finalize",
            json!({"pspReference": ""}),
            "INVALID_REQUEST",
            "pspReference",
        ),
        ("s1/payment", json!({}), "MISSING_FIELD", "payment_data.token"),
        (
            "s1/payment",
            json!({"payment_data": {"token": ""}}),
            "INVALID_REQUEST",
            "payment_data.token",
        ),
    ] {
        let service = ScriptedCheckouts::then([]);
        let answer = post(&host(&service), path, &body).await;
        assert_eq!(
            (answer.status, adyen::first_message(&answer)),
            (400, (code, at)),
            "{path} {body}"
        );
        adyen::assert_dialect(&answer);
        assert_eq!(service.count(), 0);
    }
}

#[tokio::test]
async fn a_body_that_is_no_object_is_refused() {
    let router = host(&ScriptedCheckouts::then([]));
    for body in ["[]", "null", "1", "{", "\u{1}", r#"{"items": [], "items": []}"#] {
        let answer = send(&router, call("s1", body)).await;
        assert_eq!(answer.status, 400, "{body}");
        adyen::assert_dialect(&answer);
    }
    let compressed = crate::testing::with(call("s1", "{}"), "content-encoding", "gzip");
    assert_eq!(send(&router, compressed).await.status, 415);
}

#[tokio::test]
async fn the_names_of_members_are_settings() {
    let names = AdyenNames::default()
        .with(AdyenMember::Items, vec!["cart.lines".into()])
        .with(AdyenMember::Token, vec!["paymentMethod.id".into(), "token".into()])
        .with(AdyenMember::Result, vec!["outcome".into()]);
    let renamed = AdyenMerchantSettings {
        names,
        finalizes_without_result: false,
        ..settings()
    };
    let service = ScriptedCheckouts::then([]);
    let (router, _) = host_with(service.clone(), renamed);
    let body = json!({"cart": {"lines": [{"id": "01", "quantity": 3}]}, "items": "nothing"});
    assert_eq!(post(&router, "s1", &body).await.status, 200);
    let RecordedCall::Upsert(request) = service.last() else {
        panic!();
    };
    assert_eq!(request.edit.items.unwrap().first().unwrap().quantity, 3);
    for (path, name) in [("s1/payment", "paymentMethod.id"), ("s1/finalize", "outcome")] {
        let missing = post(&router, path, &json!({})).await;
        assert_eq!(
            (missing.status, adyen::first_message(&missing)),
            (400, ("MISSING_FIELD", name))
        );
    }
    let token = json!({"paymentMethod": {"id": "acp_tok_1"}});
    assert_eq!(post(&router, "s1/payment", &token).await.status, 204);
}

#[tokio::test]
async fn a_commit_says_what_is_charged_and_what_speaks_against_it() {
    let request = hold_of(&json!({
        "amount": {"value": 38666, "currency": "USD"},
        "buyer": {"phone_number": "+14155550100"},
        "billing_address": {"line_one": "1 A St", "city": "Oakland", "country": "US", "postal_code": "94601"},
        "marketing_consents": [{"channel": "email", "opted_in": true}],
        "affiliate_attribution": {"provider": "impact"},
        "payment_data": {"provider": "adyen", "type": "scheme", "brand": "visa", "last4": "4242"},
        "risk_signals": {"type": "platform_score", "score": 12, "action": "authorized"},
        "shopper_ip": "203.0.113.7",
    }))
    .await;
    let expected = request.expected.unwrap();
    assert_eq!(
        (expected.amount.minor(), expected.currency.upper().as_str()),
        (38666, "USD")
    );
    assert_eq!(request.hold_for, Duration::from_secs(900));
    assert_eq!(
        request.edit.buyer_supplement.unwrap().phone.as_deref(),
        Some("+14155550100")
    );
    assert_eq!(request.billing.unwrap().city, "Oakland");
    assert_eq!(request.attribution.unwrap().touch, "last");
    assert!(request.consents.first().unwrap().granted);
    assert_eq!(request.device.ip.as_deref(), Some("203.0.113.7"));
    let signal = request.signals.first().unwrap();
    assert_eq!(
        (signal.source.as_str(), signal.kind.as_str()),
        ("adyen", "platform_score")
    );
    assert_eq!(
        (signal.score.as_deref(), signal.action.as_deref()),
        (Some("12"), Some("authorized"))
    );
    let number = hold_of(&json!({"amount": 500})).await.expected.unwrap();
    assert_eq!((number.amount.minor(), number.currency.upper().as_str()), (500, "USD"));
}

const CARD: &str = "4242424242424242";

#[tokio::test]
async fn what_looks_like_a_card_number_reaches_neither_the_rules_nor_the_store() {
    let body = json!({
        "number": CARD,
        "payment_data": {"number": CARD, "billing_address": {"line_one": "1 A St", "line_two": CARD, "city": "Oakland",
                                                              "country": "US", "postal_code": "94601"}},
        "buyer": {"first_name": "4242 4242 4242 4242", "last_name": "Hopper"},
        "risk_signals": [{"type": "score", "score": 4242424242424242_i64, "action": CARD}, {"type": "other", "pan": CARD}],
        "affiliate_attribution": {"provider": "impact", "sub_id": CARD, "metadata": {"note": CARD}},
    });
    let service = ScriptedCheckouts::then([]);
    let request = crate::testing::with(call("s1/commit", &body.to_string()), "idempotency-key", "k1");
    assert_eq!(send(&host(&service), request).await.status, 200);
    let RecordedCall::Hold(request) = service.last() else {
        panic!();
    };
    let everything = format!("{request:?} {:?}", service.records.lock().unwrap());
    assert!(
        !everything.contains(CARD) && !everything.contains("4242 4242"),
        "{everything}"
    );
    assert_eq!(request.signals.len(), 2);
    assert_eq!(request.billing.unwrap().line_one, "1 A St");
    // The fingerprint under the key does not depend on the number either: it cannot be guessed from it.
    let other = body.to_string().replace(CARD, "5555555555554444");
    let again = crate::testing::with(call("s1/commit", &other), "idempotency-key", "k1");
    let replayed = send(&host(&service), again).await;
    assert_eq!(
        (replayed.status, replayed.header("idempotent-replayed")),
        (200, Some("true"))
    );
}

/// Adyen's references have sixteen digits, and items may be barcodes.
#[tokio::test]
async fn ids_that_are_digits_are_no_card_numbers() {
    let RecordedCall::Finalize(report) = taken("s1/finalize", &json!({"pspReference": CARD})).await else {
        panic!();
    };
    assert_eq!(report.reference.unwrap().as_str(), CARD);
    let request = session_of(&json!({"items": [{"id": CARD, "quantity": 1}]})).await;
    assert_eq!(request.edit.items.unwrap().first().unwrap().item.as_str(), CARD);
}
