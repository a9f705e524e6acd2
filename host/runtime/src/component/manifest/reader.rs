//! A TOML reader that tracks line numbers and collects all errors instead of stopping at the first.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::ManifestError;

/// Reads a document and collects its errors.
#[derive(Debug)]
pub(super) struct Reader<'t> {
    text: &'t str,
    /// Errors in the order in which they were found.
    pub(super) errors: Vec<ManifestError>,
}

/// A table with its name and its byte offset in the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part<'a> {
    pub(super) name: &'a str,
    at: usize,
    table: &'a DeTable<'a>,
}

/// A string value and its byte offset in the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Said<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
}

/// The root table of the document.
pub(super) fn whole<'a>(document: &'a Spanned<DeTable<'a>>) -> Part<'a> {
    Part {
        name: "",
        at: 0,
        table: document.get_ref(),
    }
}

/// Line number, counted from 1, of a byte offset in a text.
pub(super) fn line(text: &str, at: usize) -> usize {
    text.get(..at).map_or(1, |before| before.matches('\n').count() + 1)
}

impl Part<'_> {
    fn path(&self, key: &str) -> String {
        if self.name.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.name)
        }
    }
}

impl<'t> Reader<'t> {
    pub(super) const fn new(text: &'t str) -> Self {
        Self {
            text,
            errors: Vec::new(),
        }
    }

    pub(super) fn wrong(&mut self, at: usize, key: String, reason: impl Into<String>) {
        self.errors.push(ManifestError::Value {
            line: line(self.text, at),
            key,
            reason: reason.into(),
        });
    }

    /// Report every key of the table that is not in `known`.
    pub(super) fn knows(&mut self, part: Part<'_>, known: &[&str]) {
        for (key, _) in part.table {
            let name: &str = key.get_ref();
            if !known.contains(&name) {
                self.errors.push(ManifestError::Unknown {
                    line: line(self.text, key.span().start),
                    key: part.path(name),
                    known: known.join(", "),
                });
            }
        }
    }

    /// Read an optional subtable; report a value of another type.
    pub(super) fn part<'a>(&mut self, within: Part<'a>, key: &'a str) -> Option<Part<'a>> {
        let value = within.table.get(key)?;
        let at = value.span().start;
        let part = value.get_ref().as_table().map(|table| Part { name: key, at, table });
        if part.is_none() {
            self.wrong(at, within.path(key), format!("must be a table: [{key}]"));
        }
        part
    }

    /// Read an optional array of tables; report a value of another type.
    pub(super) fn parts<'a>(&mut self, within: Part<'a>, key: &'a str) -> Vec<Part<'a>> {
        let Some(value) = within.table.get(key) else {
            return Vec::new();
        };
        let of = |value: &'a Spanned<DeValue<'a>>| {
            let at = value.span().start;
            let table = value.get_ref().as_table()?;
            Some(Part { name: key, at, table })
        };
        let list = value.get_ref().as_array();
        let parts: Option<Vec<_>> = list.and_then(|list| list.iter().map(of).collect());
        if parts.is_none() {
            self.wrong(
                value.span().start,
                within.path(key),
                format!("must be an array of tables: [[{key}]]"),
            );
        }
        parts.unwrap_or_default()
    }

    /// Read an optional string; report a value of another type.
    pub(super) fn text<'a>(&mut self, part: Part<'a>, key: &str) -> Option<Said<'a>> {
        let value = part.table.get(key)?;
        let said = said(value);
        if said.is_none() {
            self.wrong(value.span().start, part.path(key), "must be a string in quotes");
        }
        said
    }

    /// Read a required string; report it as missing, with the example, if it is not there.
    pub(super) fn needed<'a>(&mut self, part: Part<'a>, key: &str, example: &str) -> Option<Said<'a>> {
        if !part.table.contains_key(key) {
            self.wrong(
                part.at,
                part.path(key),
                format!("is missing; add: {key} = \"{example}\""),
            );
        }
        self.text(part, key)
    }

    /// Read an optional array of strings; report a value of another type. Empty if the key is missing.
    pub(super) fn texts<'a>(&mut self, part: Part<'a>, key: &str) -> Vec<Said<'a>> {
        let Some(value) = part.table.get(key) else {
            return Vec::new();
        };
        let list = value.get_ref().as_array();
        let texts: Option<Vec<_>> = list.and_then(|list| list.iter().map(said).collect());
        if texts.is_none() {
            self.wrong(
                value.span().start,
                part.path(key),
                "must be an array of strings: [\"one\", \"two\"]",
            );
        }
        texts.unwrap_or_default()
    }

    pub(super) fn has(part: Part<'_>, key: &str) -> bool {
        part.table.contains_key(key)
    }
}

fn said<'a>(value: &'a Spanned<DeValue<'a>>) -> Option<Said<'a>> {
    let at = value.span().start;
    value.get_ref().as_str().map(|text| Said { text, at })
}
