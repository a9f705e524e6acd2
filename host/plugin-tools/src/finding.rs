//! Something that is wrong with a plugin: where, what, and the way out.

use std::fmt;

use serde::Serialize;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// No host takes the plugin, or it cannot do what it is for.
    Wrong,
    /// It works, and would be better otherwise.
    Advice,
}

/// A finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub level: Level,
    /// Where: a file, with the line where it is known.
    pub place: String,
    /// What is wrong.
    pub what: String,
    /// What to do about it; lines to add to a file stand on lines of their own.
    pub fix: String,
}

impl Finding {
    /// Something wrong.
    #[must_use]
    pub fn wrong(place: impl Into<String>, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            level: Level::Wrong,
            place: place.into(),
            what: what.into(),
            fix: fix.into(),
        }
    }

    /// Something that would be better otherwise.
    #[must_use]
    pub fn advice(place: impl Into<String>, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            level: Level::Advice,
            ..Self::wrong(place, what, fix)
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.level {
            Level::Wrong => "",
            Level::Advice => "advice: ",
        };
        write!(f, "{}: {level}{}", self.place, self.what)?;
        self.fix.lines().try_for_each(|line| write!(f, "\n    {line}"))
    }
}

/// A place in a file.
pub(super) fn at(file: &str, line: Option<usize>) -> String {
    line.map_or_else(|| file.to_owned(), |line| format!("{file}:{line}"))
}
