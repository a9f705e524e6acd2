//! Why something was not done.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a request was not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// What kind of problem, for programs.
    pub kind: Kind,
    /// What is wrong, and where there is one the way out, for people. Never a card and never a secret.
    pub message: String,
}

/// The kinds of problems. More may come with no new version of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The line is not a request: it is not JSON, or an operation, a field or the `hello` is missing.
    Protocol,
    /// The two speak different versions of the protocol.
    Version,
    /// Something is named by a number that the program did not give, or has closed.
    Unknown,
    /// What the program needs of this machine cannot be had.
    Machine,
    /// A component could not be built; the compiler has spoken on standard error.
    Build,
    /// The manifest.
    Manifest,
    /// The configuration.
    Configuration,
    /// The bytes are not a plugin of this contract.
    Component,
    /// The catalog.
    Catalog,
    /// The currency.
    Currency,
    /// The card.
    Card,
    /// The component does not have the function.
    Absent,
    /// An argument does not fit the function.
    Argument,
    /// A call had an answer, and what it staged could not be committed.
    Commit,
    /// The shop.
    Shop,
    /// A kind that this version does not know.
    #[serde(other)]
    Other,
}

impl Problem {
    /// A problem in words.
    #[must_use]
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Problem {}
