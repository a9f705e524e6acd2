//! Requests of each release, whole and spoiled in every way, against the official schemas: what does not fit the schema is refused with
//! the path of the fault, and what fits it is accepted, with the exceptions that are listed here and explained in `README.md`.

use serde_json::{Value, json};

use super::super::{Completion, Creation, Release};
use crate::json::{BodyError, parse};
use crate::testing::acp_requests::{Operation, RELEASES, body};
use crate::testing::acp_settings;
use crate::testing::schemas::validator;
use tillhouse_checkout::cart::CartEdit;
use tillhouse_checkout::intent_trace::IntentTrace;

/// What a body was read as.
#[derive(Debug)]
#[allow(dead_code, reason = "shown when a test fails")]
pub(super) enum Read {
    Create(Box<Creation>),
    Update(Box<CartEdit>),
    Complete(Box<Completion>),
    Cancel(Option<IntentTrace>),
}

pub(super) fn read(release: Release, operation: Operation, body: &str) -> Result<Read, BodyError> {
    let body = parse(body.as_bytes())?;
    match operation {
        Operation::Create => release.read_create(&body).map(Box::new).map(Read::Create),
        Operation::Update => release.read_update(&body).map(Box::new).map(Read::Update),
        Operation::Complete => {
            let completion = release.read_complete(&body, &acp_settings());
            completion.map(Box::new).map(Read::Complete)
        }
        Operation::Cancel => release.read_cancel(Some(&body)).map(Read::Cancel),
    }
}

/// Where the host accepts more than a schema: members and what is inside them.
const ACCEPTED: [(&str, &str); 3] = [
    (
        ".capabilities",
        "what an agent is capable of may be newer than the host",
    ),
    (".reason_code", "reasons may be newer than the host"),
    (".member_since", "agents send dates as well as times"),
];

/// Lists that the domain refuses to be empty, because it knows the cart.
const NOT_EMPTY: [&str; 2] = ["$.items", "$.line_items"];

/// Where the host refuses what fits a schema: ends of paths, and why.
const REFUSED: [(&[&str], &str); 9] = [
    (&[".quantity"], "sold in whole units"),
    (
        &[
            ".id",
            ".option_id",
            ".item_ids",
            ".fulfillment_option_id",
            ".location_id",
            ".quote_id",
            ".locale",
            ".timezone",
            ".codes",
            ".coupons",
            ".channel",
            ".certificate_id",
            ".purchase_order_number",
            ".reason_code",
        ],
        "ids, codes and names of something have characters, and not too many",
    ),
    (&[".email", ".country", ".currency"], "has a syntax"),
    (&[".issued_at", ".expires_at"], "is a time"),
    (&[".token"], "is a segment of a URL"),
    (
        &[
            ".handler_id",
            ".instrument.type",
            ".credential.type",
            ".purchase_order_number",
        ],
        "must be what is advertised",
    ),
    (
        &[".payment_terms", ".due_date", ".approval_required"],
        "payment is immediate",
    ),
    (
        &[".outcome_details", ".electronic_commerce_indicator"],
        "a charge needs the proof",
    ),
    (&[".points_balance", ".unit_amount"], "is not negative"),
];

/// A value of a body, by the keys and indexes that lead to it.
type Place = Vec<Value>;

fn places(value: &Value, here: &Place, found: &mut Vec<Place>) {
    found.push(here.clone());
    let mut inside = |step: Value, value: &Value| {
        let there: Place = here.iter().cloned().chain([step]).collect();
        places(value, &there, found);
    };
    match value {
        Value::Object(members) => members.iter().for_each(|(key, value)| inside(json!(key), value)),
        Value::Array(values) => values
            .iter()
            .enumerate()
            .for_each(|(index, value)| inside(json!(index), value)),
        _ => {}
    }
}

fn at<'a>(body: &'a mut Value, place: &[Value]) -> &'a mut Value {
    place.iter().fold(body, |value, step| match step {
        Value::String(key) => &mut value[key.as_str()],
        index => &mut value[usize::try_from(index.as_u64().unwrap()).unwrap()],
    })
}

/// The body spoiled at a place: with values of every type in its place, without it, and with a member that no schema has.
fn spoiled(body: &Value, place: &Place) -> Vec<Value> {
    let values = [
        json!(null),
        json!(true),
        json!(-1),
        json!(1.5),
        json!("x"),
        json!(""),
        json!([]),
        json!({}),
        json!([1]),
    ];
    let mut bodies: Vec<Value> = Vec::new();
    for value in values {
        let mut body = body.clone();
        *at(&mut body, place) = value;
        bodies.push(body);
    }
    let mut with_more = body.clone();
    if let Value::Object(members) = at(&mut with_more, place) {
        members.insert("unheard_of".into(), json!(1));
        bodies.push(with_more);
    }
    if let Some((Value::String(key), parent)) = place.split_last() {
        let mut without = body.clone();
        at(&mut without, parent).as_object_mut().unwrap().remove(key);
        bodies.push(without);
    }
    bodies
}

fn json_path(place: &[Value]) -> String {
    let steps = place.iter().map(|step| match step {
        Value::String(key) => format!(".{key}"),
        index => format!("[{index}]"),
    });
    format!("${}", steps.collect::<String>())
}

fn pointer(place: &[Value]) -> String {
    let steps = place.iter().map(|step| match step {
        Value::String(key) => format!("/{key}"),
        index => format!("/{index}"),
    });
    steps.collect()
}

/// `$.items[0].id` for `/items/0/id`.
fn path_of_pointer(pointer: &str) -> String {
    let steps = pointer.split('/').skip(1).map(|step| match step.parse::<usize>() {
        Ok(index) => format!("[{index}]"),
        Err(_) => format!(".{step}"),
    });
    format!("${}", steps.collect::<String>())
}

/// A path without its last index: `$.codes` for `$.codes[0]`.
fn without_index(path: &str) -> &str {
    path.strip_suffix(']')
        .and_then(|path| path.rsplit_once('['))
        .map_or(path, |(list, _)| list)
}

fn is_accepted(release: Release, place: &str, spoiled: Option<&Value>) -> bool {
    let is_null = release == Release::V2026_04_17 && spoiled == Some(&Value::Null);
    let is_newer = ACCEPTED.iter().any(|(member, _)| place.contains(member));
    is_null || is_newer || (NOT_EMPTY.contains(&place) && spoiled == Some(&json!([])))
}

/// What the host does with a body that it should not; `None` if it does what the schema says or what is listed.
fn fault(release: Release, operation: Operation, body: &Value, place: &Place, errors: &[String]) -> Option<String> {
    let read = read(release, operation, &body.to_string());
    let path = json_path(place);
    let is_accepted = || is_accepted(release, &path, body.pointer(&pointer(place)));
    match (read, errors.is_empty()) {
        (Ok(_), true) => None,
        (Ok(_), false) => (!is_accepted()).then(|| format!("is accepted against {errors:?}")),
        (Err(error), true) => {
            let refused = error.path();
            let mut ends = REFUSED.iter().flat_map(|(ends, _)| ends.iter());
            let is_listed = ends.any(|end| without_index(&refused).ends_with(end));
            (!is_listed).then(|| format!("is refused although it fits: {error}"))
        }
        (Err(error), false) => {
            let refused = error.path();
            let agrees = errors
                .iter()
                .any(|other| refused.starts_with(other) || other.starts_with(&refused));
            (!agrees && !is_accepted()).then(|| format!("has a fault at {errors:?}, and is refused for {error}"))
        }
    }
}

#[test]
fn what_does_not_fit_the_schema_of_a_release_is_refused_at_its_place_and_the_rest_is_accepted() {
    let mut faults = Vec::new();
    let mut count = 0;
    for release in RELEASES {
        for operation in Operation::ALL {
            let Some(body) = body(release, operation) else { continue };
            assert!(
                read(release, operation, &body.to_string()).is_ok(),
                "{release:?} {operation:?}: {body}"
            );
            let Some(validator) = validator(release.date(), operation.definition()) else {
                continue;
            };
            assert!(validator.is_valid(&body), "{release:?} {operation:?}");
            let mut all = Vec::new();
            places(&body, &Vec::new(), &mut all);
            for place in all {
                for body in spoiled(&body, &place) {
                    let errors: Vec<String> = validator
                        .iter_errors(&body)
                        .map(|error| path_of_pointer(&error.instance_path().to_string()))
                        .collect();
                    let fault = fault(release, operation, &body, &place, &errors);
                    faults
                        .extend(fault.map(|fault| format!("{release:?} {operation:?} {}: {fault}", json_path(&place))));
                    count += 1;
                }
            }
        }
    }
    assert!(
        faults.is_empty(),
        "{count} bodies, {} faults: {faults:#?}",
        faults.len()
    );
}
