//! Errors in a configuration.

use std::fmt;
use std::path::Path;

use tillhouse_runtime::line_at;

/// One error in the configuration. Contains no value of a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The key, such as `merchants.acme.acp.keys[0].sha256`, or a line of the file.
    pub path: String,
    /// Its location, if the key is in the file: `tillhouse.toml:12`, or `line 12` of a text without a name.
    pub place: Option<String>,
    /// What is wrong, as a predicate of the key: `is missing`.
    pub problem: String,
    /// How to fix it, as an imperative.
    pub remedy: String,
}

impl Problem {
    pub(super) fn new(path: impl fmt::Display, problem: impl fmt::Display, remedy: impl fmt::Display) -> Self {
        Self {
            path: path.to_string(),
            place: None,
            problem: problem.to_string(),
            remedy: remedy.to_string(),
        }
    }
}

impl Problem {
    /// Adds the line of its key in a text, which may be that of a file.
    pub(super) fn placed(mut self, text: &str, file: Option<&Path>) -> Self {
        let line = line_at(text, &self.path);
        self.place = line.map(|line| match file {
            Some(file) => format!("{}:{line}", file.display()),
            None => format!("line {line}"),
        });
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        write!(f, "{}: {}; {}", self.path, self.problem, self.remedy)
    }
}

/// All errors, in the order of the file's sections. Never empty.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ConfigErrors(Vec<Problem>);

impl ConfigErrors {
    pub(super) const fn new(problems: Vec<Problem>) -> Self {
        Self(problems)
    }

    /// The errors one by one, never empty.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.0
    }
}

impl From<Problem> for ConfigErrors {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

impl fmt::Display for ConfigErrors {
    /// One line for each error.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the configuration is invalid:")?;
        self.0.iter().try_for_each(|problem| write!(f, "\n  {problem}"))
    }
}

/// A text that is not TOML. The parser's message quotes the line, which may hold a secret; so only its position is reported.
pub(super) fn syntax(text: &str, error: &toml::de::Error) -> Problem {
    let offset = error.span().map_or(0, |span| span.start);
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
    Problem::new(
        format_args!("line {line}, column {column}"),
        "is not valid TOML",
        "see https://toml.io; strings are quoted, and each table and key is given once",
    )
}
