//! A `config.schema.json`, and the keys that it accepts.

use jsonschema::JsonType;
use jsonschema::Validator;
use jsonschema::error::{TypeKind, ValidationErrorKind};
use serde_json::{Map, Value};

pub(crate) struct Schema(Validator);

impl Schema {
    pub(crate) fn read(text: &str) -> Self {
        let schema: Value = serde_json::from_str(text).unwrap();
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
        jsonschema::meta::validate(&schema).unwrap_or_else(|error| panic!("{error}"));
        Self(jsonschema::validator_for(&schema).unwrap())
    }

    /// All validation errors of a configuration.
    pub(crate) fn errors(&self, config: &toml::Table) -> Vec<String> {
        let config = serde_json::to_value(config).unwrap();
        let errors = self.0.iter_errors(&config);
        errors
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect()
    }

    /// Whether a configuration may have this key with a scalar value; errors about the value itself are ignored.
    pub(crate) fn accepts(&self, config: &toml::Table, key: &str) -> bool {
        let mut config = serde_json::to_value(config).unwrap();
        set(config.as_object_mut().unwrap(), key);
        let table = |kind: &TypeKind| matches!(kind, TypeKind::Single(JsonType::Object));
        let mut errors = self.0.iter_errors(&config);
        !errors.any(|error| match error.kind() {
            ValidationErrorKind::AdditionalProperties { .. } => true,
            ValidationErrorKind::Type { kind } => table(kind),
            _ => false,
        })
    }
}

fn set(table: &mut Map<String, Value>, key: &str) {
    match key.split_once('.') {
        None => drop(table.insert(key.to_owned(), "1".into())),
        Some((first, rest)) => {
            let inner = table.entry(first).or_insert_with(|| Map::new().into());
            if !inner.is_object() {
                *inner = Map::new().into();
            }
            set(inner.as_object_mut().unwrap(), rest);
        }
    }
}
