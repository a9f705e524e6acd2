//! A table of the configuration file, with the sources that its values may refer to.

use std::ops::{Deref, DerefMut};
use std::path::PathBuf;

use super::sources::Sources;
use tillhouse_runtime::config::{self, Value};

/// A table that is read key by key; [`config::Section`] has the getters of plain values.
pub(super) struct Section<'a> {
    table: config::Section<'a>,
    pub(super) sources: &'a Sources<'a>,
}

impl<'a> Section<'a> {
    pub(super) const fn new(table: config::Section<'a>, sources: &'a Sources<'a>) -> Self {
        Self { table, sources }
    }

    /// A subsection; an empty one if the key is absent.
    pub(super) fn section(&mut self, key: &'static str) -> Self {
        Self::new(self.table.section(key), self.sources)
    }

    /// A subsection; `None` if the key is absent.
    pub(super) fn optional_section(&mut self, key: &'static str) -> Option<Self> {
        let table = self.table.optional_section(key)?;
        Some(Self::new(table, self.sources))
    }

    /// Subsections from an array of tables: `key[0]`, `key[1]` …
    pub(super) fn sections(&mut self, key: &'static str) -> Vec<Self> {
        let tables = self.table.sections(key).into_iter();
        tables.map(|table| Self::new(table, self.sources)).collect()
    }

    /// Every subsection, by name.
    pub(super) fn children(self) -> Vec<(&'a str, Self)> {
        let tables = self.table.children().into_iter();
        tables
            .map(|(name, table)| (name, Self::new(table, self.sources)))
            .collect()
    }

    /// Every value, by name.
    pub(super) fn entries(self) -> Vec<(&'a str, Value<'a>)> {
        self.table.entries()
    }

    /// The table without its sources.
    pub(super) fn into_table(self) -> config::Section<'a> {
        self.table
    }

    /// A path, relative to the file's folder.
    pub(super) fn path(&mut self, key: &'static str) -> Option<PathBuf> {
        let path = self.text(key)?;
        if path.is_empty() {
            self.error(key, "is empty", "give a path, relative to this file's folder");
            return None;
        }
        Some(self.sources.resolve(&path))
    }

    /// Reports every key that no getter has asked for.
    pub(super) fn finish(self) {
        self.table.finish();
    }
}

impl<'a> Deref for Section<'a> {
    type Target = config::Section<'a>;

    fn deref(&self) -> &Self::Target {
        &self.table
    }
}

impl DerefMut for Section<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.table
    }
}
