//! Reading TOML: the configuration of a host, manifests, and the configuration of plugins.
//!
//! A [`Document`] is read through a [`Reader`], table by table ([`Section`]). All errors are collected, each with its key and line.

mod document;
mod flatten;
mod section;
mod value;

pub use document::{Document, SyntaxError};
pub use flatten::flatten;
pub use section::{Reader, Section, Variables};
pub use value::Value;

/// Codes of the diagnostics.
pub mod code {
    /// The text is not valid TOML.
    pub const SYNTAX: &str = "toml_syntax";
    /// A required key is absent.
    pub const MISSING: &str = "missing";
    /// A key that the table does not have.
    pub const UNKNOWN_KEY: &str = "unknown_key";
    /// A value of another type than its key has.
    pub const WRONG_TYPE: &str = "wrong_type";
    /// A value that is not allowed for its key.
    pub const INVALID: &str = "invalid_value";
}
