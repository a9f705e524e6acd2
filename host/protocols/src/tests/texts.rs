//! What the texts of requests may consist of, for every member of every request of every protocol.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use super::hook;
use crate::testing::leaves::{texts, with_text};
use crate::testing::scripted::{RecordedCall, ScriptedCheckouts};
use crate::testing::{acp, host, send, with};
use tillhouse_checkout::cart::Change;

/// Members whose texts may have several lines.
const LINES: &[&str] = &[
    "$.order_notes",
    "$.intent_trace.trace_summary",
    "$.metadata.",
    ".metadata.",
];

fn address() -> Value {
    json!({"name": "Jane Doe", "line_one": "123 Main St", "line_two": "Apt 4B", "city": "San Francisco", "state": "CA",
        "country": "US", "postal_code": "94105"})
}

fn buyer() -> Value {
    json!({"email": "jane@example.com", "first_name": "Jane", "last_name": "Doe", "full_name": "Jane Doe",
        "phone_number": "+14155552671", "customer_id": "c_1",
        "company": {"name": "Acme", "tax_id": "DE123", "department": "Art", "cost_center": "CC-1"},
        "loyalty": {"tier": "Gold", "member_since": "2024-01-15"},
        "tax_exemption": {"certificate_id": "cert_1", "certificate_type": "resale", "exempt_regions": ["US-CA"],
            "expires_at": "2027-12-31T23:59:59Z"}})
}

fn details() -> Value {
    json!({"name": "Jane Doe", "phone_number": "+1415", "email": "jane@example.com", "address": address()})
}

fn attribution() -> Value {
    json!({"provider": "impact.com", "token": "t", "publisher_id": "p", "campaign_id": "c", "creative_id": "c",
        "sub_id": "s", "source": {"type": "url", "url": "https://blog.example"}, "issued_at": "2026-01-01T00:00:00Z",
        "metadata": {"content_type": "article"}, "unheard_of": ["x"]})
}

/// A request of a protocol, for a path and a body.
type Send = fn(&str, &str) -> Request<Body>;

/// Every operation of every protocol, with its path and a body that has every text member.
fn requests() -> Vec<(&'static str, Send, &'static str, Value)> {
    let newest: Send = |path, body| acp("POST", path, "k", body.to_owned());
    let first: Send = |path, body| with(acp("POST", path, "k", body.to_owned()), "api-version", "2025-09-29");
    let stripe: Send = |path, body| hook("POST", path, body);
    let old_buyer =
        json!({"first_name": "Jane", "last_name": "Doe", "email": "jane@example.com", "phone_number": "+1"});
    let stripe_buyer = old_buyer.clone();
    let contact = json!({"contact": {"name": "Jane", "email": "jane@example.com", "phone_number": "+1"},
        "address": {"line_one": "1 Main St", "line_two": "x", "city": "Town", "state": "CA", "country": "US",
            "postal_code": "94105"}});
    vec![
        (
            "create",
            newest,
            "/checkout_sessions",
            json!({
            "line_items": [{"id": "mug", "name": "Mug", "quantity": 1}], "currency": "usd",
            "capabilities": {"interventions": {"supported": ["3ds"], "display_context": "native"}, "extensions": ["discount"],
                "payment": {"handlers": [{"id": "x"}]}, "loyalty": {"program": "x"}},
            "buyer": buyer(), "fulfillment_details": details(), "affiliate_attribution": attribution(),
            "discounts": {"codes": ["TEN"]}, "coupons": ["OLD"], "locale": "en-US", "timezone": "America/New_York",
            "quote_id": "q_1", "metadata": {"gift": "yes", "deep": {"deeper": ["x"]}}, "order_notes": "Ring twice"}),
        ),
        (
            "update",
            newest,
            "/checkout_sessions/cs_1",
            json!({
            "line_items": [{"id": "mug"}], "buyer": buyer(), "fulfillment_details": details(),
            "selected_fulfillment_options": [{"type": "shipping", "option_id": "std", "item_ids": ["mug"]}],
            "discounts": {"codes": ["TEN"]}, "coupons": ["OLD"], "order_notes": "Ring twice"}),
        ),
        (
            "complete",
            newest,
            "/checkout_sessions/cs_1/complete",
            json!({
            "payment_data": {"handler_id": "card_tokenized", "billing_address": address(),
                "payment_terms": "immediate", "due_date": "2026-01-01",
                "instrument": {"type": "card", "credential": {"type": "spt", "token": "spt_1", "hint": "x"}, "brand": "visa"}},
            "buyer": buyer(), "affiliate_attribution": attribution(),
            "authentication_result": {"outcome": "authenticated", "outcome_details": {"three_ds_cryptogram": "AbC=",
                "electronic_commerce_indicator": "05", "transaction_id": "t", "version": "2.2.0"}},
            "risk_signals": {"ip_address": "1.2.3.4", "user_agent": "UA", "accept_language": "de", "session_id": "s",
                "device_fingerprint": "f"},
            "marketing_consents": [{"channel": "email", "opted_in": true}], "order_notes": "Ring twice"}),
        ),
        (
            "cancel",
            newest,
            "/checkout_sessions/cs_1/cancel",
            json!({
            "intent_trace": {"reason_code": "other", "trace_summary": "Too dear", "metadata": {"where": "cart"}},
            "more": "x"}),
        ),
        (
            "create",
            first,
            "/checkout_sessions",
            json!({"items": [{"id": "mug", "quantity": 1}], "buyer": old_buyer,
            "fulfillment_address": address()}),
        ),
        (
            "update",
            first,
            "/checkout_sessions/cs_1",
            json!({"fulfillment_option_id": "std", "fulfillment_details": details()}),
        ),
        (
            "complete",
            first,
            "/checkout_sessions/cs_1/complete",
            json!({
            "payment_data": {"token": "spt_1", "provider": "stripe", "billing_address": address()}}),
        ),
        (
            "create",
            stripe,
            "/agentic/checkouts",
            json!({"currency": "usd", "line_items": [{"sku_id": "mug", "quantity": 1}],
            "buyer": stripe_buyer, "fulfillment_details": contact, "discounts": {"codes": ["TEN"]},
            "metadata": {"gift": "yes"}, "agent_details": {"network_profile": "p", "display_name": "Agent"}, "new": "x"}),
        ),
        (
            "update",
            stripe,
            "/agentic/checkouts/cs_1",
            json!({"fulfillment_option_id": "std", "currency": "usd"}),
        ),
        (
            "confirm",
            stripe,
            "/agentic/checkouts/cs_1/confirm",
            json!({
            "payment_data": {"token": "spt_1", "provider": "stripe", "billing_address": {"line1": "1 Main St", "line2": "x",
                "city": "Town", "state": "CA", "postal_code": "94105", "country": "US"}},
            "risk_details": {"client_device_metadata_details": {"user_agent": "UA", "ip_address": "1.2.3.4"}}}),
        ),
    ]
}

/// Whether a text is not read, or may have several lines.
fn may_have_lines(path: &str) -> bool {
    let unread = [
        "display_context",
        ".payment.",
        "loyalty.program",
        ".more",
        ".new",
        ".hint",
        ".brand",
        "unheard_of",
    ];
    LINES.iter().chain(&unread).any(|member| path.contains(member))
}

#[tokio::test]
async fn no_text_of_any_request_has_control_characters() {
    let service = ScriptedCheckouts::then([]);
    let (router, _) = host(service.clone());
    for (operation, request, uri, body) in requests() {
        for (pointer, path) in texts(&body) {
            for control in ["\0", "\u{1b}[2J", "\u{7f}", "\u{85}", "\n", "\t"] {
                if may_have_lines(&path) && ["\n", "\t"].contains(&control) {
                    continue;
                }
                let text = format!("a{control}b");
                let got = send(&router, request(uri, &with_text(&body, &pointer, &text).to_string())).await;
                assert_eq!(
                    (got.status, got.code()),
                    (400, "invalid"),
                    "{operation} {path} {control:?}: {}",
                    got.body
                );
                assert_eq!(got.param(), path, "{operation} {control:?}");
            }
        }
    }
    assert_eq!(service.count(), 0, "nothing reached the domain");
}

#[tokio::test]
async fn a_key_with_control_characters_is_named_without_them() {
    let (router, _) = host(ScriptedCheckouts::then([]));
    for (key, path) in [
        ("a\u{1b}b", r"$.metadata['a\u001bb']"),
        ("\u{202e}x", r"$.metadata['\u202ex']"),
    ] {
        let body =
            json!({"line_items": [{"id": "mug"}], "currency": "usd", "capabilities": {}, "metadata": {key: "x"}});
        let got = send(&router, acp("POST", "/checkout_sessions", "k", body.to_string())).await;
        assert_eq!((got.status, got.param()), (400, path), "{}", got.body);
    }
}

#[tokio::test]
async fn notes_have_lines_and_a_name_without_anything_visible_is_empty() {
    let service = ScriptedCheckouts::then([]);
    let (router, _) = host(service.clone());
    let body = json!({"order_notes": "Ring\n\ttwice\u{202e}", "buyer": {"email": "jane@example.com", "first_name": "\u{200b}\u{ad}",
        "last_name": "\u{202e}eoD\u{202c}", "full_name": "Jane\u{200d}"}});
    let updated = send(&router, acp("POST", "/checkout_sessions/cs_1", "k", body.to_string())).await;
    assert_eq!(updated.status, 200, "{}", updated.body);
    let RecordedCall::Update(edit) = service.last() else {
        panic!("not updated");
    };
    assert_eq!(edit.notes, Change::Set("Ring\n\ttwice".to_owned()));
    let buyer = edit.buyer.new_value().unwrap();
    let names = [buyer.first_name, buyer.last_name, buyer.full_name].map(Option::unwrap);
    assert_eq!(names, ["", "eoD", "Jane\u{200d}"]);
}

#[tokio::test]
async fn an_id_that_turns_the_text_around_it_is_refused_and_not_changed() {
    let (router, _) = host(ScriptedCheckouts::then([]));
    for id in ["mug\u{202e}", "\u{2066}mug", "\u{200b}"] {
        let body = json!({"line_items": [{"id": "shirt"}, {"id": id}], "currency": "usd", "capabilities": {}});
        let got = send(&router, acp("POST", "/checkout_sessions", "k", body.to_string())).await;
        assert_eq!((got.status, got.param()), (400, "$.line_items[1].id"), "{id:?}");
    }
    let stripe = json!({"currency": "usd", "line_items": [{"sku_id": "mug\u{202e}", "quantity": 1}]});
    let got = send(&router, hook("POST", "/agentic/checkouts", &stripe.to_string())).await;
    assert_eq!((got.status, got.param()), (400, "$.line_items[0].sku_id"));
}

#[tokio::test]
async fn every_member_that_is_a_country_takes_assigned_codes_and_their_aliases_only() {
    let (router, _) = host(ScriptedCheckouts::then([]));
    let mut members = 0;
    for (operation, request, uri, body) in requests() {
        for (pointer, path) in texts(&body).into_iter().filter(|(_, path)| path.ends_with(".country")) {
            members += 1;
            for code in [
                "ZZ", "QQ", "AA", "SU", "CS", "AN", "EU", "XI", "XX", "USA", "U1", "", "Germany",
            ] {
                let got = send(&router, request(uri, &with_text(&body, &pointer, code).to_string())).await;
                assert_eq!(
                    (got.status, got.param()),
                    (400, path.as_str()),
                    "{operation} {code}: {}",
                    got.body
                );
                assert!(
                    got.body["message"].as_str().unwrap().contains("ISO 3166-1"),
                    "{}",
                    got.body
                );
            }
            for code in ["DE", "gb", "XK", "UK", "el", " US "] {
                let got = send(&router, request(uri, &with_text(&body, &pointer, code).to_string())).await;
                assert_ne!(got.param(), path, "{operation} {code}: {}", got.body);
            }
        }
    }
    assert_eq!(members, 8, "shipping and billing addresses of the three protocols");
}
