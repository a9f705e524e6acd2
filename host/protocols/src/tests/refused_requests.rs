//! Bodies that each release refuses: with its own error, the path of the fault, and nothing changed.

mod faults;

use serde_json::Value;

use self::faults::{Fault, LENGTHS, MISSING, NUMBERS, TYPES, UNKNOWN, VALUES};
use crate::acp::Release;
use crate::settings::Limits;
use crate::testing::acp_requests::{self, Operation, RELEASES};
use crate::testing::schemas::assert_valid;
use crate::testing::scripted::ScriptedCheckouts;
use crate::testing::{host, host_within, send};

/// `$.items[0].id` for `/items/0/id`.
fn path(pointer: &str) -> String {
    let steps = pointer.split('/').skip(1).map(|step| match step.parse::<usize>() {
        Ok(index) => format!("[{index}]"),
        Err(_) => format!(".{step}"),
    });
    format!("${}", steps.collect::<String>())
}

/// Stands where JSON goes that a parsed value cannot hold.
const MARK: &str = "@here@";

/// The body with this JSON at a place; `None` if it has no object or list around that place.
fn with_json(body: &Value, pointer: &str, json: &str) -> Option<String> {
    let (around, last) = pointer.rsplit_once('/').unwrap();
    let mut body = body.clone();
    match body.pointer_mut(around)? {
        Value::Array(values) => *values.get_mut(last.parse::<usize>().unwrap())? = MARK.into(),
        Value::Object(members) => drop(members.insert(last.to_owned(), MARK.into())),
        _ => return None,
    }
    Some(body.to_string().replace(&format!("\"{MARK}\""), json))
}

/// Every body of every release.
fn bodies() -> impl Iterator<Item = (Release, Operation, Value)> {
    let all = RELEASES
        .into_iter()
        .flat_map(|release| Operation::ALL.map(|operation| (release, operation)));
    all.filter_map(|(release, operation)| Some((release, operation, acp_requests::body(release, operation)?)))
}

/// A faulty body, with the code and the path of the error.
type Faulty = (Release, Operation, String, &'static str, String);

/// Send the faulty bodies, and check each refusal. Returns how many there were.
async fn refused(faulty: Vec<Faulty>) -> usize {
    let service = ScriptedCheckouts::then([]);
    let (router, _) = host(service.clone());
    let count = faulty.len();
    for (release, operation, body, code, path) in faulty {
        let got = send(&router, acp_requests::request(release, operation, &body)).await;
        let shown: String = body.chars().take(400).collect();
        assert_eq!(
            (got.status, got.code(), got.param()),
            (400, code, path.as_str()),
            "{release:?} {operation:?} {}: {shown}",
            got.body
        );
        assert_valid(release.date(), "Error", &got.body);
    }
    assert_eq!(service.count(), 0, "nothing reached the domain");
    count
}

/// Whether a body of the release may have the member: it has it, or it may have it and the others of the sample rule it out.
fn has_place(body: &Value, pointer: &str) -> bool {
    let is_free = pointer.contains("/metadata/") || pointer == "/line_items/0/quantity";
    let is_late = pointer.ends_with("/due_date") && body.pointer("/payment_data/payment_terms").is_some();
    is_free || is_late || body.pointer(pointer).is_some()
}

/// The bodies with each of these faults, wherever there is a place for it. Every fault has one.
fn faulty(faults: &[Fault], is_place: fn(&Value, &str) -> bool) -> Vec<Faulty> {
    let mut all = Vec::new();
    for (pointer, json, code) in faults {
        let before = all.len();
        for (release, operation, body) in bodies() {
            if let Some(body) = with_json(&body, pointer, json).filter(|_| is_place(&body, pointer)) {
                all.push((release, operation, body, *code, path(pointer)));
            }
        }
        assert!(all.len() > before, "no body has a place for {pointer}");
    }
    all
}

#[tokio::test]
async fn a_member_that_the_release_does_not_define_is_refused() {
    // The body of cancel takes any member, and an address of the first release a telephone number.
    let is_place = |body: &Value, pointer: &str| !(body.get("intent_trace").is_some() && pointer == "/unheard_of");
    assert!(refused(faulty(UNKNOWN, is_place)).await > 100);
}

#[tokio::test]
async fn a_value_of_another_type_is_refused() {
    assert!(refused(faulty(TYPES, has_place)).await > 100);
}

#[tokio::test]
async fn a_value_that_the_schema_or_the_merchant_does_not_know_is_refused() {
    assert!(refused(faulty(VALUES, has_place)).await > 80);
}

#[tokio::test]
async fn numbers_are_whole_and_in_range_however_they_are_written() {
    assert!(refused(faulty(NUMBERS, has_place)).await > 60);
}

#[tokio::test]
async fn a_member_that_the_schema_requires_is_asked_for() {
    let mut all = Vec::new();
    for pointer in MISSING {
        let (around, member) = pointer.rsplit_once('/').unwrap();
        for (release, operation, mut body) in bodies() {
            // An update may leave out whatever it does not change.
            if operation == Operation::Update && around.is_empty() {
                continue;
            }
            let removed = body
                .pointer_mut(around)
                .and_then(|around| around.as_object_mut()?.remove(member));
            if removed.is_some() {
                all.push((
                    release,
                    operation,
                    body.to_string(),
                    "missing_required_field",
                    path(pointer),
                ));
            }
        }
    }
    assert!(refused(all).await > 60);
}

#[tokio::test]
async fn a_text_is_as_long_as_it_may_be_and_not_longer() {
    let (router, _) = host(ScriptedCheckouts::then([]));
    let mut all = Vec::new();
    for (pointer, longest) in LENGTHS {
        for (release, operation, body) in bodies().filter(|(_, _, body)| has_place(body, pointer)) {
            let text = |length: usize| with_json(&body, pointer, &format!("\"{}\"", "x".repeat(length))).unwrap();
            let fits = send(&router, acp_requests::request(release, operation, &text(*longest))).await;
            assert!(fits.status < 300, "{release:?} {pointer}: {}", fits.body);
            all.push((release, operation, text(longest + 1), "invalid", path(pointer)));
        }
    }
    assert!(refused(all).await > 40);
}

#[tokio::test]
async fn a_repeated_key_and_half_a_character_are_refused() {
    let mut all = Vec::new();
    for (release, operation, body) in bodies() {
        let (member, value) = body.as_object().unwrap().iter().next().unwrap();
        let twice = format!("{{\"{member}\":{value},{}", body.to_string().strip_prefix('{').unwrap());
        all.push((release, operation, twice, "invalid", format!("$.{member}")));
        for text in ["\"\\ud800\"", "\"x\\udc00\"", "\"\\ud83d x\""] {
            for pointer in ["/buyer/first_name", "/intent_trace/trace_summary"] {
                if let Some(body) = with_json(&body, pointer, text) {
                    all.push((release, operation, body, "invalid", path(pointer)));
                }
            }
        }
    }
    assert!(refused(all).await > 50);
}

#[tokio::test]
async fn a_body_that_is_too_deep_or_too_large_or_no_object_is_refused() {
    let limits = Limits {
        max_body_bytes: 4096,
        ..Limits::default()
    };
    let service = ScriptedCheckouts::then([]);
    let (router, _) = host_within(service.clone(), limits);
    for (release, operation, body) in bodies() {
        let member = body.as_object().unwrap().keys().next().unwrap();
        let deep = with_json(
            &body,
            &format!("/{member}"),
            &format!("{}{}", "[".repeat(1000), "]".repeat(1000)),
        )
        .unwrap();
        let large = format!("{body}{}", " ".repeat(4096));
        for (body, status, place) in [
            (deep.as_str(), 400, Some(format!("$.{member}"))),
            ("[]", 400, Some("$".to_owned())),
            ("null", 400, Some("$".to_owned())),
            ("{", 400, Some("$".to_owned())),
            ("{}x", 400, Some("$".to_owned())),
            (large.as_str(), 413, None),
        ] {
            let got = send(&router, acp_requests::request(release, operation, body)).await;
            assert_eq!(got.status, status, "{release:?} {operation:?}: {}", got.body);
            let place = place.unwrap_or_default();
            assert!(
                got.param().starts_with(&place),
                "{release:?} {operation:?}: {}",
                got.body
            );
            assert_valid(release.date(), "Error", &got.body);
        }
    }
    assert_eq!(service.count(), 0, "nothing reached the domain");
}
