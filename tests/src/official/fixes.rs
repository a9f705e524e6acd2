//! Fixes of known defects in the official schemas, applied after reading them. Everything else is used unchanged.

use crate::acp::Release;
use serde_json::{Value, json};

/// Fix the known defects of a schema.
pub(super) fn fix_schema(release: Release, mut schema: Value) -> Value {
    if release == Release::V2025_09_29 {
        fix_exclusive_minimum(&mut schema);
        fix_session_with_order(&mut schema);
    }
    schema
}

/// Defect: `"minimum": 0, "exclusiveMinimum": true` is draft 4 of JSON Schema; in the draft that the schema declares,
/// `exclusiveMinimum` is the bound itself.
fn fix_exclusive_minimum(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            if fields.get("exclusiveMinimum") == Some(&json!(true)) {
                let bound = fields.remove("minimum").unwrap_or(json!(0));
                fields.insert("exclusiveMinimum".into(), bound);
            }
            fields.values_mut().for_each(fix_exclusive_minimum);
        }
        Value::Array(items) => items.iter_mut().for_each(fix_exclusive_minimum),
        _ => {}
    }
}

/// Defect: `CheckoutSessionWithOrder` combines a base that allows no other fields with an `order`, so no body can satisfy it. It
/// is replaced by the base with one more field.
fn fix_session_with_order(schema: &mut Value) {
    let mut extended = schema["$defs"]["CheckoutSessionBase"].clone();
    extended["properties"]["order"] = json!({"$ref": "#/$defs/Order"});
    extended["required"]
        .as_array_mut()
        .expect("required is a list")
        .push(json!("order"));
    schema["$defs"]["CheckoutSessionWithOrder"] = extended;
}

/// A request without the fields that the schema of its release lacks by mistake.
///
/// From 2026-01-30 on, the schema of an item has
/// no `quantity`, although the examples of the specification send one and an order needs one.
#[must_use]
pub fn fix_request(release: Release, mut body: Value) -> Value {
    if release.has_payment_handlers() {
        for item in body["line_items"].as_array_mut().into_iter().flatten() {
            item.as_object_mut().map(|item| item.remove("quantity"));
        }
        if body["line_items"].is_null() {
            body.as_object_mut().map(|body| body.remove("line_items"));
        }
    }
    body
}
