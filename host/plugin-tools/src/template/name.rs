//! What a plugin may be called: as a package, as a folder and as an id at once.

use std::fmt;

/// Names that cargo refuses or that would hide a crate of the language's own.
const TAKEN: [&str; 7] = ["alloc", "core", "proc-macro", "std", "test", "build", "deps"];

/// Words of the language, in use and reserved in the edition 2024, which no crate can be called.
const WORDS: [&str; 51] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod",
    "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super", "trait", "true",
    "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// What the crates begin with that a plugin of ours depends on; what is beside them in Cargo.toml is `serde_json`.
const OURS: &str = "tillhouse";
const BESIDE: &str = "serde-json";

/// A name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name(String);

/// A name that cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Not in the form of one.
    #[error(
        "`{0}` cannot be the name of a plugin: it must be 1 to 64 lower-case letters, digits and dashes, begin with a letter \
         and not end with a dash, as in acme-shop"
    )]
    Form(String),
    /// Taken by the language or its tools.
    #[error("`{0}` is a name that Rust keeps for itself; choose another, as in acme-{0}")]
    Taken(String),
    /// The name of a crate that plugins depend on.
    #[error(
        "`{0}` is, or may be, the name of a crate that the plugin depends on, and no two can have the same; choose another, as \
         in acme-shop"
    )]
    Ours(String),
}

impl Name {
    /// A name.
    ///
    /// # Errors
    /// When it cannot be one.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let is_plain = text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        let begins = text.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase());
        if !is_plain || !begins || text.ends_with('-') || text.len() > 64 {
            return Err(NameError::Form(text.to_owned()));
        }
        if TAKEN.contains(&text) || WORDS.contains(&text) {
            return Err(NameError::Taken(text.to_owned()));
        }
        if text == OURS || text == BESIDE || text.strip_prefix(OURS).is_some_and(|rest| rest.starts_with('-')) {
            return Err(NameError::Ours(text.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }

    /// As text.
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
