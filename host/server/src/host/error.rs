//! Errors at the start of a host.

use std::fmt;

use tillhouse_store::OpenError;

/// Why a host did not start.
#[derive(Debug)]
pub enum StartError {
    /// The store cannot be opened.
    Store(OpenError),
    /// Plugins, manifests or catalogs are invalid: all errors, each with its place in the configuration.
    Wrong(Vec<String>),
    /// The machine did not provide a resource: a port, threads, memory.
    Machine(String),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => write!(f, "{error}"),
            Self::Wrong(problems) => f.write_str(&problems.join("\n")),
            Self::Machine(problem) => f.write_str(problem),
        }
    }
}

impl std::error::Error for StartError {}

impl From<OpenError> for StartError {
    fn from(error: OpenError) -> Self {
        Self::Store(error)
    }
}
