//! Diagnostics as operators' documents show them.

use serde::{Deserialize, Serialize};

use tillhouse_checkout::diagnostic::Diagnostic;

/// What is wrong, where, and how to fix it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// File and line, plugin or key; empty if `what` says it.
    pub place: String,
    /// What is wrong; begins with the key if it is about one.
    pub what: String,
    /// How to fix it; empty if `what` says it.
    pub fix: String,
}

impl Problem {
    /// A problem whose text says where it is and how to fix it.
    pub fn of(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            ..Self::default()
        }
    }
}

impl From<&Diagnostic> for Problem {
    fn from(diagnostic: &Diagnostic) -> Self {
        Self {
            place: diagnostic.place.location(),
            what: diagnostic.message_of_key(),
            fix: diagnostic.help.clone().unwrap_or_default(),
        }
    }
}
