//! Secrets, and the forms in which the configuration gives them.

use std::sync::Arc;

use super::section::Section;
use super::sources::Sources;
use tillhouse_checkout::secret::Secret;
use tillhouse_runtime::config::Value;

const FORMS: &str = "write { env = \"NAME\" }, \"${NAME}\" or { file = \"path\" }";

impl Section<'_> {
    /// A secret; `None` if the key is absent or invalid.
    pub(super) fn secret(&mut self, key: &'static str) -> Option<Arc<Secret>> {
        let value = self.value(key);
        if let Some((name, text)) = self.variable(key) {
            if text.is_empty() {
                self.error(key, format!("{name} is empty"), FORMS);
                return None;
            }
            return Some(Arc::new(Secret::new(text)));
        }
        secret(self.sources, &value?)
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
        let sources = self.sources;
        let values = self.list(key);
        values.iter().filter_map(|value| secret(sources, value)).collect()
    }
}

impl Section<'_> {
    /// One secret, or two during rotation. Empty if the key is absent.
    pub(super) fn one_or_two_secrets(&mut self, key: &'static str) -> Vec<Arc<Secret>> {
        let is_there = self.has(key);
        let before = self.reader().count();
        let secrets = self.secrets(key);
        if is_there && self.reader().count() == before && !(1..=2).contains(&secrets.len()) {
            self.error(
                key,
                format!("has {} secrets", secrets.len()),
                "give one, or two during rotation",
            );
        }
        secrets
    }
}

/// Resolves a value to its secret. An error contains nothing of it.
pub(super) fn secret(sources: &Sources<'_>, value: &Value<'_>) -> Option<Arc<Secret>> {
    let found = match (value.as_str(), value.as_only_entry()) {
        (Some(text), _) => match text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')) {
            Some(name) => variable(sources, value, name),
            None => Some(text.to_owned()),
        },
        (_, Some(("env", name))) => variable(sources, value, name),
        (_, Some(("file", name))) => file(sources, value, name),
        _ if value.is_table() => {
            value.error("is not a secret", FORMS);
            None
        }
        _ => {
            value.type_error(FORMS);
            None
        }
    }?;
    if found.is_empty() {
        value.error("is empty", FORMS);
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

fn variable(sources: &Sources<'_>, value: &Value<'_>, name: &str) -> Option<String> {
    let found = sources.variable(name);
    if found.is_none() {
        let message = format!("the environment variable {name} is not set");
        value.error(message, "set it, or use another one");
    }
    found
}

/// Without the line break that editors add at the end.
fn file(sources: &Sources<'_>, value: &Value<'_>, name: &str) -> Option<String> {
    let file = sources.resolve(name);
    match sources.file(&file) {
        Ok(text) => Some(text.trim_end_matches(['\r', '\n']).to_owned()),
        Err(error) => {
            let message = format!("{} cannot be read: {error}", file.display());
            value.error(message, "give a file that the host can read");
            None
        }
    }
}
