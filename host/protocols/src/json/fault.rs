//! What is wrong with a body, and where.

use std::fmt;

/// The kind of a fault; each protocol has a code for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FaultKind {
    /// Not JSON, or over a limit that holds for every body.
    Malformed,
    /// A required field is not there.
    Missing,
    /// A field that the release does not know.
    Unknown,
    /// A value of the wrong type, or out of range.
    Invalid,
    /// Well-formed, and not offered here.
    Unsupported,
}

/// A step from a value to one inside it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Key(String),
    Index(usize),
}

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// What kind.
    pub(crate) kind: FaultKind,
    /// For the caller: what is wrong and what would be right. Never repeats the caller's own text at length.
    pub(crate) message: String,
    /// From the innermost outwards.
    steps: Vec<Step>,
}

/// Longest key that a path repeats.
const MAX_KEY: usize = 64;

impl Fault {
    /// A fault right here.
    pub(crate) fn new(kind: FaultKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            steps: Vec::new(),
        }
    }

    /// A fault of a value.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(FaultKind::Invalid, message)
    }

    /// The same fault, seen from the object that holds the value.
    #[must_use]
    pub(crate) fn under(mut self, key: &str) -> Self {
        self.steps.push(Step::Key(key.chars().take(MAX_KEY).collect()));
        self
    }

    /// The same fault, seen from the array that holds the value.
    #[must_use]
    pub(crate) fn at(mut self, index: usize) -> Self {
        self.steps.push(Step::Index(index));
        self
    }

    /// Where, as a `JSONPath`: `$.line_items[0].quantity`. Keys that are no plain names are quoted as in a normalized path
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

/// The escapes of RFC 9535 §2.7: quote, backslash and control characters; everything else stands for itself.
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
            '\0'..='\u{1f}' => text.push_str(&format!("\\u{:04x}", u32::from(letter))),
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

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path(), self.message)
    }
}

impl std::error::Error for Fault {}

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
            ("gr\u{fc}n \"x\"", "$['gr\u{fc}n \"x\"']"),
        ] {
            assert_eq!(Fault::invalid("no").under(key).path(), path);
        }
    }
}
