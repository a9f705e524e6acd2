//! Validation errors of request bodies, with the path of the field.

use std::fmt;

use tillhouse_checkout::text::is_unprintable;

/// The kind of a validation error, which the protocols map to an error code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyErrorKind {
    /// Not JSON, or beyond a limit that applies to every body.
    Malformed,
    /// A required field is missing.
    Missing,
    /// A field that the schema of the release does not define.
    Unknown,
    /// A value of the wrong type, or out of range.
    Invalid,
    /// Well-formed, but not supported by this merchant or host.
    Unsupported,
    /// Data of a person where the protocol allows none.
    PersonalData,
}

/// One step of a path: an object key or an array index.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Key(String),
    Index(usize),
}

/// A validation error: its kind, message and path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BodyError {
    pub(crate) kind: BodyErrorKind,
    /// For the client: what is wrong and what is expected. Does not quote the client's own text at length.
    pub(crate) message: String,
    /// Steps of the path, from the innermost value outwards.
    steps: Vec<Step>,
}

/// Maximum length of a key in a path; longer keys are cut.
const MAX_KEY: usize = 64;

impl BodyError {
    /// An error of the current value, with an empty path.
    pub(crate) fn new(kind: BodyErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            steps: Vec::new(),
        }
    }

    /// An `Invalid` error of the current value.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(BodyErrorKind::Invalid, message)
    }

    /// A required field of the current value is missing.
    pub(crate) fn missing(field: &str) -> Self {
        Self::new(BodyErrorKind::Missing, "is required").in_field(field)
    }

    /// Well-formed, but not supported by this merchant or host.
    pub(crate) fn unsupported(message: impl Into<String>) -> Self {
        Self::new(BodyErrorKind::Unsupported, message)
    }

    /// Data of a person where the protocol allows none.
    pub(crate) fn personal_data() -> Self {
        let message = "must not have data of a person: no email address, no telephone number";
        Self::new(BodyErrorKind::PersonalData, message)
    }

    /// Prefix the path with the key of the enclosing object.
    #[must_use]
    pub(crate) fn in_field(mut self, key: &str) -> Self {
        self.steps.push(Step::Key(key.chars().take(MAX_KEY).collect()));
        self
    }

    /// Prefix the path with the keys of the enclosing objects, the outermost first: `payment_data.token`.
    #[must_use]
    pub(crate) fn in_path(self, path: &str) -> Self {
        path.rsplit('.').fold(self, Self::in_field)
    }

    /// Prefix the path with the index in the enclosing array.
    #[must_use]
    pub(crate) fn at_index(mut self, index: usize) -> Self {
        self.steps.push(Step::Index(index));
        self
    }

    /// How deep the value is inside the body: 0 for the body itself.
    pub(crate) fn depth(&self) -> usize {
        self.steps.len()
    }

    /// The path as a `JSONPath`: `$.line_items[0].quantity`. Keys that are not plain names are quoted as in a normalized path
    /// (RFC 9535 §2.7).
    pub(crate) fn path(&self) -> String {
        let mut path = String::from("$");
        for step in self.steps.iter().rev() {
            match step {
                Step::Index(index) => path.push_str(&format!("[{index}]")),
                Step::Key(key) if is_plain(key) => path.push_str(&format!(".{key}")),
                Step::Key(key) => path.push_str(&format!("['{}']", quoted(key))),
            }
        }
        path
    }
}

/// Escape a key as RFC 9535 §2.7 requires: quote, backslash and control characters. Characters that change the direction of text
/// are escaped too.
fn quoted(key: &str) -> String {
    let mut text = String::with_capacity(key.len());
    for letter in key.chars() {
        match letter {
            '\'' => text.push_str("\\'"),
            '\\' => text.push_str("\\\\"),
            '\u{8}' => text.push_str("\\b"),
            '\t' => text.push_str("\\t"),
            '\n' => text.push_str("\\n"),
            '\u{c}' => text.push_str("\\f"),
            '\r' => text.push_str("\\r"),
            _ if is_unprintable(letter) => text.push_str(&format!("\\u{:04x}", u32::from(letter))),
            _ => text.push(letter),
        }
    }
    text
}

fn is_plain(key: &str) -> bool {
    let starts_well = key
        .chars()
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == '_');
    starts_well
        && key
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path(), self.message)
    }
}

impl std::error::Error for BodyError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_quoted_as_in_a_normalized_path() {
        for (key, path) in [
            ("line_items", "$.line_items"),
            ("gift-wrap", "$['gift-wrap']"),
            ("1st", "$['1st']"),
            ("it's", r"$['it\'s']"),
            (r"a\b", r"$['a\\b']"),
            ("a\u{8}\t\n\u{c}\r", r"$['a\b\t\n\f\r']"),
            ("\u{b}\0", r"$['\u000b\u0000']"),
            ("\u{7f}\u{9b}\u{202e}", r"$['\u007f\u009b\u202e']"),
            ("gr\u{fc}n \"x\"", "$['gr\u{fc}n \"x\"']"),
        ] {
            assert_eq!(BodyError::invalid("no").in_field(key).path(), path);
        }
    }
}
