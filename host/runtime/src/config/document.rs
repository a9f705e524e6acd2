//! A TOML text that knows the line of every key.

use std::fmt;

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::code;
use tillhouse_checkout::diagnostic::{Diagnostic, DiagnosticPlace};

/// A text that is not valid TOML.
///
/// The message is that of the parser, which does not quote the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// Line number, counted from 1.
    pub line: usize,
    /// Column in characters, counted from 1.
    pub column: usize,
    /// What the parser expected.
    pub message: String,
}

impl SyntaxError {
    fn new(text: &str, error: &toml::de::Error) -> Self {
        let at = error.span().map_or(0, |span| span.start);
        let before = text.get(..at).unwrap_or(text);
        let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
        Self {
            line: line(text, at),
            column,
            message: error.message().to_owned(),
        }
    }

    /// The error as a diagnostic of a file, or of a text without a name.
    #[must_use]
    pub fn diagnostic(&self, file: Option<&str>) -> Diagnostic {
        let place = DiagnosticPlace::default().with_source(file).with_line(Some(self.line));
        Diagnostic::error(code::SYNTAX, place, self.message.as_str()).with_help("fix the TOML syntax")
    }
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for SyntaxError {}

/// A parsed TOML text, which may be that of a file.
#[derive(Clone, Debug)]
pub struct Document<'t> {
    text: &'t str,
    file: Option<String>,
    root: Spanned<DeTable<'t>>,
}

impl<'t> Document<'t> {
    /// Parse a text. Errors of its keys will name the file, if it is that of a file.
    ///
    /// # Errors
    /// The first syntax error.
    pub fn parse(text: &'t str, file: Option<&str>) -> Result<Self, SyntaxError> {
        let root = DeTable::parse(text).map_err(|error| SyntaxError::new(text, &error))?;
        let file = file.map(str::to_owned);
        Ok(Self { text, file, root })
    }

    /// The whole text as a plain table, without lines.
    ///
    /// # Errors
    /// The first number that is too large for TOML.
    pub fn table(&self) -> Result<toml::Table, SyntaxError> {
        let deserializer = toml::Deserializer::from(self.root.clone());
        toml::Table::deserialize(deserializer).map_err(|error| SyntaxError::new(self.text, &error))
    }

    /// File and line of a key; the caller names the key itself. The path is e.g. `["steps", "1", "price"]`.
    ///
    /// An array of tables is passed through by an index, or else by its first table. If the key does not exist, returns the line
    /// of its closest existing parent; without a line if there is none.
    #[must_use]
    pub fn place(&self, path: &[&str]) -> DiagnosticPlace {
        let mut table = self.root.get_ref();
        let mut found = None;
        let mut keys = path.iter().peekable();
        while let Some(key) = keys.next() {
            let Some((name, value)) = table.get_key_value(*key) else {
                break;
            };
            found = Some(name.span().start);
            let mut value = value;
            while let DeValue::Array(list) = value.get_ref() {
                let index = keys.peek().and_then(|key| key.parse::<usize>().ok());
                let Some(item) = list.get(index.unwrap_or(0)) else {
                    break;
                };
                if index.is_some() {
                    keys.next();
                    found = Some(item.span().start);
                }
                value = item;
            }
            let Some(inner) = value.get_ref().as_table() else {
                break;
            };
            table = inner;
        }
        self.at(found)
    }

    /// File and line of a byte offset; without a line for `None`.
    pub(super) fn at(&self, offset: Option<usize>) -> DiagnosticPlace {
        let line = offset.map(|at| line(self.text, at));
        DiagnosticPlace::default()
            .with_source(self.file.as_deref())
            .with_line(line)
    }

    pub(super) fn root(&self) -> &DeTable<'t> {
        self.root.get_ref()
    }
}

/// Line number, counted from 1, of a byte offset in a text.
fn line(text: &str, at: usize) -> usize {
    text.get(..at).map_or(1, |before| before.matches('\n').count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
a = 1
[b]
c = { d = 2 }
\"e.f\" = [1, 2]
[[g.h]]
i = 1
[[g.h]]
i = [
  3,
  4.0,
]
";

    fn line_of(path: &[&str]) -> Option<usize> {
        Document::parse(TEXT, None).unwrap().place(path).line()
    }

    #[test]
    fn a_key_is_found_by_its_path() {
        for (path, line) in [
            (&["a"][..], 1),
            (&["b"], 2),
            (&["b", "c", "d"], 3),
            (&["b", "e.f"], 4),
            (&["g", "h", "i"], 6),
            (&["g", "h", "0", "i"], 6),
            (&["g", "h", "1", "i"], 8),
            (&["g", "h", "1", "i", "1"], 10),
        ] {
            assert_eq!(line_of(path), Some(line), "{path:?}");
        }
    }

    #[test]
    fn a_key_that_does_not_exist_is_at_its_closest_parent() {
        for (path, line) in [
            (&["b", "x"][..], Some(2)),
            (&["b", "c", "x"], Some(3)),
            (&["g", "h", "1", "x"], Some(7)),
            (&["g", "h", "7", "x"], Some(5)),
            (&["x"], None),
            (&[], None),
        ] {
            assert_eq!(line_of(path), line, "{path:?}");
        }
    }

    #[test]
    fn a_syntax_error_has_its_place_and_does_not_quote_the_text() {
        let error = Document::parse("[a]\nsecret = hunter2-canary\n", None).unwrap_err();
        assert_eq!((error.line, error.column), (2, 10));
        assert!(!error.to_string().contains("hunter2"), "{error}");
        let shown = error.diagnostic(Some("shop.toml")).to_string();
        assert!(
            shown.starts_with("shop.toml:2: ") && shown.ends_with("; fix the TOML syntax"),
            "{shown}"
        );
    }

    #[test]
    fn a_number_that_is_too_large_for_toml_is_refused_in_a_plain_table() {
        let document = Document::parse("a = 1\nb = 99999999999999999999", None).unwrap();
        assert_eq!(document.table().unwrap_err().line, 2);
        let document = Document::parse("a = 1", None).unwrap();
        assert_eq!(document.table().unwrap()["a"].as_integer(), Some(1));
    }
}
