//! Reading a document table by table and key by key. Errors are collected, and reading continues.

use std::cell::RefCell;
use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

use toml::de::DeTable;
use url::Url;

use super::code;
use super::document::Document;
use super::value::Value;
use tillhouse_checkout::diagnostic::{Diagnostic, DiagnosticPlace};

/// Name and value of the environment variable that overrides a scalar, by the path of its key; `None` if it is not set.
pub type Variables<'a> = dyn Fn(&str) -> Option<(String, String)> + 'a;

/// Reads a document and collects the errors of all its sections.
pub struct Reader<'a> {
    document: &'a Document<'a>,
    variables: Option<&'a Variables<'a>>,
    errors: RefCell<Vec<Diagnostic>>,
}

impl<'a> Reader<'a> {
    /// A reader of the document alone.
    #[must_use]
    pub const fn new(document: &'a Document<'a>) -> Self {
        Self {
            document,
            variables: None,
            errors: RefCell::new(Vec::new()),
        }
    }

    /// A reader of the document whose scalars can be overridden by environment variables.
    #[must_use]
    pub fn with_variables(document: &'a Document<'a>, variables: &'a Variables<'a>) -> Self {
        Self {
            variables: Some(variables),
            ..Self::new(document)
        }
    }

    /// The table of the whole document. It has no line.
    #[must_use]
    pub fn root(&self) -> Section<'_> {
        Section::new(self, String::new(), None, Some(self.document.root()))
    }

    /// Record an error, and continue reading.
    pub fn add(&self, error: Diagnostic) {
        self.errors.borrow_mut().push(error);
    }

    /// Record an invalid value at a place.
    pub fn error(&self, place: DiagnosticPlace, message: impl Into<String>, help: impl Into<String>) {
        self.add(Diagnostic::error(code::INVALID, place, message).with_help(help));
    }

    /// Number of errors so far.
    #[must_use]
    pub fn count(&self) -> usize {
        self.errors.borrow().len()
    }

    /// The errors after the first `count`.
    #[must_use]
    pub fn since(&self, count: usize) -> Vec<Diagnostic> {
        self.errors.borrow().iter().skip(count).cloned().collect()
    }

    /// All errors, in the order in which they were found.
    #[must_use]
    pub fn into_errors(self) -> Vec<Diagnostic> {
        self.errors.into_inner()
    }

    pub(super) fn place(&self, at: Option<usize>, path: &str) -> DiagnosticPlace {
        self.document.at(at).with_key(path)
    }

    fn variable(&self, path: &str) -> Option<(String, String)> {
        self.variables.and_then(|variables| variables(path))
    }
}

impl fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader")
            .field("errors", &self.errors)
            .finish_non_exhaustive()
    }
}

/// A table, or an absent one. [`Section::finish`] reports the keys that no getter has asked for.
///
/// Getters return `None` both for an absent and for an invalid value: an invalid one was recorded as an error, so the document
/// is rejected in the end, and a default in its place does no harm.
#[derive(Debug)]
pub struct Section<'a> {
    reader: &'a Reader<'a>,
    path: String,
    /// Byte offset of its key; that of its closest parent if it is absent.
    at: Option<usize>,
    table: Option<&'a DeTable<'a>>,
    known: Vec<&'static str>,
}

impl<'a> Section<'a> {
    pub(super) const fn new(
        reader: &'a Reader<'a>,
        path: String,
        at: Option<usize>,
        table: Option<&'a DeTable<'a>>,
    ) -> Self {
        Self {
            reader,
            path,
            at,
            table,
            known: Vec::new(),
        }
    }

    /// The reader, which collects the errors.
    #[must_use]
    pub const fn reader(&self) -> &'a Reader<'a> {
        self.reader
    }

    /// Whether the table is absent or has no keys.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.table.is_none_or(|table| table.is_empty())
    }

    pub(super) const fn table(&self) -> Option<&'a DeTable<'a>> {
        self.table
    }

    /// The full path of a key of this section.
    #[must_use]
    pub fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    /// Place of a key; if it is absent, with the line of the section.
    #[must_use]
    pub fn place_of(&self, key: &str) -> DiagnosticPlace {
        let found = self.table.and_then(|table| table.get_key_value(key));
        let at = found.map(|(name, _)| name.span().start).or(self.at);
        self.reader.place(at, &self.path_of(key))
    }

    /// Record an error of the section itself.
    pub fn section_error(&self, message: impl Into<String>, help: impl Into<String>) {
        self.reader.error(self.reader.place(self.at, &self.path), message, help);
    }

    /// Record an error of a key.
    pub fn error(&self, key: &str, message: impl Into<String>, help: impl Into<String>) {
        self.reader.error(self.place_of(key), message, help);
    }

    /// Record that a key is missing.
    pub fn missing(&self, key: &str, help: impl Into<String>) {
        let error = Diagnostic::error(code::MISSING, self.place_of(key), "is missing");
        self.reader.add(error.with_help(help));
    }

    /// The value of a key, of any type.
    pub fn value(&mut self, key: &'static str) -> Option<Value<'a>> {
        self.known.push(key);
        let (name, value) = self.table?.get_key_value(key)?;
        let path = self.path_of(key);
        Some(Value::new(self.reader, path, name.span().start, value.get_ref()))
    }

    /// Whether a key has a value, in the document or in the environment.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.table.is_some_and(|table| table.contains_key(key)) || self.variable(key).is_some()
    }

    /// Whether the value of a key is an array.
    #[must_use]
    pub fn is_list(&self, key: &str) -> bool {
        let value = self.table.and_then(|table| table.get(key));
        value.is_some_and(|value| value.get_ref().is_array())
    }

    /// Name and value of the environment variable that overrides a key; `None` if it is not set.
    #[must_use]
    pub fn variable(&self, key: &str) -> Option<(String, String)> {
        self.reader.variable(&self.path_of(key))
    }

    /// A subsection; an empty one if the key is absent.
    pub fn section(&mut self, key: &'static str) -> Self {
        let absent = Self::new(self.reader, self.path_of(key), self.at, None);
        self.optional_section(key).unwrap_or(absent)
    }

    /// A subsection; `None` if the key is absent.
    pub fn optional_section(&mut self, key: &'static str) -> Option<Self> {
        self.value(key)?.section()
    }

    /// Subsections from an array of tables: `key[0]`, `key[1]` …
    pub fn sections(&mut self, key: &'static str) -> Vec<Self> {
        self.list(key).into_iter().filter_map(Value::section).collect()
    }

    /// Every value, by name. The section then has no unknown keys.
    #[must_use]
    pub fn entries(self) -> Vec<(&'a str, Value<'a>)> {
        let entries = self.table.into_iter().flatten().map(|(name, value)| {
            let key: &str = name.get_ref();
            let path = self.path_of(key);
            (key, Value::new(self.reader, path, name.span().start, value.get_ref()))
        });
        entries.collect()
    }

    /// Every subsection, by name. The section then has no unknown keys.
    #[must_use]
    pub fn children(self) -> Vec<(&'a str, Self)> {
        let child = |(name, value): (&'a str, Value<'a>)| Some((name, value.section()?));
        self.entries().into_iter().filter_map(child).collect()
    }

    /// The values of an array; none if the key is absent.
    pub fn list(&mut self, key: &'static str) -> Vec<Value<'a>> {
        self.value(key).map(Value::list).unwrap_or_default()
    }

    /// An array of strings; none if the key is absent.
    pub fn texts(&mut self, key: &'static str) -> Vec<String> {
        let texts = self.list(key).into_iter();
        texts.filter_map(|value| value.text().map(str::to_owned)).collect()
    }

    /// A string; the value of the environment variable takes precedence.
    pub fn text(&mut self, key: &'static str) -> Option<String> {
        let value = self.value(key);
        if let Some((_, text)) = self.variable(key) {
            return Some(text);
        }
        value?.text().map(str::to_owned)
    }

    /// A string; a missing key is an error.
    pub fn required(&mut self, key: &'static str, help: impl Into<String>) -> Option<String> {
        if !self.has(key) {
            self.missing(key, help);
        }
        self.text(key)
    }

    /// A Boolean value; in the environment `true` or `false`.
    pub fn flag(&mut self, key: &'static str) -> Option<bool> {
        let value = self.value(key);
        if let Some((name, text)) = self.variable(key) {
            let flag = text.parse().ok();
            if flag.is_none() {
                self.error(key, format!("{name} is not true or false"), "set it to true or false");
            }
            return flag;
        }
        value?.flag()
    }

    /// A whole number within bounds.
    pub fn number<T: TryFrom<u64>>(&mut self, key: &'static str, range: RangeInclusive<u64>) -> Option<T> {
        let value = self.value(key);
        let number = match self.variable(key) {
            Some((name, text)) => text.parse().map_err(|_| format!("{name} is not a number")),
            None => value?.number(),
        };
        let number = number.and_then(|number| {
            let within = Some(number).filter(|number| range.contains(number));
            let converted = within.and_then(|number| T::try_from(number).ok());
            converted.ok_or_else(|| format!("is {number}"))
        });
        let bounds = format!("it must be a whole number from {} to {}", range.start(), range.end());
        number.map_err(|message| self.error(key, message, bounds)).ok()
    }

    /// A duration in milliseconds.
    pub fn millis(&mut self, key: &'static str, range: RangeInclusive<u64>) -> Option<Duration> {
        self.number(key, range).map(Duration::from_millis)
    }

    /// An absolute `http` or `https` URL.
    pub fn url(&mut self, key: &'static str) -> Option<Url> {
        let text = self.text(key)?;
        match Url::parse(&text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Some(url),
            _ => {
                self.error(key, "is not an absolute http or https URL", "write https://host/…");
                None
            }
        }
    }

    /// One of several words.
    pub fn choice<T: Copy>(&mut self, key: &'static str, choices: &[(&str, T)]) -> Option<T> {
        let text = self.text(key)?;
        let chosen = choices.iter().find(|(word, _)| *word == text);
        if chosen.is_none() {
            let words: Vec<_> = choices.iter().map(|(word, _)| format!("\"{word}\"")).collect();
            self.error(key, "is not a known value", format!("use one of {}", words.join(", ")));
        }
        chosen.map(|(_, value)| *value)
    }

    /// Report every key that no getter has asked for.
    pub fn finish(self) {
        let help = if self.known.is_empty() {
            "remove it".to_owned()
        } else {
            format!("expected one of: {}", self.known.join(", "))
        };
        for (name, _) in self.table.into_iter().flatten() {
            let key: &str = name.get_ref();
            if !self.known.contains(&key) {
                let error = Diagnostic::error(code::UNKNOWN_KEY, self.place_of(key), "is not a known key");
                self.reader.add(error.with_help(help.as_str()));
            }
        }
    }
}

#[cfg(test)]
mod tests;
