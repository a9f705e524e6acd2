//! Errors that a request can fail with.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Error that a request failed with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestError {
    /// Machine-readable kind of the error.
    pub kind: RequestErrorKind,
    /// What is wrong and, if known, how to fix it, for people. Contains neither card data nor secrets.
    pub message: String,
}

/// Kinds of errors. New kinds may be added without a new protocol version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestErrorKind {
    /// The line is not a valid request: it is not JSON, the operation is unknown, a field is missing, or no `hello` preceded it.
    Protocol,
    /// Client and program use different protocol versions.
    Version,
    /// The request refers to an id that the program never issued, or that is closed.
    Unknown,
    /// The program could not get a resource of the machine, such as a port.
    Machine,
    /// A component could not be built; the compiler's errors are on standard error.
    Build,
    /// The manifest is invalid.
    Manifest,
    /// The configuration is invalid.
    Configuration,
    /// The bytes are not a plugin of this contract.
    Component,
    /// The catalog is invalid.
    Catalog,
    /// The currency is unknown.
    Currency,
    /// The card is invalid.
    Card,
    /// The component does not export the function.
    Absent,
    /// An argument does not match the function's signature.
    Argument,
    /// The call returned a value, but the data that it staged could not be committed.
    Commit,
    /// The shop could not be started.
    Shop,
    /// A kind that this version of the crate does not know.
    #[serde(other)]
    Other,
}

impl RequestError {
    /// Creates an error with a message for people.
    #[must_use]
    pub fn new(kind: RequestErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
        }
    }
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for RequestError {}
