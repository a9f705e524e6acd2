//! Errors at the start of a host.

use std::fmt;

use tillhouse_private_files::Exposure;
use tillhouse_store::StoreOpenError;

/// Why a host did not start.
#[derive(Debug)]
pub enum StartError {
    /// The store cannot be opened.
    Store(StoreOpenError),
    /// Others than the host's user could read or change what it works with: all folders and files of which that is so.
    Exposed(Vec<Exposure>),
    /// Plugins, manifests or catalogs are invalid: all errors, each with its place in the configuration.
    Invalid(Vec<String>),
    /// The machine did not provide a resource: a port, threads, memory.
    Resource(String),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => write!(f, "{error}"),
            Self::Exposed(found) => {
                let lines = found.iter().map(|it| format!("{it}; {}", it.remedy()));
                f.write_str(&lines.collect::<Vec<_>>().join("\n"))
            }
            Self::Invalid(problems) => f.write_str(&problems.join("\n")),
            Self::Resource(problem) => f.write_str(problem),
        }
    }
}

impl std::error::Error for StartError {}

impl From<StoreOpenError> for StartError {
    fn from(error: StoreOpenError) -> Self {
        Self::Store(error)
    }
}
