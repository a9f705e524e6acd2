//! Requests of an agent in Adyen's dialect, and the schema that answers to them are held against.

use std::path::PathBuf;

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use super::TestResponse;
use crate::settings::{AdyenAgentSettings, AdyenSettings, BearerKey};
use tillhouse_checkout::secret::Secret;

/// Path of the sessions of the merchant `mer`.
pub(crate) const SESSIONS: &str = "/commerce-suite/acp/v1/AcmeCompany/checkout_sessions";
pub(crate) const ADYEN_KEY: &str = "tk_adyen";

pub(crate) fn settings() -> AdyenSettings {
    AdyenSettings {
        company_account: "AcmeCompany".into(),
        merchant_account: "AcmeShop".into(),
        payment_methods: ["scheme", "googlepay", "applepay"].map(Into::into).into(),
        agent: Some(agent_settings()),
        merchant: None,
        delegate_keys: Vec::new(),
    }
}

pub(crate) fn agent_settings() -> AdyenAgentSettings {
    AdyenAgentSettings {
        keys: vec![BearerKey::new("agent", &Secret::new(ADYEN_KEY.into()))],
        ignores_unknown_fields: false,
        providers: vec!["adyen".into()],
    }
}

/// A request of the agent; without a key if that is empty.
pub(crate) fn adyen(method: &str, path: &str, key: &str, body: impl Into<Body>) -> Request<Body> {
    let request = Request::builder()
        .method(method)
        .uri(format!("{SESSIONS}{path}"))
        .header("host", "mer.example:8080")
        .header("authorization", format!("Bearer {ADYEN_KEY}"))
        .header("content-type", "application/json");
    let request = if key.is_empty() {
        request
    } else {
        request.header("idempotency-key", key)
    };
    request.body(body.into()).unwrap()
}

/// The body of a creation, as in the document.
pub(crate) fn creation() -> Value {
    json!({
        "currency": "USD",
        "items": [{"id": "shirt", "quantity": 1}],
        "buyer": {"email": "s.hopper@example.com", "first_name": "Simon", "last_name": "Hopper"},
        "fulfillment_address": {
            "line_one": "123 Market St", "line_two": "", "city": "San Francisco", "state": "CA", "country": "US",
            "postal_code": "94103",
        },
    })
}

/// The body of a completion, as in the document.
pub(crate) fn completion() -> Value {
    json!({"payment_data": {"provider": "adyen", "token": "psp_tok_Ab7xQfN2YwR..."}})
}

/// The same body with another value at this pointer.
pub(crate) fn changed(mut body: Value, pointer: &str, value: Value) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = body.pointer_mut(parent).unwrap();
    match parent {
        Value::Object(members) => {
            members.insert(name.to_owned(), value);
        }
        Value::Array(entries) => entries[name.parse::<usize>().unwrap()] = value,
        other => panic!("{other}"),
    }
    body
}

/// The same body without what is at this pointer.
pub(crate) fn without_member(mut body: Value, pointer: &str) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let members = body.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    members.remove(name).unwrap();
    body
}

/// A file of the folder with the document; `None` if the folder is missing.
///
/// `TILLHOUSE_ADYEN_DOCUMENT` is its path; the default is `../shared/adyen`, relative to the workspace.
pub(crate) fn document(file: &str) -> Option<Value> {
    let root = std::env::var_os("TILLHOUSE_ADYEN_DOCUMENT").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/adyen"),
        PathBuf::from,
    );
    let text = std::fs::read_to_string(root.join(file)).ok()?;
    Some(serde_json::from_str(&text).unwrap())
}

/// Assert that a body is valid against a definition of the schema of the dialect, if it is available.
pub(crate) fn assert_valid_adyen(definition: &str, body: &Value) {
    let Some(mut schema) = document("schema.adyen.json") else {
        return;
    };
    schema["$ref"] = json!(format!("#/$defs/{definition}"));
    let options = jsonschema::options().should_validate_formats(true);
    let validator = options.build(&schema).unwrap();
    let errors: Vec<_> = validator
        .iter_errors(body)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{definition}: {errors:#?}\n{body:#}");
}

/// Assert that an answer has the form of the dialect: a session, or messages.
pub(crate) fn assert_dialect(answer: &TestResponse) {
    let definition = match answer.status {
        200 | 201 => "Session",
        _ => "Refusal422",
    };
    assert_valid_adyen(definition, &answer.body);
    assert!(answer.body["messages"].is_array(), "{:#}", answer.body);
    if answer.status >= 400 {
        assert_eq!(answer.body["messages"][0]["type"], "error", "{:#}", answer.body);
        assert_eq!(answer.body["messages"][0]["content_type"], "plain");
    }
}

/// Code and path of the first message.
pub(crate) fn first_message(answer: &TestResponse) -> (&str, &str) {
    let message = &answer.body["messages"][0];
    let text = |member: &str| message[member].as_str().unwrap_or_default();
    (text("code"), text("path"))
}
