//! Validation against the official schemas of a release.
//!
//! The schemas are not part of this repository. They are read from the folder in `TILLHOUSE_ACP_SCHEMAS`, which has a folder for each
//! release as in <https://github.com/agentic-commerce-protocol/agentic-commerce-protocol>; the default is `../shared/acp`, relative to
//! the workspace.

pub mod adyen;
pub mod feed;
pub mod fixes;
mod holding;

pub(crate) use holding::{RequestedBody, hold};

use std::path::{Path, PathBuf};

use crate::acp::Release;
use crate::workspace;
use jsonschema::Validator;
use libtest_mimic::Failed;
use serde_json::{Value, json};

/// The folder of all releases, which need not exist.
#[must_use]
pub fn folder() -> PathBuf {
    std::env::var_os("TILLHOUSE_ACP_SCHEMAS").map_or_else(|| workspace().join("../shared/acp"), PathBuf::from)
}

/// Path of the checkout schema of a release, within the folder of all releases.
#[must_use]
pub fn file(folder: &Path, release: Release) -> PathBuf {
    folder
        .join(release.as_str())
        .join("json-schema/schema.agentic_checkout.json")
}

/// The checkout schemas of one release, with their known defects fixed.
#[derive(Debug)]
pub struct Official {
    schema: Value,
}

impl Official {
    /// Read the schemas of a release.
    ///
    /// # Panics
    /// When the file is not readable or not JSON.
    #[must_use]
    pub fn read(release: Release, file: &Path) -> Self {
        let text = std::fs::read_to_string(file).expect("the schema is readable");
        let schema = serde_json::from_str(&text).expect("the schema is JSON");
        Self {
            schema: fixes::fix_schema(release, schema),
        }
    }

    /// Schemas that are one document already.
    #[must_use]
    pub const fn of(schema: Value) -> Self {
        Self { schema }
    }

    /// The same schemas with one more payment provider. A release before 2026-01-30 has a list of them with one value; later ones have none.
    #[must_use]
    pub fn with_provider(mut self, name: &str) -> Self {
        for definition in ["PaymentProvider", "PaymentData"] {
            let names = format!("/$defs/{definition}/properties/provider/enum");
            let names = self.schema.pointer_mut(&names).and_then(Value::as_array_mut);
            names.into_iter().for_each(|names| names.push(json!(name)));
        }
        self
    }

    /// Validate a body against one of the definitions.
    ///
    /// # Errors
    /// Every place that does not fit.
    pub fn check(&self, definition: &str, body: &Value) -> Result<(), Failed> {
        check(&self.validator(definition), definition, body)
    }

    /// Whether a body fits one of the definitions.
    #[must_use]
    pub fn accepts(&self, definition: &str, body: &Value) -> bool {
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

/// Validate a body, which the name of the schema describes in the error.
fn check(validator: &Validator, name: &str, body: &Value) -> Result<(), Failed> {
    let errors = validator.iter_errors(body);
    let problems: Vec<String> = errors
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    if problems.is_empty() {
        return Ok(());
    }
    Err(format!("not a {name}:\n{}\n{body:#}", problems.join("\n")).into())
}
