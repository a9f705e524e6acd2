//! Defects of the official schemas, mended on reading. Everything else is taken as it is.

use serde_json::{Value, json};
use tillhouse_tests::Release;

/// A schema with its known defects mended.
pub(crate) fn schema(release: Release, mut schema: Value) -> Value {
    if release == Release::V2025_09_29 {
        exclusive_minimum(&mut schema);
        with_order(&mut schema);
    }
    schema
}

/// `"minimum": 0, "exclusiveMinimum": true` is draft 4; in the draft that the schema names, the bound is the number itself.
fn exclusive_minimum(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            if fields.get("exclusiveMinimum") == Some(&json!(true)) {
                let bound = fields.remove("minimum").unwrap_or(json!(0));
                fields.insert("exclusiveMinimum".into(), bound);
            }
            fields.values_mut().for_each(exclusive_minimum);
        }
        Value::Array(items) => items.iter_mut().for_each(exclusive_minimum),
        _ => {}
    }
}

/// `CheckoutSessionWithOrder` is "everything of the base, which allows no other fields, and an order": no body satisfies
/// both. What is meant is the base with one more field, and that is what bodies are held against.
fn with_order(schema: &mut Value) {
    let mut extended = schema["$defs"]["CheckoutSessionBase"].clone();
    extended["properties"]["order"] = json!({"$ref": "#/$defs/Order"});
    extended["required"]
        .as_array_mut()
        .expect("required is a list")
        .push(json!("order"));
    schema["$defs"]["CheckoutSessionWithOrder"] = extended;
}

/// A request as the schema of its release can see it. From 2026-01-30 on the schema of an item has no `quantity`, though
/// every example sends one and an order needs one (protocol reference §11 row 29).
pub(crate) fn request(release: Release, mut body: Value) -> Value {
    if release == Release::V2026_04_17 {
        for item in body["line_items"].as_array_mut().into_iter().flatten() {
            item.as_object_mut().map(|item| item.remove("quantity"));
        }
        if body["line_items"].is_null() {
            body.as_object_mut().map(|body| body.remove("line_items"));
        }
    }
    body
}
