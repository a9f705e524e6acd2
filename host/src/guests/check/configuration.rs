//! The schema of the configuration, and the configuration that comes with the plugin.

use serde_json::Value;
use toml::Table;

use crate::config::flatten;
use crate::guests::finding::at;
use crate::guests::{Candidate, Finding};
use crate::plugin::manifest::line_of;

/// Files that may hold the configuration that a plugin starts with.
const DEFAULTS: [&str; 2] = ["default-config.toml", "config.toml"];
/// What a schema is usually called.
const SCHEMA: &str = "config.schema.json";

/// Look at both.
pub(super) fn look(candidate: &Candidate, findings: &mut Vec<Finding>) {
    let configuration = DEFAULTS.iter().find_map(|name| {
        let text = std::fs::read_to_string(candidate.folder.join(name)).ok()?;
        read(name, &text, findings).map(|table| (*name, text, table))
    });
    let named = candidate.manifest().and_then(|manifest| manifest.schema);
    let Some(file) = named else {
        if candidate.manifest().is_some() && candidate.folder.join(SCHEMA).is_file() {
            findings.push(Finding::advice(
                candidate.manifest_name.as_str(),
                format!("{SCHEMA} is there, and the manifest does not name it"),
                format!("add:\n[config]\nschema = \"{SCHEMA}\""),
            ));
        }
        return;
    };
    if let Some(schema) = schema(candidate, &file, findings)
        && let Some((name, text, table)) = configuration
    {
        findings.extend(judge(&schema, name, &text, table));
    }
}

/// A configuration as an operator would write it under `[merchants.….plugins.config]`.
fn read(name: &str, text: &str, findings: &mut Vec<Finding>) -> Option<Table> {
    let table: Table = match toml::from_str(text) {
        Ok(table) => table,
        Err(error) => {
            let line = error.span().map(|span| text.get(..span.start).unwrap_or_default());
            let line = line.map(|before| before.matches('\n').count() + 1);
            findings.push(Finding::wrong(at(name, line), error.message(), "correct the TOML"));
            return None;
        }
    };
    if let Err(error) = flatten(&table) {
        findings.push(Finding::wrong(name, error.to_string(), "keep one of the two"));
    }
    Some(table)
}

fn schema(candidate: &Candidate, file: &str, findings: &mut Vec<Finding>) -> Option<jsonschema::Validator> {
    let text = match std::fs::read_to_string(candidate.folder.join(file)) {
        Ok(text) => text,
        Err(error) => {
            let manifest = candidate.manifest_text.as_deref().unwrap_or_default();
            findings.push(Finding::wrong(
                at(&candidate.manifest_name, line_of(manifest, &["config", "schema"])),
                format!("{file} cannot be read: {error}"),
                format!("write {file} beside the manifest, or remove [config]"),
            ));
            return None;
        }
    };
    let document: Value = match serde_json::from_str(&text) {
        Ok(document) => document,
        Err(error) => {
            findings.push(Finding::wrong(
                format!("{file}:{}:{}", error.line(), error.column()),
                format!("it is not JSON: {error}"),
                "correct the JSON there",
            ));
            return None;
        }
    };
    if let Err(error) = jsonschema::meta::validate(&document) {
        findings.push(Finding::wrong(
            format!("{file}#{}", error.instance_path()),
            format!("it is no JSON Schema: {error}"),
            "correct the keyword there; json-schema.org has the list of them",
        ));
        return None;
    }
    let made = jsonschema::validator_for(&document);
    made.inspect_err(|error| {
        findings.push(Finding::wrong(
            file,
            format!("it cannot be used: {error}"),
            "keep everything that it refers to in this file, under $defs",
        ));
    })
    .ok()
}

fn judge(schema: &jsonschema::Validator, name: &str, text: &str, table: Table) -> Vec<Finding> {
    let document = json(toml::Value::Table(table));
    let errors = schema.iter_errors(&document);
    let finding = |error: jsonschema::ValidationError<'_>| {
        let path = error.instance_path().to_string();
        let keys: Vec<&str> = path.split('/').filter(|key| !key.is_empty()).collect();
        let key = keys.join(".");
        let what = if key.is_empty() {
            error.to_string()
        } else {
            format!("{key}: {error}")
        };
        Finding::wrong(
            at(name, line_of(text, &keys)),
            what,
            "change it here, or what the schema asks for",
        )
    };
    errors.map(finding).collect()
}

/// As JSON, dates as their text.
fn json(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => number.into(),
        toml::Value::Boolean(flag) => flag.into(),
        toml::Value::Datetime(date) => Value::String(date.to_string()),
        toml::Value::Array(values) => values.into_iter().map(json).collect(),
        toml::Value::Table(table) => table.into_iter().map(|(key, value)| (key, json(value))).collect(),
    }
}
