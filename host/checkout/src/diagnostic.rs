//! Diagnostics: what is wrong in a file, a plugin or on a machine, where, and how to fix it.
//!
//! Configuration, manifests, plugins and the checks of `tillhouse doctor` report their problems as this type, so that all of
//! them are shown alike. JSON documents have members of their own, which are mapped where they are printed.

use std::fmt;
use std::num::NonZeroUsize;

/// Severity of a diagnostic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DiagnosticSeverity {
    /// Works, but should be improved; shown as `advice`.
    Warning,
    /// Is rejected, or cannot work.
    Error,
}

/// Where a problem is. Every part is optional; the whole place is shown as `SOURCE:LINE: KEY`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DiagnosticPlace {
    source: Option<Box<str>>,
    line: Option<NonZeroUsize>,
    key: Option<Box<str>>,
}

impl DiagnosticPlace {
    /// A file, or else a plugin's id or a function of the contract.
    #[must_use]
    pub fn of(source: impl Into<String>) -> Self {
        Self::default().with_source(Some(source))
    }

    /// A key of a text without a name.
    #[must_use]
    pub fn of_key(key: impl Into<String>) -> Self {
        Self::default().with_key(key)
    }

    /// The same place with another source, or none.
    #[must_use]
    pub fn with_source(self, source: Option<impl Into<String>>) -> Self {
        let source = source.map(|source| source.into().into_boxed_str());
        Self { source, ..self }
    }

    /// The same place with a line, counted from 1; `None` or 0 if the line is not known.
    #[must_use]
    pub fn with_line(self, line: Option<usize>) -> Self {
        let line = line.and_then(NonZeroUsize::new);
        Self { line, ..self }
    }

    /// The same place with a key, such as `merchants.acme.acp.keys[0].sha256`. An empty key is none.
    #[must_use]
    pub fn with_key(self, key: impl Into<String>) -> Self {
        let key = Some(key.into().into_boxed_str()).filter(|key| !key.is_empty());
        Self { key, ..self }
    }

    /// File name, plugin id, or function of the contract; `None` for a text without a name.
    #[must_use]
    pub fn source(&self) -> Option<&str> {
        self.source.as_deref()
    }

    /// Line number, counted from 1.
    #[must_use]
    pub fn line(&self) -> Option<usize> {
        self.line.map(NonZeroUsize::get)
    }

    /// Path of the key; `None` if the problem is not about a single key.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// The place without its key: `plugin.toml:3`, `plugin.toml`, or `line 3`; empty if neither is known.
    #[must_use]
    pub fn location(&self) -> String {
        match (&self.source, self.line) {
            (Some(source), Some(line)) => format!("{source}:{line}"),
            (Some(source), None) => source.to_string(),
            (None, Some(line)) => format!("line {line}"),
            (None, None) => String::new(),
        }
    }
}

impl From<String> for DiagnosticPlace {
    fn from(source: String) -> Self {
        Self::of(source)
    }
}

impl From<&str> for DiagnosticPlace {
    fn from(source: &str) -> Self {
        Self::of(source)
    }
}

impl fmt::Display for DiagnosticPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let location = self.location();
        f.write_str(&location)?;
        match &self.key {
            Some(key) if location.is_empty() => f.write_str(key),
            Some(key) => write!(f, ": {key}"),
            None => Ok(()),
        }
    }
}

/// One problem: what, where, and how to fix it. Contains no value of a secret.
///
/// Shown as `PLACE: MESSAGE; HELP` on one line. The alternate form (`{:#}`) has each line of the help on an indented line of its
/// own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Whether it is an error or a warning.
    pub severity: DiagnosticSeverity,
    /// What kind of problem it is, for programs: `unknown_key`, the name of a check, the id of a rule.
    pub code: &'static str,
    /// Where in the file, plugin or configuration it is.
    pub place: DiagnosticPlace,
    /// What is wrong; if the place has a key, as the rest of a sentence that begins with the key.
    pub message: String,
    /// How to fix it. Text to add to a file is on separate lines. `None` if the message says it.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error without help.
    #[must_use]
    pub fn error(code: &'static str, place: impl Into<DiagnosticPlace>, message: impl Into<String>) -> Self {
        Self {
            severity: DiagnosticSeverity::Error,
            code,
            place: place.into(),
            message: message.into(),
            help: None,
        }
    }

    /// A warning without help.
    #[must_use]
    pub fn warning(code: &'static str, place: impl Into<DiagnosticPlace>, message: impl Into<String>) -> Self {
        Self {
            severity: DiagnosticSeverity::Warning,
            ..Self::error(code, place, message)
        }
    }

    /// The same diagnostic with help; an empty text is none.
    #[must_use]
    pub fn with_help(self, help: impl Into<String>) -> Self {
        let help = Some(help.into()).filter(|help| !help.is_empty());
        Self { help, ..self }
    }

    /// Place and message: the diagnostic without severity and help, for output that shows those apart.
    #[must_use]
    pub fn summary(&self) -> String {
        if self.place == DiagnosticPlace::default() {
            self.message.clone()
        } else {
            format!("{}: {}", self.place, self.message)
        }
    }

    /// The message with the key in front of it, for output that shows the rest of the place apart.
    #[must_use]
    pub fn message_of_key(&self) -> String {
        match self.place.key() {
            Some(key) => format!("{key}: {}", self.message),
            None => self.message.clone(),
        }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.place != DiagnosticPlace::default() {
            write!(f, "{}: ", self.place)?;
        }
        if self.severity == DiagnosticSeverity::Warning {
            f.write_str("advice: ")?;
        }
        f.write_str(&self.message)?;
        match &self.help {
            Some(help) if f.alternate() => help.lines().try_for_each(|line| write!(f, "\n    {line}")),
            Some(help) => write!(f, "; {help}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Diagnostic {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_shown_by_the_parts_that_are_known() {
        let nowhere = DiagnosticPlace::default();
        for (place, shown) in [
            (nowhere.clone(), ""),
            (nowhere.clone().with_line(Some(3)), "line 3"),
            (DiagnosticPlace::of_key("server.listen"), "server.listen"),
            (
                DiagnosticPlace::of_key("server.listen").with_line(Some(3)),
                "line 3: server.listen",
            ),
            (DiagnosticPlace::of("plugin.toml"), "plugin.toml"),
            (DiagnosticPlace::of("plugin.toml").with_line(Some(0)), "plugin.toml"),
            (DiagnosticPlace::of("plugin.toml").with_line(Some(7)), "plugin.toml:7"),
            (
                DiagnosticPlace::of("plugin.toml")
                    .with_line(Some(7))
                    .with_key("plugin.id"),
                "plugin.toml:7: plugin.id",
            ),
            (DiagnosticPlace::of("acme-tax").with_key("zones"), "acme-tax: zones"),
        ] {
            assert_eq!(place.to_string(), shown);
        }
    }

    #[test]
    fn a_diagnostic_is_one_line_or_has_its_help_on_lines_of_its_own() {
        let place = DiagnosticPlace::of("plugin.toml")
            .with_line(Some(2))
            .with_key("plugin.api");
        let missing = Diagnostic::error("missing", place, "is missing");
        assert_eq!(missing.to_string(), "plugin.toml:2: plugin.api: is missing");
        assert_eq!(missing.message_of_key(), "plugin.api: is missing");
        let helped = missing.with_help("add:\napi = \"1\"");
        assert_eq!(
            format!("{helped:#}"),
            "plugin.toml:2: plugin.api: is missing\n    add:\n    api = \"1\""
        );
        let advice = Diagnostic::warning("size", "shop.wasm", "the component is large").with_help("strip it");
        assert_eq!(
            advice.to_string(),
            "shop.wasm: advice: the component is large; strip it"
        );
        let nowhere = Diagnostic::error("clock", DiagnosticPlace::default(), "the clock is wrong").with_help("");
        assert_eq!(
            (nowhere.to_string().as_str(), nowhere.help),
            ("the clock is wrong", None)
        );
    }
}
