//! Diagnostics about a plugin: place, problem and fix.

use std::fmt;

use serde::Serialize;

/// Severity of a diagnostic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Error: hosts reject the plugin, or it cannot work.
    Wrong,
    /// Warning: the plugin works, but should be improved.
    Advice,
}

/// Diagnostic about a plugin, shown by `tillhouse plugin check` and `build`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Severity: an error or an advice.
    pub level: Level,
    /// File name, followed by the line if it is known: `plugin.toml:3`.
    pub place: String,
    /// Description of the problem.
    pub what: String,
    /// How to fix it. Text to add to a file is on separate lines.
    pub fix: String,
}

impl Finding {
    /// Creates a diagnostic with the severity error.
    #[must_use]
    pub fn wrong(place: impl Into<String>, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            level: Level::Wrong,
            place: place.into(),
            what: what.into(),
            fix: fix.into(),
        }
    }

    /// Creates a diagnostic that is shown as advice.
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

/// Formats a place as `FILE` or `FILE:LINE`.
pub(super) fn at(file: &str, line: Option<usize>) -> String {
    line.map_or_else(|| file.to_owned(), |line| format!("{file}:{line}"))
}
