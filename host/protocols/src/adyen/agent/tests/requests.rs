//! What a right request means to the domain.

use std::sync::Arc;

use serde_json::{Value, json};

use super::post;
use crate::settings::{AdyenAgentSettings, AdyenSettings};
use crate::testing::adyen::{
    adyen, agent_settings, assert_dialect, changed, completion, creation, document, settings, without_member,
};
use crate::testing::scripted::{RecordedCall, ScriptedCheckouts};
use crate::testing::{host, host_of, send, with};
use tillhouse_checkout::caller::Protocol;
use tillhouse_checkout::cart::{CartEdit, Change};
use tillhouse_checkout::contact::RecipientEdit;
use tillhouse_checkout::operation::{CompleteRequest, CreateRequest};
use tillhouse_checkout::payment_token::IssuerName;

async fn made(path: &str, body: &Value) -> RecordedCall {
    let service = Arc::new(ScriptedCheckouts::default());
    let (router, _) = host(Arc::clone(&service));
    let answer = send(&router, post(path, body)).await;
    assert!(answer.status < 300, "{body}: {:#}", answer.body);
    assert_dialect(&answer);
    service.last()
}

async fn created(body: &Value) -> CreateRequest {
    match made("", body).await {
        RecordedCall::Create(request) => *request,
        other => panic!("{other:?}"),
    }
}

async fn updated(body: &Value) -> CartEdit {
    match made("/cs_1", body).await {
        RecordedCall::Update(edit) => *edit,
        other => panic!("{other:?}"),
    }
}

async fn completed(body: &Value) -> CompleteRequest {
    match made("/cs_1/complete", body).await {
        RecordedCall::Complete(request) => *request,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_creation_is_of_the_agent_and_has_what_the_body_says() {
    let request = created(&changed(creation(), "/fulfillment_option_id", json!("ship_express"))).await;
    assert_eq!(request.caller.protocol, Protocol::AdyenAgent);
    assert_eq!(request.caller.principal.as_deref(), Some("agent"));
    assert_eq!(request.currency.unwrap().upper(), "USD");
    let edit = request.edit;
    assert_eq!(edit.items.unwrap()[0].item.as_str(), "shirt");
    assert_eq!(edit.choices.unwrap()[0].option.as_str(), "ship_express");
    let Change::Set(RecipientEdit::Whole(recipient)) = edit.recipient else {
        panic!("{:?}", edit.recipient)
    };
    let address = recipient.address.unwrap();
    assert_eq!((address.line_two.as_str(), address.region.as_str()), ("", "CA"));
    assert_eq!(edit.buyer.new_value().unwrap().first_name.as_deref(), Some("Simon"));
}

#[tokio::test]
async fn what_is_optional_may_be_left_out_or_written_otherwise() {
    for body in [
        changed(creation(), "/currency", json!("usd")),
        changed(creation(), "/fulfillment_address/country", json!("us")),
        changed(creation(), "/buyer", json!({"phone_number": "+1"})),
        changed(creation(), "/affiliate_attribution", json!({"provider": "x"})),
        without_member(creation(), "/fulfillment_address/state"),
        without_member(creation(), "/fulfillment_address"),
        without_member(creation(), "/buyer"),
        changed(creation(), "/discounts", json!({})),
    ] {
        created(&body).await;
    }
    for quantity in ["1.0", "1e0"] {
        let body = creation()
            .to_string()
            .replace("\"quantity\":1", &format!("\"quantity\":{quantity}"));
        let (router, _) = host(Arc::new(ScriptedCheckouts::default()));
        let answer = send(&router, adyen("POST", "", "", body)).await;
        assert_eq!((answer.status, &answer.body["currency"]), (201, &json!("USD")));
    }
    let (router, _) = host(Arc::new(ScriptedCheckouts::default()));
    let request = with(post("", &creation()), "api-version", "2026-04-17");
    assert_eq!(send(&router, request).await.status, 201);
}

#[tokio::test]
async fn an_update_changes_what_it_names() {
    assert_eq!(updated(&json!({})).await, CartEdit::default());
    assert_eq!(updated(&json!({"discounts": {}})).await, CartEdit::default());
    let cleared = updated(&json!({"discounts": {"codes": []}})).await;
    assert_eq!(cleared.codes, Some(Vec::new()));
    let same = updated(&json!({"currency": "usd", "items": [{"id": "mug", "quantity": 2}]})).await;
    assert_eq!(same.items.unwrap()[0].quantity, 2);
    let moved = updated(&json!({"buyer": {"email": "jane@example.com"}, "fulfillment_option_id": "std"})).await;
    let buyer = moved.buyer.new_value().unwrap();
    assert_eq!(
        (buyer.email.as_deref(), &buyer.first_name),
        (Some("jane@example.com"), &None),
        "the whole buyer"
    );
    assert_eq!((moved.choices.unwrap()[0].option.as_str(), moved.items), ("std", None));
}

#[tokio::test]
async fn the_buyer_of_a_completion_is_a_supplement_and_the_billing_address_its_own() {
    let body = changed(completion(), "/buyer", json!({"phone_number": "+14155550100"}));
    let request = completed(&body).await;
    assert_eq!(request.edit.buyer, Change::Keep);
    assert_eq!(
        request.edit.buyer_supplement.unwrap().phone.as_deref(),
        Some("+14155550100")
    );
    assert_eq!(request.billing, None);
    let billing = json!({"line_one": "1 Main St", "city": "Paris", "country": "FR", "postal_code": "75001"});
    let request = completed(&changed(completion(), "/payment_data/billing_address", billing)).await;
    assert_eq!(request.billing.unwrap().country, "FR");
}

#[tokio::test]
async fn a_token_is_opaque_unless_it_is_one_of_the_vault() {
    let long = "a.".repeat(200);
    for (token, issuer) in [
        ("psp_tok_Ab7xQfN2YwR...", IssuerName::Adyen),
        ("acp_tok_Ab1cDeF2GhI", IssuerName::Adyen),
        ("vt_1", IssuerName::Vault),
        (&long, IssuerName::Adyen),
    ] {
        let request = completed(&changed(completion(), "/payment_data/token", json!(token))).await;
        assert_eq!((request.token.id.as_str(), request.token.issuer), (token, issuer));
    }
}

#[tokio::test]
async fn an_affiliate_is_of_the_first_or_the_last_touch_and_nothing_personal_is_kept() {
    let affiliate = json!({
        "provider": "affiliate.example.com", "publisher_id": "p1", "sub_id": "jane@example.com",
        "issued_at": "2026-01-09T02:18:47Z", "source": {"type": "url", "url": "https://blog.example"},
        "metadata": {"note": "jane@example.com", "card": "4111 1111 1111 1111", "slot": "top", "rank": 2},
    });
    let first = created(&changed(creation(), "/affiliate_attribution", affiliate)).await;
    let first = first.attribution.unwrap();
    assert_eq!(
        (first.touch.as_str(), first.provider.as_str()),
        ("first", "affiliate.example.com")
    );
    let fields: Vec<_> = first
        .fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(
        fields,
        [
            ("publisher_id", "p1"),
            ("source.type", "url"),
            ("source.url", "https://blog.example"),
            ("issued_at", "2026-01-09T02:18:47Z"),
            ("metadata.rank", "2"),
            ("metadata.slot", "top"),
        ]
    );
    let last = completed(&changed(
        completion(),
        "/affiliate_attribution",
        json!({"provider": "x"}),
    ))
    .await;
    assert_eq!(last.attribution.unwrap().touch, "last");
    let said = json!({"provider": "x", "touchpoint": "first"});
    let said = completed(&changed(completion(), "/affiliate_attribution", said)).await;
    assert_eq!(said.attribution.unwrap().touch, "first");
}

#[tokio::test]
async fn unknown_members_are_ignored_where_the_merchant_says_so() {
    let body = changed(
        changed(creation(), "/extra", json!({"a": [1]})),
        "/items/0/note",
        json!("x"),
    );
    let ignoring = AdyenSettings {
        agent: Some(AdyenAgentSettings {
            ignores_unknown_fields: true,
            ..agent_settings()
        }),
        ..settings()
    };
    let (router, _) = host_of(Arc::new(ScriptedCheckouts::default()), ignoring);
    assert_eq!(send(&router, post("", &body)).await.status, 201);
    let missing = without_member(body.clone(), "/currency");
    let answer = send(&router, post("", &missing)).await;
    assert_eq!(
        (answer.status, super::first_message(&answer)),
        (400, ("MISSING_FIELD", "currency"))
    );
    let control = changed(body, "/extra", json!("\u{1}"));
    assert_eq!(send(&router, post("", &control)).await.status, 400);
}

#[tokio::test]
async fn the_requests_of_the_document_are_read_as_they_are_written() {
    for (path, file, status) in [
        ("", "create-session/request.json", 201),
        ("/cs_1", "update-session/request.json", 200),
        ("/cs_1/complete", "complete-session/request.json", 200),
        // Its token is empty, which the document's own table does not allow.
        ("/cs_1/complete", "complete-session-test-sequence/request.json", 400),
    ] {
        let Some(body) = document(file) else { continue };
        let (router, _) = host(Arc::new(ScriptedCheckouts::default()));
        let answer = send(&router, post(path, &body)).await;
        assert_eq!(answer.status, status, "{file}: {:#}", answer.body);
        assert_dialect(&answer);
    }
}
