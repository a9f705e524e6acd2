//! Checks of the configuration schema, and of the default configuration against it.

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;
use serde_json::Value;
use toml::Table;

use crate::finding::at;
use crate::{Candidate, Finding, text};
use tillhouse_checkout::money::Currency;
use tillhouse_runtime::manifest::line_of;
use tillhouse_runtime::{Unflat, flatten, line_at};

/// File names of a plugin's default configuration, in order of precedence.
const DEFAULTS: [&str; 2] = ["default-config.toml", "config.toml"];
/// Usual file name of a schema.
const SCHEMA: &str = "config.schema.json";

/// Checks the schema and the default configuration.
pub(super) fn look(candidate: &Candidate, findings: &mut Vec<Finding>) {
    let configuration = DEFAULTS.iter().find_map(|name| {
        let text = text::read(&candidate.folder.join(name), name).unwrap_or_else(|finding| {
            findings.push(finding);
            None
        })?;
        read(name, &text, None, findings).map(|table| (*name, text, table))
    });
    let named = candidate.manifest().and_then(|manifest| manifest.schema);
    let Some(file) = named else {
        if candidate.manifest().is_some() && candidate.folder.join(SCHEMA).is_file() {
            findings.push(Finding::advice(
                candidate.manifest_name.as_str(),
                format!("{SCHEMA} exists, but the manifest does not name it"),
                format!("add:\n[config]\nschema = \"{SCHEMA}\""),
            ));
        }
        return;
    };
    if let Some(schema) = schema(candidate, &file, findings)
        && let Some((name, text, table)) = configuration
    {
        findings.extend(judge(&schema, &file, name, &text, table));
    }
}

/// Checks a configuration that is given on the command line.
pub(super) fn of_file(candidate: &Candidate, name: &str, text: &str, currency: Currency) -> Vec<Finding> {
    let mut findings = Vec::new();
    let table = read(name, text, Some(currency), &mut findings);
    let named = candidate.manifest().and_then(|manifest| manifest.schema);
    let schema = named.and_then(|file| Some((schema(candidate, &file, &mut findings)?, file)));
    if let (Some((schema, file)), Some(table)) = (schema, table) {
        findings.extend(judge(&schema, &file, name, text, table));
    }
    findings
}

/// Parses a configuration as an operator would write it under `[merchants.….plugins.config]`.
fn read(name: &str, text: &str, currency: Option<Currency>, findings: &mut Vec<Finding>) -> Option<Table> {
    let table: Table = match toml::from_str(text) {
        Ok(table) => table,
        Err(error) => {
            let line = error.span().map(|span| text.get(..span.start).unwrap_or_default());
            let line = line.map(|before| before.matches('\n').count() + 1);
            let fix = if text.trim_start().starts_with('{') {
                "this looks like JSON, but a configuration is TOML: write key = \"value\", one per line"
            } else {
                "fix the TOML syntax"
            };
            findings.push(Finding::wrong(at(name, line), error.message(), fix));
            return None;
        }
    };
    findings.extend(unflat(name, text, &table, currency));
    Some(table)
}

/// Reports values that cannot be flattened into strings for the plugin.
pub(super) fn unflat(name: &str, text: &str, table: &Table, currency: Option<Currency>) -> Vec<Finding> {
    let Err(problems) = flatten(table) else {
        return Vec::new();
    };
    let finding = |problem: &Unflat| {
        let place = at(name, line_at(text, problem.key()));
        Finding::wrong(place, problem.to_string(), problem.remedy(currency))
    };
    problems.each().iter().map(finding).collect()
}

fn schema(candidate: &Candidate, file: &str, findings: &mut Vec<Finding>) -> Option<jsonschema::Validator> {
    let text = match text::read(&candidate.folder.join(file), file) {
        Ok(Some(text)) => text,
        Err(finding) => {
            findings.push(finding);
            return None;
        }
        Ok(None) => {
            let manifest = candidate.manifest_text.as_deref().unwrap_or_default();
            findings.push(Finding::wrong(
                at(&candidate.manifest_name, line_of(manifest, &["config", "schema"])),
                format!("{file} does not exist"),
                format!("create {file} next to the manifest, or remove [config]"),
            ));
            return None;
        }
    };
    let document: Value = match serde_json::from_str(&text) {
        Ok(document) => document,
        Err(error) => {
            findings.push(Finding::wrong(
                format!("{file}:{}:{}", error.line(), error.column()),
                format!("invalid JSON: {error}"),
                "fix the JSON syntax there",
            ));
            return None;
        }
    };
    if let Err(error) = jsonschema::meta::validate(&document) {
        findings.push(Finding::wrong(
            format!("{file}#{}", error.instance_path()),
            format!("invalid JSON Schema: {error}"),
            "fix the keyword there; json-schema.org lists all keywords",
        ));
        return None;
    }
    let made = jsonschema::validator_for(&document);
    made.inspect_err(|error| {
        findings.push(Finding::wrong(
            file,
            format!("the schema cannot be compiled: {error}"),
            "keep everything that the schema refers to in this file, under $defs",
        ));
    })
    .ok()
}

fn judge(schema: &jsonschema::Validator, schema_name: &str, name: &str, text: &str, table: Table) -> Vec<Finding> {
    let document = json(toml::Value::Table(table));
    let errors = schema.iter_errors(&document);
    errors
        .flat_map(|error| {
            let path = error.instance_path().to_string();
            let keys: Vec<&str> = path.split('/').filter(|key| !key.is_empty()).collect();
            if let ValidationErrorKind::AdditionalProperties { unexpected } = error.kind() {
                return unexpected
                    .iter()
                    .map(|key| unknown(schema_name, name, text, &keys, key))
                    .collect();
            }
            if let ValidationErrorKind::Required { property } = error.kind() {
                return vec![missing(schema_name, name, text, &keys, property)];
            }
            let (key, said) = (keys.join("."), said(&error));
            let what = if key.is_empty() { said } else { format!("{key}: {said}") };
            vec![Finding::wrong(
                at(name, line_of(text, &keys)),
                what,
                format!("change the value here, or the requirement in {schema_name}"),
            )]
        })
        .collect()
}

/// Describes a schema violation; for `anyOf` and `oneOf`, lists the first violation of each alternative.
fn said(error: &ValidationError<'_>) -> String {
    match error.kind() {
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            let each = context.iter().filter_map(|errors| errors.first()).map(said);
            each.collect::<Vec<_>>().join(", and ")
        }
        _ => error.to_string(),
    }
}

fn missing(schema_name: &str, name: &str, text: &str, parents: &[&str], property: &Value) -> Finding {
    let keys = parents.iter().copied().chain(property.as_str());
    Finding::wrong(
        at(name, line_of(text, parents)),
        format!("{} is missing", keys.collect::<Vec<_>>().join(".")),
        format!("add it; {schema_name} describes its value"),
    )
}

fn unknown(schema_name: &str, name: &str, text: &str, parents: &[&str], key: &str) -> Finding {
    let keys: Vec<&str> = parents.iter().copied().chain([key]).collect();
    Finding::wrong(
        at(name, line_of(text, &keys)),
        format!("unknown key {}", keys.join(".")),
        format!("remove it, or rename it to one of the properties in {schema_name}"),
    )
}

/// Converts TOML to JSON; dates become strings.
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
