//! The official ACP schemas, where they are at hand.

use std::path::PathBuf;

use serde_json::{Value, json};

/// The checkout schema of a release with one of its definitions as the root; `None` where the folder is absent
/// (`TILLHOUSE_ACP_SCHEMAS`, default `../shared/acp` beside the workspace).
fn schema(release: &str, definition: &str) -> Option<Value> {
    let root = std::env::var_os("TILLHOUSE_ACP_SCHEMAS").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/acp"),
        PathBuf::from,
    );
    let text = std::fs::read_to_string(root.join(release).join("json-schema/schema.agentic_checkout.json")).ok()?;
    let mut schema: Value = serde_json::from_str(&text).unwrap();
    mend(&mut schema);
    schema["$ref"] = json!(format!("#/$defs/{definition}"));
    Some(schema)
}

/// 2025-09-29 has draft-4 booleans for `exclusiveMinimum`, and in `CheckoutSessionWithOrder` an `order` that the closed base
/// beside it forbids.
fn mend(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            if fields.get("exclusiveMinimum") == Some(&Value::Bool(true)) {
                let minimum = fields.remove("minimum").unwrap();
                fields.insert("exclusiveMinimum".into(), minimum);
            }
            if let Some(base) = fields.get_mut("CheckoutSessionBase").and_then(Value::as_object_mut) {
                let properties = base["properties"].as_object_mut().unwrap();
                properties
                    .entry("order")
                    .or_insert_with(|| json!({"$ref": "#/$defs/Order"}));
            }
            fields.values_mut().for_each(mend);
        }
        Value::Array(items) => items.iter_mut().for_each(mend),
        _ => {}
    }
}

/// Assert that a body is what the release defines. Without the schemas, nothing can be said and nothing is.
pub(crate) fn assert_valid(release: &str, definition: &str, body: &Value) {
    let Some(schema) = schema(release, definition) else {
        eprintln!("the official schemas are not at hand; set TILLHOUSE_ACP_SCHEMAS");
        return;
    };
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<_> = validator
        .iter_errors(body)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{release} {definition}: {errors:#?}\n{body:#}");
}
