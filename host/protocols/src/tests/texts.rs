//! What the texts of requests may consist of, for every member of every request of every protocol.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use super::hook;
use crate::acp::Release;
use crate::testing::acp_requests::{Operation, RELEASES};
use crate::testing::leaves::{texts, with_text};
use crate::testing::scripted::{RecordedCall, ScriptedCheckouts};
use crate::testing::{acp, acp_requests, host, send};
use tillhouse_checkout::cart::Change;

/// Members whose texts may have several lines.
const LINES: &[&str] = &[
    "$.order_notes",
    "$.intent_trace.trace_summary",
    ".instructions",
    "$.metadata.",
    ".metadata.",
];

/// Objects in which a schema allows members that it does not define, and such a member with a text.
const UNREAD: [(&str, &str); 6] = [
    ("/payment_data/instrument", "brand"),
    ("/payment_data/instrument/credential", "hint"),
    ("/capabilities", "loyalty"),
    ("/capabilities", "payment"),
    ("/affiliate_attribution", "unheard_of"),
    ("/intent_trace", "more"),
];

/// Sends a body to the path of an operation.
type Send = Box<dyn Fn(&str) -> Request<Body>>;

/// Every operation of every protocol, with a body that has every text member.
fn requests() -> Vec<(String, Send, Value)> {
    let mut requests = Vec::new();
    for release in RELEASES {
        for operation in Operation::ALL {
            let Some(mut body) = acp_requests::body(release, operation) else {
                continue;
            };
            for (object, member) in UNREAD {
                if let Some(object) = body.pointer_mut(object) {
                    object[member] = json!({"unread": ["x"]});
                }
            }
            let send: Send = Box::new(move |body| acp_requests::request(release, operation, body));
            requests.push((format!("{release:?} {operation:?}"), send, body));
        }
    }
    let details = acp_requests::body(Release::V2026_01_30, Operation::Create).unwrap()["fulfillment_details"].clone();
    let older: Send = Box::new(|body| acp_requests::request(Release::V2025_09_29, Operation::Update, body));
    requests.push(("later details".into(), older, json!({ "fulfillment_details": details })));
    for (path, body) in of_stripe() {
        let send: Send = Box::new(move |body| hook("POST", path, body));
        requests.push((path.to_owned(), send, body));
    }
    requests
}

fn of_stripe() -> [(&'static str, Value); 3] {
    let buyer = json!({"first_name": "Jane", "last_name": "Doe", "email": "jane@example.com", "phone_number": "+1"});
    let contact = json!({"contact": {"name": "Jane", "email": "jane@example.com", "phone_number": "+1"},
        "address": {"line_one": "1 Main St", "line_two": "x", "city": "Town", "state": "CA", "country": "US",
            "postal_code": "94105"}});
    [
        (
            "/agentic/checkouts",
            json!({"currency": "usd", "line_items": [{"sku_id": "mug", "quantity": 1}],
            "buyer": buyer, "fulfillment_details": contact, "discounts": {"codes": ["TEN"]},
            "metadata": {"gift": "yes"}, "agent_details": {"network_profile": "p", "display_name": "Agent"}, "new": "x"}),
        ),
        (
            "/agentic/checkouts/cs_1",
            json!({"fulfillment_option_id": "std", "currency": "usd"}),
        ),
        (
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
    let unread = [".new", ".unread"];
    LINES.iter().chain(&unread).any(|member| path.contains(member))
}

#[tokio::test]
async fn no_text_of_any_request_has_control_characters() {
    let service = ScriptedCheckouts::then([]);
    let (router, _) = host(service.clone());
    for (operation, request, body) in requests() {
        for (pointer, path) in texts(&body) {
            for control in ["\0", "\u{1b}[2J", "\u{7f}", "\u{85}", "\n", "\t"] {
                if may_have_lines(&path) && ["\n", "\t"].contains(&control) {
                    continue;
                }
                let text = format!("a{control}b");
                let got = send(&router, request(&with_text(&body, &pointer, &text).to_string())).await;
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
    for (operation, request, body) in requests() {
        for (pointer, path) in texts(&body).into_iter().filter(|(_, path)| path.ends_with(".country")) {
            members += 1;
            for code in [
                "ZZ", "QQ", "AA", "SU", "CS", "AN", "EU", "XI", "XX", "USA", "U1", "", "Germany",
            ] {
                let got = send(&router, request(&with_text(&body, &pointer, code).to_string())).await;
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
                let got = send(&router, request(&with_text(&body, &pointer, code).to_string())).await;
                assert_ne!(got.param(), path, "{operation} {code}: {}", got.body);
            }
        }
    }
    assert_eq!(
        members, 22,
        "shipping and billing addresses of every release and protocol"
    );
}
