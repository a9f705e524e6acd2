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

    /// Where, as a `JSONPath` (RFC 9535): `$.line_items[0].quantity`.
    pub(crate) fn path(&self) -> String {
        let mut path = String::from("$");
        for step in self.steps.iter().rev() {
            match step {
                Step::Index(index) => path.push_str(&format!("[{index}]")),
                Step::Key(key) if is_plain(key) => path.push_str(&format!(".{key}")),
                Step::Key(key) => {
                    let quoted = key.replace('\\', "\\\\").replace('\'', "\\'");
                    path.push_str(&format!("['{}']", quoted.escape_debug()));
                }
            }
        }
        path
    }
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
