//! A table of the file, read key by key. Errors are collected, and reading continues.

use std::cell::RefCell;
use std::fmt;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use toml::{Table, Value};
use url::Url;

use super::problem::Problem;
use super::sources::Sources;

/// State shared by all sections of one configuration.
pub(super) struct Scope<'a> {
    pub(super) sources: &'a Sources<'a>,
    problems: RefCell<Vec<Problem>>,
}

impl<'a> Scope<'a> {
    pub(super) const fn new(sources: &'a Sources<'a>) -> Self {
        Self {
            sources,
            problems: RefCell::new(Vec::new()),
        }
    }

    /// Records an error of the key at `path`.
    pub(super) fn at(&self, path: &str, problem: impl fmt::Display, remedy: impl fmt::Display) {
        self.problems.borrow_mut().push(Problem::new(path, problem, remedy));
    }

    /// Number of errors so far.
    pub(super) fn count(&self) -> usize {
        self.problems.borrow().len()
    }

    /// The errors after the first `count`.
    pub(super) fn since(&self, count: usize) -> Vec<Problem> {
        self.problems.borrow().iter().skip(count).cloned().collect()
    }

    pub(super) fn into_problems(self) -> Vec<Problem> {
        self.problems.into_inner()
    }
}

/// A table. Each getter removes its key; [`Section::finish`] reports the keys that are left.
///
/// Getters return `None` both for an absent and for an invalid value: an invalid one was recorded as an error, so the
/// configuration is rejected in the end, and a default in its place does no harm.
pub(super) struct Section<'a> {
    scope: &'a Scope<'a>,
    path: String,
    table: Table,
    known: Vec<&'static str>,
}

impl<'a> Section<'a> {
    pub(super) const fn root(scope: &'a Scope<'a>, table: Table) -> Self {
        Self::new(scope, String::new(), table)
    }

    const fn new(scope: &'a Scope<'a>, path: String, table: Table) -> Self {
        Self {
            scope,
            path,
            table,
            known: Vec::new(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// The full path of a key of this section.
    pub(super) fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    pub(super) const fn complaints(&self) -> &'a Scope<'a> {
        self.scope
    }

    /// Records an error of the section itself.
    pub(super) fn problem(&self, problem: impl fmt::Display, remedy: impl fmt::Display) {
        self.scope.at(&self.path, problem, remedy);
    }

    /// Records an error of a key.
    pub(super) fn wrong(&self, key: &str, problem: impl fmt::Display, remedy: impl fmt::Display) {
        self.scope.at(&self.path_of(key), problem, remedy);
    }

    /// The value of a key, of any type.
    pub(super) fn take(&mut self, key: &'static str) -> Option<Value> {
        self.known.push(key);
        self.table.remove(key)
    }

    /// Whether a key has a value, in the file or in the environment.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key) || self.variable(key).is_some()
    }

    /// Whether the value of a key is an array.
    pub(super) fn is_list(&self, key: &str) -> bool {
        matches!(self.table.get(key), Some(Value::Array(_)))
    }

    /// Name and value of the environment variable that overrides a key; `None` if it is not set.
    pub(super) fn variable(&self, key: &str) -> Option<(String, String)> {
        let mut name = String::from("TILLHOUSE_");
        name.extend(self.path_of(key).chars().filter(|letter| *letter != ']').map(|letter| {
            if letter.is_ascii_alphanumeric() {
                letter.to_ascii_uppercase()
            } else {
                '_'
            }
        }));
        self.scope.sources.variable(&name).map(|value| (name, value))
    }

    /// A subsection; an empty one if the key is absent.
    pub(super) fn section(&mut self, key: &'static str) -> Self {
        self.optional_section(key)
            .unwrap_or_else(|| Self::new(self.scope, self.path_of(key), Table::new()))
    }

    /// A subsection; `None` if the key is absent.
    pub(super) fn optional_section(&mut self, key: &'static str) -> Option<Self> {
        let value = self.take(key)?;
        self.table_at(self.path_of(key), value)
    }

    /// Subsections from an array: `key[0]`, `key[1]` …
    pub(super) fn sections(&mut self, key: &'static str) -> Vec<Self> {
        self.list(key)
            .into_iter()
            .filter_map(|(path, value)| self.table_at(path, value))
            .collect()
    }

    /// Every subsection, by name.
    pub(super) fn children(mut self) -> Vec<(String, Self)> {
        std::mem::take(&mut self.table)
            .into_iter()
            .filter_map(|(name, value)| {
                let section = self.table_at(self.path_of(&name), value)?;
                Some((name, section))
            })
            .collect()
    }

    /// Every remaining value, with its name and path.
    pub(super) fn entries(mut self) -> Vec<(String, String, Value)> {
        std::mem::take(&mut self.table)
            .into_iter()
            .map(|(name, value)| {
                let path = self.path_of(&name);
                (name, path, value)
            })
            .collect()
    }

    /// The whole table, unread.
    pub(super) fn into_table(self) -> Table {
        self.table
    }

    fn table_at(&self, path: String, value: Value) -> Option<Self> {
        match value {
            Value::Table(table) => Some(Self::new(self.scope, path, table)),
            other => {
                self.scope
                    .at(&path, format!("is {}", kind(&other)), "it must be a table");
                None
            }
        }
    }

    /// The values of an array with their paths.
    pub(super) fn list(&mut self, key: &'static str) -> Vec<(String, Value)> {
        let path = self.path_of(key);
        match self.take(key) {
            None => Vec::new(),
            Some(Value::Array(values)) => values
                .into_iter()
                .enumerate()
                .map(|(index, value)| (format!("{path}[{index}]"), value))
                .collect(),
            Some(other) => {
                self.scope
                    .at(&path, format!("is {}", kind(&other)), "it must be an array");
                Vec::new()
            }
        }
    }

    /// An array of strings.
    pub(super) fn texts(&mut self, key: &'static str) -> Vec<String> {
        self.list(key)
            .into_iter()
            .filter_map(|(path, value)| match value {
                Value::String(text) => Some(text),
                other => {
                    self.scope
                        .at(&path, format!("is {}", kind(&other)), "it must be a string");
                    None
                }
            })
            .collect()
    }

    pub(super) fn text(&mut self, key: &'static str) -> Option<String> {
        let value = self.take(key);
        if let Some((_, text)) = self.variable(key) {
            return Some(text);
        }
        match value? {
            Value::String(text) => Some(text),
            other => {
                self.wrong(key, format!("is {}", kind(&other)), "it must be a string");
                None
            }
        }
    }

    /// Records that a key is missing.
    pub(super) fn missing(&self, key: &str, remedy: impl fmt::Display) {
        self.wrong(key, "is missing", remedy);
    }

    /// A string; a missing key is an error.
    pub(super) fn required(&mut self, key: &'static str, remedy: &str) -> Option<String> {
        if !self.has(key) {
            self.missing(key, remedy);
        }
        self.text(key)
    }

    /// A Boolean value; in the environment `true` or `false`.
    pub(super) fn flag(&mut self, key: &'static str) -> Option<bool> {
        let value = self.take(key);
        if let Some((name, text)) = self.variable(key) {
            let flag = text.parse().ok();
            if flag.is_none() {
                self.wrong(key, format!("{name} is not true or false"), "set it to true or false");
            }
            return flag;
        }
        match value? {
            Value::Boolean(flag) => Some(flag),
            other => {
                self.wrong(key, format!("is {}", kind(&other)), "it must be true or false");
                None
            }
        }
    }

    /// A whole number within bounds.
    pub(super) fn number<T: TryFrom<u64>>(&mut self, key: &'static str, range: RangeInclusive<u64>) -> Option<T> {
        let value = self.take(key);
        let bounds = format!("it must be a whole number from {} to {}", range.start(), range.end());
        let number = match self.variable(key) {
            Some((name, text)) => text.parse().map_err(|_| format!("{name} is not a number")),
            None => match value? {
                Value::Integer(number) => u64::try_from(number).map_err(|_| format!("is {number}")),
                other => Err(format!("is {}", kind(&other))),
            },
        };
        let number = number.and_then(|number| {
            if range.contains(&number) {
                T::try_from(number).map_err(|_| format!("is {number}"))
            } else {
                Err(format!("is {number}"))
            }
        });
        number.map_err(|problem| self.wrong(key, problem, bounds)).ok()
    }

    /// A duration in milliseconds.
    pub(super) fn millis(&mut self, key: &'static str, range: RangeInclusive<u64>) -> Option<Duration> {
        self.number(key, range).map(Duration::from_millis)
    }

    /// A path, relative to the file's folder.
    pub(super) fn path(&mut self, key: &'static str) -> Option<PathBuf> {
        let path = self.text(key)?;
        if path.is_empty() {
            self.wrong(key, "is empty", "give a path, relative to this file's folder");
            return None;
        }
        Some(self.scope.sources.resolve(&path))
    }

    /// An absolute `http` or `https` URL.
    pub(super) fn url(&mut self, key: &'static str) -> Option<Url> {
        let text = self.text(key)?;
        match Url::parse(&text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Some(url),
            _ => {
                self.wrong(key, "is not an absolute http or https URL", "write https://host/…");
                None
            }
        }
    }

    /// One of several words.
    pub(super) fn choice<T: Copy>(&mut self, key: &'static str, choices: &[(&str, T)]) -> Option<T> {
        let text = self.text(key)?;
        let chosen = choices.iter().find(|(word, _)| *word == text);
        if chosen.is_none() {
            let words: Vec<_> = choices.iter().map(|(word, _)| format!("\"{word}\"")).collect();
            self.wrong(key, "is not a known value", format!("use one of {}", words.join(", ")));
        }
        chosen.map(|(_, value)| *value)
    }

    /// Reports every key that no getter has read.
    pub(super) fn finish(self) {
        for key in self.table.keys() {
            let known = if self.known.is_empty() {
                "remove it".to_owned()
            } else {
                format!("known keys: {}", self.known.join(", "))
            };
            self.wrong(key, "is not a known key", known);
        }
    }
}

/// The type of a value. The value itself is not shown: it may be a secret in the wrong place.
pub(super) const fn kind(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "a string",
        Value::Integer(_) => "a whole number",
        Value::Float(_) => "a number with a fraction",
        Value::Boolean(_) => "true or false",
        Value::Datetime(_) => "a date",
        Value::Array(_) => "an array",
        Value::Table(_) => "a table",
    }
}
