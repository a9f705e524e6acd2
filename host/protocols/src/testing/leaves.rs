//! What is in a body: its texts one by one, and its members.

use std::collections::BTreeSet;

use serde_json::Value;

/// Each text in a body: its JSON pointer, and its path in error responses.
pub(crate) fn texts(body: &Value) -> Vec<(String, String)> {
    let mut found = Vec::new();
    collect(body, String::new(), "$".to_owned(), &mut found);
    found
}

fn collect(value: &Value, pointer: String, path: String, found: &mut Vec<(String, String)>) {
    match value {
        Value::String(_) => found.push((pointer, path)),
        Value::Array(values) => {
            for (index, value) in values.iter().enumerate() {
                collect(value, format!("{pointer}/{index}"), format!("{path}[{index}]"), found);
            }
        }
        Value::Object(fields) => {
            for (key, value) in fields {
                collect(value, format!("{pointer}/{key}"), format!("{path}.{key}"), found);
            }
        }
        _ => {}
    }
}

/// The body with another text at a pointer.
pub(crate) fn with_text(body: &Value, pointer: &str, text: &str) -> Value {
    let mut body = body.clone();
    *body.pointer_mut(pointer).unwrap() = Value::String(text.to_owned());
    body
}

/// The path of each member of a body, without indexes.
pub(crate) fn paths(body: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    collect_paths(body, "", &mut found);
    found
}

fn collect_paths(value: &Value, path: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| collect_paths(value, path, found)),
        Value::Object(members) => {
            for (key, value) in members {
                let path = if path.is_empty() {
                    key.clone()
                } else {
                    format!("{path}.{key}")
                };
                collect_paths(value, &path, found);
                found.insert(path);
            }
        }
        _ => {}
    }
}
