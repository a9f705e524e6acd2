//! Why a file is not imported.

use std::io;
use std::path::PathBuf;

use super::tally::{FileFound, ImportCounts};
use crate::Problem;
use tillhouse_checkout::ports::{BeginImportError, StoreError};

/// A file with rows that are refused.
#[derive(Clone, Debug)]
pub struct RefusedFile {
    /// The first of what is wrong.
    pub problems: Vec<Problem>,
    /// Number of problems that `problems` leaves out.
    pub more_problems: u64,
    /// Its rows, as they were counted.
    pub counts: ImportCounts,
    /// The file with the refused rows; `None` if none was asked for.
    pub errors: Option<PathBuf>,
    /// The file, as far as it could be read.
    pub file: FileFound,
    /// Line of a refused row because of which the good ones cannot be imported by themselves: the file replaces the catalog, and which
    /// item in force the row stands for cannot be told.
    pub unidentified: Option<u64>,
}

/// Why a file is not imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The request itself cannot be fulfilled.
    #[error("{0}")]
    Unsupported(String),
    /// The file cannot be opened or read.
    #[error("{0}")]
    Unreadable(String),
    /// It was changed while it was read: what was read may be a part of two files.
    #[error("the file changed while it was read; the catalog in force stays: try again when the file is complete")]
    Changed,
    /// Some of its rows are refused.
    #[error("{} of {} rows are refused", .0.counts.refused, .0.counts.read)]
    Refused(Box<RefusedFile>),
    /// It has so few items that it looks cut off.
    #[error("the file has {items} items, and the catalog in force has {before}, as if it was not complete")]
    CutOff {
        /// Items of the file.
        items: u64,
        /// Items of the version in force.
        before: u64,
    },
    /// The file for refused rows cannot be written.
    #[error("{}: {source}", path.display())]
    Errors {
        /// Where it was to be written.
        path: PathBuf,
        /// What is wrong with it.
        source: io::Error,
    },
    /// The disk of the store is too full for it.
    #[error("{0}")]
    NoRoom(StoreError),
    /// The store did not begin the import.
    #[error(transparent)]
    Begin(#[from] BeginImportError),
    /// Error of the store.
    #[error(transparent)]
    Store(#[from] StoreError),
}
