//! Names of plugins, which must be valid as Cargo package, folder and plugin id.

use std::fmt;

/// Names that cargo rejects, or that would shadow a standard crate.
const RESERVED: [&str; 7] = ["alloc", "core", "proc-macro", "std", "test", "build", "deps"];

/// Keywords of the edition 2024, strict and reserved, which cargo rejects as package names.
const KEYWORDS: [&str; 51] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod",
    "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super", "trait", "true",
    "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Prefix of the Tillhouse crates that plugins depend on.
const TILLHOUSE_PREFIX: &str = "tillhouse";
/// Other crate that generated plugins depend on.
const OTHER_DEPENDENCY: &str = "serde-json";

/// Valid name of a plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name(String);

/// Error: the name is not allowed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// The name has invalid characters or an invalid length.
    #[error(
        "`{0}` is not a valid plugin name: use 1 to 64 lower-case letters, digits and dashes, beginning with a letter and not \
         ending with a dash, as in acme-shop"
    )]
    InvalidForm(String),
    /// The name is reserved by Rust or cargo.
    #[error("`{0}` is reserved by Rust; choose another name, as in acme-{0}")]
    Reserved(String),
    /// The name of a crate that plugins depend on.
    #[error(
        "`{0}` is reserved for a crate that plugins depend on, and crate names must be unique; choose another name, as in \
         acme-shop"
    )]
    Dependency(String),
}

impl Name {
    /// Validates a name.
    ///
    /// # Errors
    /// If the name has an invalid form or is reserved.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let is_plain = text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        let begins = text.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase());
        if !is_plain || !begins || text.ends_with('-') || text.len() > 64 {
            return Err(NameError::InvalidForm(text.to_owned()));
        }
        if RESERVED.contains(&text) || KEYWORDS.contains(&text) {
            return Err(NameError::Reserved(text.to_owned()));
        }
        if text == TILLHOUSE_PREFIX
            || text == OTHER_DEPENDENCY
            || text
                .strip_prefix(TILLHOUSE_PREFIX)
                .is_some_and(|rest| rest.starts_with('-'))
        {
            return Err(NameError::Dependency(text.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }

    /// Returns the name as a string slice.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
