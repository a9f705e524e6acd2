//! Validation against the official schemas of a release.

use std::path::{Path, PathBuf};

use jsonschema::Validator;
use libtest_mimic::Failed;
use serde_json::{Value, json};
use tillhouse_tests::Release;

use crate::schema_fixes;

/// Path of the checkout schema of a release, within the folder of all releases.
pub(crate) fn file(folder: &Path, release: Release) -> PathBuf {
    folder
        .join(release.as_str())
        .join("json-schema/schema.agentic_checkout.json")
}

/// The checkout schemas of one release, with their known defects fixed.
pub(crate) struct Official {
    schema: Value,
}

impl Official {
    pub(crate) fn read(release: Release, file: &Path) -> Self {
        let text = std::fs::read_to_string(file).expect("the schema is readable");
        let schema = serde_json::from_str(&text).expect("the schema is JSON");
        Self {
            schema: schema_fixes::fix_schema(release, schema),
        }
    }

    /// Schemas that are one document already.
    pub(crate) const fn of(schema: Value) -> Self {
        Self { schema }
    }

    /// Validate a body against one of the definitions.
    pub(crate) fn check(&self, definition: &str, body: &Value) -> Result<(), Failed> {
        let problems: Vec<String> = self
            .validator(definition)
            .iter_errors(body)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        if problems.is_empty() {
            return Ok(());
        }
        Err(format!("not a {definition}:\n{}\n{body:#}", problems.join("\n")).into())
    }

    pub(crate) fn accepts(&self, definition: &str, body: &Value) -> bool {
        self.validator(definition).is_valid(body)
    }

    fn validator(&self, definition: &str) -> Validator {
        assert!(
            self.schema["$defs"][definition].is_object(),
            "the schema does not define {definition}"
        );
        let schema = json!({
            "$schema": self.schema["$schema"],
            "$ref": format!("#/$defs/{definition}"),
            "$defs": self.schema["$defs"],
        });
        let options = jsonschema::options().should_validate_formats(true);
        options.build(&schema).expect("the schema is valid")
    }
}
