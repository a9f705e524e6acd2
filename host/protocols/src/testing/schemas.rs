//! Validation against the official ACP schemas, if they are available.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::outline::assert_outline;

/// The checkout schema of a release with one of its definitions as the root; `None` if the folder of schemas is missing.
///
/// `TILLHOUSE_ACP_SCHEMAS` is the path of that folder; the default is `../shared/acp`, relative to the workspace.
fn schema(release: &str, definition: &str) -> Option<Value> {
    schema_in("schema.agentic_checkout.json", release, definition)
}

/// The same for a definition of another file.
fn schema_in(file: &str, release: &str, definition: &str) -> Option<Value> {
    let root = std::env::var_os("TILLHOUSE_ACP_SCHEMAS").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/acp"),
        PathBuf::from,
    );
    let text = std::fs::read_to_string(root.join(release).join("json-schema").join(file)).ok()?;
    let mut schema: Value = serde_json::from_str(&text).unwrap();
    fix_minimums(&mut schema);
    if definition == "CheckoutSessionWithOrder" {
        fix_order(&mut schema);
    }
    schema["$ref"] = json!(format!("#/$defs/{definition}"));
    Some(schema)
}

/// A definition of the checkout schema of a release; `None` if the folder of schemas is missing.
pub(crate) fn definition(release: &str, name: &str) -> Option<Value> {
    Some(schema(release, name)?["$defs"][name].take())
}

/// What a body is validated with; `None` if the folder of schemas is missing.
pub(crate) fn validator(release: &str, definition: &str) -> Option<jsonschema::Validator> {
    let options = jsonschema::options().should_validate_formats(true);
    Some(options.build(&schema(release, definition)?).unwrap())
}

/// Assert that a body of `delegate_payment` conforms to the official schema of the release, if it is available.
pub(crate) fn assert_valid_delegation(release: &str, definition: &str, body: &Value) {
    let Some(schema) = schema_in("schema.delegate_payment.json", release, definition) else {
        return;
    };
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .unwrap();
    let errors: Vec<_> = validator.iter_errors(body).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{release} {definition}: {errors:#?}\n{body:#}");
}

/// Fix a defect: `CheckoutSessionWithOrder` of 2025-09-29 requires an `order`, which its base type does not allow.
fn fix_order(schema: &mut Value) {
    let properties = schema["$defs"]["CheckoutSessionBase"]["properties"]
        .as_object_mut()
        .unwrap();
    properties
        .entry("order")
        .or_insert_with(|| json!({"$ref": "#/$defs/Order"}));
}

/// Fix a defect: 2025-09-29 uses a boolean `exclusiveMinimum`, as in draft 4 of JSON Schema.
fn fix_minimums(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            if fields.get("exclusiveMinimum") == Some(&Value::Bool(true)) {
                let minimum = fields.remove("minimum").unwrap();
                fields.insert("exclusiveMinimum".into(), minimum);
            }
            fields.values_mut().for_each(fix_minimums);
        }
        Value::Array(items) => items.iter_mut().for_each(fix_minimums),
        _ => {}
    }
}

/// Assert that a body conforms to the release: to the outline always, and to the official schema if it is available.
pub(crate) fn assert_valid(release: &str, definition: &str, body: &Value) {
    assert_outline(release, definition, body);
    let Some(validator) = validator(release, definition) else {
        return;
    };
    let errors: Vec<_> = validator
        .iter_errors(body)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{release} {definition}: {errors:#?}\n{body:#}");
}

/// Assert that a body which names Adyen as its payment provider conforms to the release but for that name: the official schema of a release
/// before 2026-01-30 has no other objection, and none at all once its list of providers has Adyen too.
pub(crate) fn assert_valid_but_for_adyen(release: &str, definition: &str, body: &Value) {
    assert_outline(release, definition, body);
    let Some(mut schema) = schema(release, definition) else {
        return;
    };
    let validator = |schema: &Value| {
        let options = jsonschema::options().should_validate_formats(true);
        options.build(schema).unwrap()
    };
    let official = validator(&schema);
    let objections: Vec<_> = official
        .iter_errors(body)
        .map(|error| error.instance_path().to_string())
        .collect();
    assert_eq!(objections, ["/payment_provider/provider"], "{release}: {body:#}");
    schema["$defs"]["PaymentProvider"]["properties"]["provider"]["enum"] = json!(["stripe", "adyen"]);
    assert!(validator(&schema).is_valid(body), "{release}: {body:#}");
}

/// Assert that an order event has the members of the release, and from 2026-04-17 on an order as the official schema defines it. The
/// specifications of the events themselves are held against those of a running host (`tests/schemas/events.rs`).
pub(crate) fn assert_valid_event(release: &str, event: &Value) {
    let name = event["type"].as_str().unwrap();
    assert!(matches!(name, "order_create" | "order_update"), "{name}");
    assert_outline(release, "EventDataOrder", &event["data"]);
    if release >= "2026-04-17" {
        assert_valid(release, "Order", &event["data"]);
    }
}
