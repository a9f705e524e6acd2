//! Errors in a product feed.

use std::fmt;

/// One error in one cell, or in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogError {
    /// Line of the file, from 1; the header is line 1.
    pub line: u64,
    /// Name of the column; empty if the whole row is invalid.
    pub column: String,
    /// What is wrong, and what would be valid.
    pub reason: String,
}

impl CatalogError {
    pub(super) fn from_csv(error: &csv::Error) -> Self {
        Self {
            line: error.position().map_or(1, csv::Position::line),
            column: String::new(),
            reason: error.to_string(),
        }
    }
}

impl CatalogError {
    pub(super) fn wrong_width(record: &csv::StringRecord, columns: usize) -> Self {
        Self {
            line: record.position().map_or(1, csv::Position::line),
            column: String::new(),
            reason: format!(
                "has {} cells, but the header has {columns} columns; quote values that contain commas",
                record.len()
            ),
        }
    }
}

impl fmt::Display for CatalogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.column.is_empty() {
            write!(f, "line {}: {}", self.line, self.reason)
        } else {
            write!(f, "line {}: column {} {}", self.line, self.column, self.reason)
        }
    }
}

impl std::error::Error for CatalogError {}
