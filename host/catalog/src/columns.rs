//! Columns of a feed by name, and one row of it.

use std::collections::HashMap;

use csv::StringRecord;

use super::error::CatalogError;

const REQUIRED: [&str; 4] = ["id", "title", "price", "availability"];

/// Index of each column, by its name in lower case.
#[derive(Debug, Default)]
pub(super) struct Columns(HashMap<Box<str>, usize>);

impl Columns {
    pub(super) fn read(header: &StringRecord) -> Result<Self, Vec<CatalogError>> {
        let error = |column: &str, reason: &str| CatalogError {
            line: 1,
            column: column.to_owned(),
            reason: reason.to_owned(),
        };
        let mut columns = HashMap::new();
        let mut errors = Vec::new();
        for (index, name) in header.iter().enumerate() {
            // Spreadsheets often begin a file with a byte order mark.
            let name = name.trim_start_matches('\u{feff}').to_ascii_lowercase();
            if columns.insert(name.clone().into_boxed_str(), index).is_some() {
                errors.push(error(&name, "occurs twice"));
            }
        }
        for name in REQUIRED {
            if !columns.contains_key(name) {
                errors.push(error(name, "is missing"));
            }
        }
        if errors.is_empty() {
            Ok(Self(columns))
        } else {
            Err(errors)
        }
    }

    pub(super) fn index(&self, name: &str) -> Option<usize> {
        self.0.get(name).copied()
    }
}

/// One data row of the feed.
#[derive(Debug)]
pub(super) struct FeedRow<'r> {
    columns: &'r Columns,
    record: &'r StringRecord,
}

impl<'r> FeedRow<'r> {
    pub(super) const fn new(columns: &'r Columns, record: &'r StringRecord) -> Self {
        Self { columns, record }
    }

    /// The value of a column; `None` if it is blank or missing.
    pub(super) fn get(&self, name: &str) -> Option<&'r str> {
        let value = self.record.get(self.columns.index(name)?)?;
        (!value.is_empty()).then_some(value)
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &'r str> {
        self.record.iter()
    }

    pub(super) fn error(&self, column: &str, reason: impl Into<String>) -> CatalogError {
        CatalogError {
            line: self.record.position().map_or(0, csv::Position::line),
            column: column.to_owned(),
            reason: reason.into(),
        }
    }
}
