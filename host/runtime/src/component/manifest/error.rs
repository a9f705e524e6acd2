//! What is wrong with a manifest.

/// What is wrong with a manifest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// Not TOML.
    #[error("plugin.toml:{line}: {reason}")]
    Form {
        /// The line.
        line: usize,
        /// What the parser says.
        reason: String,
    },
    /// A value that is missing or cannot be.
    #[error("plugin.toml:{line}: {key}: {reason}")]
    Value {
        /// The line.
        line: usize,
        /// Where.
        key: String,
        /// What is wrong and what would be right.
        reason: String,
    },
    /// A key that means nothing.
    #[error("plugin.toml:{line}: {key} is no key of a manifest; the keys here are: {known}")]
    Unknown {
        /// The line.
        line: usize,
        /// The key.
        key: String,
        /// Those that there are.
        known: String,
    },
}

impl ManifestError {
    /// The line that it is about, counted from 1.
    #[must_use]
    pub const fn line(&self) -> usize {
        match self {
            Self::Form { line, .. } | Self::Value { line, .. } | Self::Unknown { line, .. } => *line,
        }
    }
}
