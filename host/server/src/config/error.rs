//! Errors in a configuration.

use std::fmt;

use tillhouse_checkout::diagnostic::{Diagnostic, DiagnosticPlace};
use tillhouse_runtime::config::{SyntaxError, code};

/// All errors, in the order of the file's sections. Never empty. None contains the value of a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ConfigErrors(Vec<Diagnostic>);

impl ConfigErrors {
    pub(super) const fn new(errors: Vec<Diagnostic>) -> Self {
        Self(errors)
    }

    /// The errors one by one, never empty. The key of each is a path such as `merchants.acme.acp.keys[0].sha256`.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.0
    }
}

impl From<Diagnostic> for ConfigErrors {
    fn from(error: Diagnostic) -> Self {
        Self(vec![error])
    }
}

impl fmt::Display for ConfigErrors {
    /// One line for each error.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the configuration is invalid:")?;
        self.0.iter().try_for_each(|error| write!(f, "\n  {error}"))
    }
}

/// A text that is not TOML. The parser's message is left out, because the line that it is about may hold a secret.
pub(super) fn syntax(file: Option<&str>, error: &SyntaxError) -> Diagnostic {
    let place = DiagnosticPlace::default().with_source(file).with_line(Some(error.line));
    let message = format!("is not valid TOML at column {}", error.column);
    let help = "see https://toml.io; strings are quoted, and each table and key is given once";
    Diagnostic::error(code::SYNTAX, place, message).with_help(help)
}
