//! Secrets, and the forms in which the configuration gives them.

use std::sync::Arc;

use toml::Value;

use super::section::{Scope, Section, kind};
use super::sources::Sources;
use tillhouse_checkout::secret::Secret;

const FORMS: &str = "write { env = \"NAME\" }, \"${NAME}\" or { file = \"path\" }";

impl Section<'_> {
    /// A secret; `None` if the key is absent or invalid.
    pub(super) fn secret(&mut self, key: &'static str) -> Option<Arc<Secret>> {
        let value = self.take(key);
        if let Some((_, text)) = self.variable(key) {
            return Some(Arc::new(Secret::new(text)));
        }
        secret(self.complaints(), &self.path_of(key), value?)
    }

    /// A secret; a missing key is an error.
    pub(super) fn required_secret(&mut self, key: &'static str) -> Option<Arc<Secret>> {
        if !self.has(key) {
            self.missing(key, FORMS);
        }
        self.secret(key)
    }

    /// An array of secrets.
    pub(super) fn secrets(&mut self, key: &'static str) -> Vec<Arc<Secret>> {
        let scope = self.complaints();
        self.list(key)
            .into_iter()
            .filter_map(|(path, value)| secret(scope, &path, value))
            .collect()
    }
}

impl Section<'_> {
    /// One secret, or two during rotation. Empty if the key is absent.
    pub(super) fn one_or_two_secrets(&mut self, key: &'static str) -> Vec<Arc<Secret>> {
        let is_there = self.has(key);
        let before = self.complaints().count();
        let secrets = self.secrets(key);
        if is_there && self.complaints().count() == before && !(1..=2).contains(&secrets.len()) {
            self.wrong(
                key,
                format!("has {} secrets", secrets.len()),
                "give one, or two during rotation",
            );
        }
        secrets
    }
}

/// Resolves a value to its secret. An error contains nothing of it.
pub(super) fn secret(scope: &Scope<'_>, path: &str, value: Value) -> Option<Arc<Secret>> {
    let found = match value {
        Value::String(text) => match text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')) {
            Some(name) => variable(scope, path, name),
            None => Some(text),
        },
        Value::Table(table) => {
            let mut entries = table.into_iter();
            match (entries.next(), entries.next()) {
                (Some((form, Value::String(name))), None) if form == "env" => variable(scope, path, &name),
                (Some((form, Value::String(name))), None) if form == "file" => file(scope, path, &name),
                _ => {
                    scope.at(path, "is not a secret", FORMS);
                    None
                }
            }
        }
        other => {
            scope.at(path, format!("is {}", kind(&other)), FORMS);
            None
        }
    }?;
    if found.is_empty() {
        scope.at(path, "is empty", FORMS);
        return None;
    }
    Some(Arc::new(Secret::new(found)))
}

/// The secret of a command-line argument: `@NAME` is the environment variable NAME, anything else is the secret itself.
///
/// # Errors
/// When the environment variable is not set.
pub fn secret_word(word: &str, sources: &Sources<'_>) -> Result<Secret, String> {
    let Some(name) = word.strip_prefix('@') else {
        return Ok(Secret::new(word.to_owned()));
    };
    let value = sources.variable(name);
    value
        .map(Secret::new)
        .ok_or_else(|| format!("the environment variable {name} is not set"))
}

fn variable(scope: &Scope<'_>, path: &str, name: &str) -> Option<String> {
    let value = scope.sources.variable(name);
    if value.is_none() {
        scope.at(
            path,
            format!("the environment variable {name} is not set"),
            "set it, or use another one",
        );
    }
    value
}

/// Without the line break that editors add at the end.
fn file(scope: &Scope<'_>, path: &str, name: &str) -> Option<String> {
    let file = scope.sources.resolve(name);
    match scope.sources.file(&file) {
        Ok(text) => Some(text.trim_end_matches(['\r', '\n']).to_owned()),
        Err(error) => {
            scope.at(
                path,
                format!("{} cannot be read: {error}", file.display()),
                "give a file that the host can read",
            );
            None
        }
    }
}
