//! Errors of a manifest.

/// One error of a manifest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// The text is not valid TOML.
    #[error("plugin.toml:{line}: {reason}")]
    Form {
        /// Line number, counted from 1.
        line: usize,
        /// Message of the TOML parser.
        reason: String,
    },
    /// A value is missing or not valid.
    #[error("plugin.toml:{line}: {key}: {reason}")]
    Value {
        /// Line number, counted from 1.
        line: usize,
        /// Path of the key, e.g. `plugin.version`.
        key: String,
        /// What is wrong and how to fix it.
        reason: String,
    },
    /// A key that manifests do not have.
    #[error("plugin.toml:{line}: unknown key `{key}`; expected one of: {known}")]
    Unknown {
        /// Line number, counted from 1.
        line: usize,
        /// Path of the key, e.g. `plugin.name`.
        key: String,
        /// Keys that are allowed in this table, separated by `, `.
        known: String,
    },
}

impl ManifestError {
    /// Line number of the error, counted from 1.
    #[must_use]
    pub const fn line(&self) -> usize {
        match self {
            Self::Form { line, .. } | Self::Value { line, .. } | Self::Unknown { line, .. } => *line,
        }
    }
}
