//! A value of a document, with its key and line.

use toml::de::{DeTable, DeValue};

use super::code;
use super::section::{Reader, Section};
use tillhouse_checkout::diagnostic::{Diagnostic, DiagnosticPlace};

/// A value of a document. The getters that return `None` for a value of another type record it as an error.
#[derive(Clone, Debug)]
pub struct Value<'a> {
    reader: &'a Reader<'a>,
    path: String,
    /// Byte offset of its key, or of the value itself in an array.
    at: usize,
    value: &'a DeValue<'a>,
}

impl<'a> Value<'a> {
    pub(super) const fn new(reader: &'a Reader<'a>, path: String, at: usize, value: &'a DeValue<'a>) -> Self {
        Self {
            reader,
            path,
            at,
            value,
        }
    }

    /// File, line and key of the value.
    #[must_use]
    pub fn place(&self) -> DiagnosticPlace {
        self.reader.place(Some(self.at), &self.path)
    }

    /// Record an error of the value.
    pub fn error(&self, message: impl Into<String>, help: impl Into<String>) {
        self.reader.error(self.place(), message, help);
    }

    /// Record that the value has the wrong type. The value itself is not shown: it may be a secret in the wrong place.
    pub fn type_error(&self, help: impl Into<String>) {
        let message = format!("is {}", self.kind());
        let error = Diagnostic::error(code::WRONG_TYPE, self.place(), message);
        self.reader.add(error.with_help(help));
    }

    const fn kind(&self) -> &'static str {
        match self.value {
            DeValue::String(_) => "a string",
            DeValue::Integer(_) => "a whole number",
            DeValue::Float(_) => "a number with a fraction",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "an array",
            DeValue::Table(_) => "a table",
        }
    }

    /// The text of a string; `None` for another type, which is not recorded.
    #[must_use]
    pub fn as_str(&self) -> Option<&'a str> {
        self.value.as_str()
    }

    /// A Boolean value; `None` for another type, which is not recorded.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        self.value.as_bool()
    }

    /// A whole number from 0; `None` for another value, which is not recorded.
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        let integer = self.value.as_integer()?;
        u64::from_str_radix(integer.as_str(), integer.radix()).ok()
    }

    /// Whether the value is a table.
    #[must_use]
    pub fn is_table(&self) -> bool {
        self.value.is_table()
    }

    /// Name and text of the only entry of a table; `None` for another value, which is not recorded.
    #[must_use]
    pub fn as_only_entry(&self) -> Option<(&'a str, &'a str)> {
        let mut entries = self.value.as_table()?.iter();
        match (entries.next(), entries.next()) {
            (Some((name, value)), None) => Some((name.get_ref().as_ref(), value.get_ref().as_str()?)),
            _ => None,
        }
    }

    /// The text of a string.
    #[must_use]
    pub fn text(&self) -> Option<&'a str> {
        self.expected(self.as_str(), "it must be a string in quotes")
    }

    /// A Boolean value; another type is recorded as an error.
    #[must_use]
    pub fn flag(&self) -> Option<bool> {
        self.expected(self.as_bool(), "it must be true or false")
    }

    /// A whole number from 0, or why the value is none.
    pub(super) fn number(&self) -> Result<u64, String> {
        self.as_u64().ok_or_else(|| match self.value {
            DeValue::Integer(number) => format!("is {number}"),
            _ => format!("is {}", self.kind()),
        })
    }

    /// A table, to be read key by key.
    #[must_use]
    pub fn section(self) -> Option<Section<'a>> {
        // In an array the header of a table cannot be written with its path.
        let help = if self.path.contains('[') {
            "it must be a table".to_owned()
        } else {
            format!("it must be a table: [{}]", self.path)
        };
        let table: Option<&'a DeTable<'a>> = self.expected(self.value.as_table(), help);
        table.map(|table| Section::new(self.reader, self.path, Some(self.at), Some(table)))
    }

    /// The values of an array. Their keys are `key[0]`, `key[1]` …
    #[must_use]
    pub fn list(self) -> Vec<Self> {
        let list = self.expected(self.value.as_array(), "it must be an array");
        let item = |(index, value): (usize, &'a toml::Spanned<DeValue<'a>>)| {
            let path = format!("{}[{index}]", self.path);
            Self::new(self.reader, path, value.span().start, value.get_ref())
        };
        list.into_iter().flatten().enumerate().map(item).collect()
    }

    fn expected<T>(&self, found: Option<T>, help: impl Into<String>) -> Option<T> {
        if found.is_none() {
            self.type_error(help);
        }
        found
    }
}
