//! Checks of the configuration schema, and of the default configuration against it.

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;
use serde_json::Value;

use crate::{Artifact, code, text};
use tillhouse_checkout::diagnostic::Diagnostic;
use tillhouse_checkout::money::Currency;
use tillhouse_runtime::config::Document;
use tillhouse_runtime::flatten;

/// File names of a plugin's default configuration, in order of precedence.
const DEFAULTS: [&str; 2] = ["default-config.toml", "config.toml"];
/// Usual file name of a schema.
const SCHEMA: &str = "config.schema.json";

/// Checks the schema and the default configuration.
pub(super) fn check(artifact: &Artifact, diagnostics: &mut Vec<Diagnostic>) {
    let configuration = DEFAULTS.iter().find_map(|name| {
        let text = text::read(&artifact.folder.join(name), name).unwrap_or_else(|error| {
            diagnostics.push(error);
            None
        })?;
        Some((*name, text))
    });
    let document = configuration
        .as_ref()
        .and_then(|(name, text)| read(name, text, None, diagnostics));
    let named = artifact.manifest().and_then(|manifest| manifest.schema);
    let Some(file) = named else {
        if artifact.manifest().is_some() && artifact.folder.join(SCHEMA).is_file() {
            let message = format!("{SCHEMA} exists, but the manifest does not name it");
            let advice = Diagnostic::warning(code::SCHEMA, artifact.manifest_name.as_str(), message);
            diagnostics.push(advice.with_help(format!("add:\n[config]\nschema = \"{SCHEMA}\"")));
        }
        return;
    };
    if let Some(schema) = schema(artifact, &file, diagnostics)
        && let Some(document) = document
    {
        diagnostics.extend(validate(&schema, &file, &document));
    }
}

/// Checks a configuration that is given on the command line.
pub(super) fn check_file(artifact: &Artifact, name: &str, text: &str, currency: Currency) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    let document = read(name, text, Some(currency), &mut diagnostics);
    let named = artifact.manifest().and_then(|manifest| manifest.schema);
    let schema = named.and_then(|file| Some((schema(artifact, &file, &mut diagnostics)?, file)));
    if let (Some((schema, file)), Some(document)) = (schema, document) {
        diagnostics.extend(validate(&schema, &file, &document));
    }
    diagnostics
}

/// Parses a configuration as an operator would write it under `[merchants.….plugins.config]`.
fn read<'t>(
    name: &str,
    text: &'t str,
    currency: Option<Currency>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Document<'t>> {
    match Document::parse(text, Some(name)) {
        Ok(document) => {
            diagnostics.extend(flatten(text, Some(name), currency).err().unwrap_or_default());
            Some(document)
        }
        Err(error) => {
            let error = error.diagnostic(Some(name));
            diagnostics.push(if text.trim_start().starts_with('{') {
                error
                    .with_help("this looks like JSON, but a configuration is TOML: write key = \"value\", one per line")
            } else {
                error
            });
            None
        }
    }
}

fn schema(artifact: &Artifact, file: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<jsonschema::Validator> {
    let text = match text::read(&artifact.folder.join(file), file) {
        Ok(Some(text)) => text,
        Err(diagnostic) => {
            diagnostics.push(diagnostic);
            return None;
        }
        Ok(None) => {
            let manifest = artifact.manifest_text.as_deref().unwrap_or_default();
            let name = artifact.manifest_name.as_str();
            let document = Document::parse(manifest, Some(name));
            let place = document.map_or_else(|_| name.into(), |document| document.place(&["config", "schema"]));
            let missing = Diagnostic::error(code::SCHEMA, place, format!("{file} does not exist"));
            diagnostics.push(missing.with_help(format!("create {file} next to the manifest, or remove [config]")));
            return None;
        }
    };
    let document: Value = match serde_json::from_str(&text) {
        Ok(document) => document,
        Err(error) => {
            diagnostics.push(
                Diagnostic::error(
                    code::SCHEMA,
                    format!("{file}:{}:{}", error.line(), error.column()),
                    format!("invalid JSON: {error}"),
                )
                .with_help("fix the JSON syntax there"),
            );
            return None;
        }
    };
    if let Err(error) = jsonschema::meta::validate(&document) {
        diagnostics.push(
            Diagnostic::error(
                code::SCHEMA,
                format!("{file}#{}", error.instance_path()),
                format!("invalid JSON Schema: {error}"),
            )
            .with_help("fix the keyword there; json-schema.org lists all keywords"),
        );
        return None;
    }
    let made = jsonschema::validator_for(&document);
    made.inspect_err(|error| {
        diagnostics.push(
            Diagnostic::error(code::SCHEMA, file, format!("the schema cannot be compiled: {error}"))
                .with_help("keep everything that the schema refers to in this file, under $defs"),
        );
    })
    .ok()
}

fn validate(schema: &jsonschema::Validator, schema_name: &str, document: &Document<'_>) -> Vec<Diagnostic> {
    // A number that is too large for TOML was already reported with its key.
    let Ok(table) = document.table() else {
        return Vec::new();
    };
    let instance = json(toml::Value::Table(table));
    let errors = schema.iter_errors(&instance);
    errors
        .flat_map(|error| {
            let path = error.instance_path().to_string();
            let keys: Vec<&str> = path.split('/').filter(|key| !key.is_empty()).collect();
            if let ValidationErrorKind::AdditionalProperties { unexpected } = error.kind() {
                return unexpected
                    .iter()
                    .map(|key| unknown(schema_name, document, &keys, key))
                    .collect();
            }
            if let ValidationErrorKind::Required { property } = error.kind() {
                return vec![missing(schema_name, document, &keys, property)];
            }
            let place = document.place(&keys).with_key(keys.join("."));
            let help = format!("change the value here, or the requirement in {schema_name}");
            vec![Diagnostic::error(code::CONFIGURATION, place, describe(&error)).with_help(help)]
        })
        .collect()
}

/// Describes a schema violation; for `anyOf` and `oneOf`, lists the first violation of each alternative.
fn describe(error: &ValidationError<'_>) -> String {
    match error.kind() {
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            let each = context.iter().filter_map(|errors| errors.first()).map(describe);
            each.collect::<Vec<_>>().join(", and ")
        }
        _ => error.to_string(),
    }
}

fn missing(schema_name: &str, document: &Document<'_>, parents: &[&str], property: &Value) -> Diagnostic {
    let keys: Vec<&str> = parents.iter().copied().chain(property.as_str()).collect();
    let message = format!("{} is missing", keys.join("."));
    let missing = Diagnostic::error(code::CONFIGURATION, document.place(parents), message);
    missing.with_help(format!("add it; {schema_name} describes its value"))
}

fn unknown(schema_name: &str, document: &Document<'_>, parents: &[&str], key: &str) -> Diagnostic {
    let keys: Vec<&str> = parents.iter().copied().chain([key]).collect();
    let message = format!("unknown key {}", keys.join("."));
    let unknown = Diagnostic::error(code::CONFIGURATION, document.place(&keys), message);
    unknown.with_help(format!(
        "remove it, or rename it to one of the properties in {schema_name}"
    ))
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
