//! Errors in a product feed.

use std::fmt;

use super::feed_format::FeedFormat;

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
    /// An error of the file as a whole.
    pub(super) fn of_file(reason: String) -> Self {
        Self {
            line: 1,
            column: String::new(),
            reason,
        }
    }

    pub(super) fn from_csv(error: &csv::Error) -> Self {
        Self {
            line: error.position().map_or(1, csv::Position::line),
            column: String::new(),
            reason: match error.kind() {
                csv::ErrorKind::Utf8 { .. } => {
                    "is not UTF-8 (a file of Windows-1252, for example); save the file as UTF-8".to_owned()
                }
                _ => error.to_string(),
            },
        }
    }

    /// The file ends inside a cell whose quote was opened on this line.
    pub(super) fn unclosed_quote(line: u64) -> Self {
        Self {
            line,
            column: String::new(),
            reason: "opens a quote that is not closed, so that the rest of the file is one cell; close it, or load the file when it \
                     is complete"
                .to_owned(),
        }
    }

    pub(super) fn wrong_width(record: &csv::StringRecord, columns: usize, format: FeedFormat) -> Self {
        Self {
            line: record.position().map_or(1, csv::Position::line),
            column: String::new(),
            reason: format!(
                "has {} cells, but the header has {columns} columns; quote values that contain {}",
                record.len(),
                format.separators()
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
