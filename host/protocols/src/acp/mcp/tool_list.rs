//! What `tools/list` says of a tool: its description, and the schema of its arguments.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::arguments::MAX_REQUEST_ID;
use super::tool::{Effect, Payload, Tool};
use crate::acp::release::Release;

/// Definitions of the official schema of ACP 2026-04-17 that payloads consist of, without examples. `tests/schemas` compares them with
/// the schema, and lists where they differ.
const PAYLOADS: &str = include_str!("payloads.json");

const DEFINITION: &str = "#/$defs/";

/// The description of a tool (MCP schema `Tool`).
pub(super) fn description(tool: Tool) -> Value {
    json!({
        "name": tool.name(),
        "title": tool.title(),
        "description": tool.description(),
        "inputSchema": input_schema(tool),
        "annotations": {
            "title": tool.title(),
            "readOnlyHint": tool.effect() == Effect::Reads,
            "destructiveHint": tool.effect() == Effect::Ends,
            "idempotentHint": tool.is_idempotent(),
            "openWorldHint": false,
        },
    })
}

/// The schema of the arguments: `meta`, `id` and `payload`, as the tool has them.
fn input_schema(tool: Tool) -> Value {
    let mut properties = Map::new();
    let mut required = vec!["meta"];
    let mut definitions = BTreeMap::new();
    properties.insert("meta".to_owned(), meta_schema(tool));
    if let Some(kind) = tool.id() {
        let description = format!("The id of the {kind}.");
        properties.insert("id".to_owned(), json!({ "type": "string", "description": description }));
        required.push("id");
    }
    if let Payload::Required(name) | Payload::Optional(name) = tool.payload() {
        let reference = json!({ "$ref": format!("{DEFINITION}{name}") });
        properties.insert("payload".to_owned(), reference);
        collect(name, &all_definitions(), &mut definitions);
    }
    if let Payload::Required(_) = tool.payload() {
        required.push("payload");
    }
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "additionalProperties": false,
        "required": required,
        "properties": properties,
    });
    if let (Value::Object(schema), false) = (&mut schema, definitions.is_empty()) {
        schema.insert("$defs".to_owned(), json!(definitions));
    }
    schema
}

fn meta_schema(tool: Tool) -> Value {
    let mut properties = json!({
        "api_version": {
            "type": "string",
            "const": Release::V2026_04_17.date(),
            "description": "Release of ACP that the payload is written in.",
        },
        "request_id": {
            "type": "string",
            "maxLength": MAX_REQUEST_ID,
            "description": "For your own logs: the answer repeats it.",
        },
    });
    if let (Value::Object(properties), true) = (&mut properties, tool.effect() != Effect::Reads) {
        let key = json!({
            "type": "string",
            "minLength": 1,
            "maxLength": 255,
            "description": "A UUID that you draw for this intent. Repeat it unchanged when you retry.",
        });
        properties.insert("idempotency_key".to_owned(), key);
    }
    json!({
        "type": "object",
        "required": ["api_version"],
        "additionalProperties": true,
        "properties": properties,
    })
}

fn all_definitions() -> Map<String, Value> {
    serde_json::from_str(PAYLOADS).unwrap_or_default()
}

/// A definition, and those that it refers to.
fn collect(name: &str, all: &Map<String, Value>, found: &mut BTreeMap<String, Value>) {
    let Some(definition) = all.get(name).filter(|_| !found.contains_key(name)) else {
        return;
    };
    found.insert(name.to_owned(), definition.clone());
    for other in references(definition) {
        collect(other, all, found);
    }
}

fn references(schema: &Value) -> Vec<&str> {
    match schema {
        Value::Object(members) => {
            let own = members.get("$ref").and_then(Value::as_str);
            let own = own.and_then(|reference| reference.strip_prefix(DEFINITION));
            own.into_iter().chain(members.values().flat_map(references)).collect()
        }
        Value::Array(values) => values.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_of_every_tool_have_a_schema_without_loose_ends() {
        for tool in Tool::ALL {
            let schema = input_schema(tool);
            jsonschema::meta::validate(&schema).unwrap();
            let validator = jsonschema::validator_for(&schema).unwrap();
            assert!(!validator.is_valid(&json!({})), "{}", tool.name());
            for reference in references(&schema) {
                assert!(schema["$defs"][reference].is_object(), "{}: {reference}", tool.name());
            }
        }
    }

    #[test]
    fn a_tool_that_has_an_effect_tells_a_model_when_to_repeat_the_key() {
        for tool in Tool::ALL {
            let described = description(tool);
            let text = described["description"].as_str().unwrap();
            let has_effect = tool.effect() != Effect::Reads;
            assert_eq!(text.contains("the same key again"), has_effect, "{}", tool.name());
            let key = &described["inputSchema"]["properties"]["meta"]["properties"]["idempotency_key"];
            assert_eq!(key.is_object(), has_effect, "{}", tool.name());
        }
    }
    #[test]
    fn a_tool_that_makes_something_new_is_not_called_idempotent() {
        let hinted = Tool::ALL.into_iter().filter(|tool| {
            let described = description(*tool);
            described["annotations"]["idempotentHint"] == false
        });
        assert_eq!(
            hinted.collect::<Vec<_>>(),
            [Tool::CreateCheckoutSession, Tool::CreateCart]
        );
    }
}
