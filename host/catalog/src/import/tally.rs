//! What an import has found so far, in bounded memory.

use std::collections::HashSet;
use std::path::PathBuf;

use super::error::RefusedFile;
use super::parsing::ParseEnd;
use super::source_file::FileDigest;
use crate::{FileFormat, Problem};
use tillhouse_checkout::ids::ItemId;

/// Number of problems of one file that are reported one by one.
pub const REPORTED_PROBLEMS: usize = 1_000;

/// Rows of a file, counted; the header and rows of blank cells are not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportCounts {
    /// All that were read.
    pub read: u64,
    /// Items that were written.
    pub imported: u64,
    /// Rows that delete an item.
    pub deletes: u64,
    /// Rows that were refused.
    pub refused: u64,
}

/// A file as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileFound {
    /// What was read of it.
    pub digest: FileDigest,
    /// How it is written; `None` if that could not be told.
    pub format: Option<FileFormat>,
}

/// What is counted while rows are written.
#[derive(Debug, Default)]
pub(super) struct Tally {
    counts: ImportCounts,
    problems: Vec<Problem>,
    more_problems: u64,
    pub(super) counted: HashSet<ItemId>,
}

impl Tally {
    pub(super) fn add(&mut self, counts: ImportCounts, problems: Vec<Problem>) {
        self.counts.read += counts.read;
        self.counts.refused += counts.refused;
        self.add_problems(problems);
    }

    pub(super) fn add_problems(&mut self, problems: Vec<Problem>) {
        for problem in problems {
            if self.problems.len() < REPORTED_PROBLEMS {
                self.problems.push(problem);
            } else {
                self.more_problems += 1;
            }
        }
    }

    pub(super) fn add_refused(&mut self, problems: Vec<Problem>) {
        self.counts.refused += 1;
        self.add_problems(problems);
    }

    pub(super) const fn add_written(&mut self, items: u64, deletes: u64) {
        self.counts.imported += items;
        self.counts.deletes += deletes;
    }

    pub(super) fn report(mut self, end: ParseEnd, errors: Option<PathBuf>) -> Report {
        let is_unreadable = !end.unreadable.is_empty();
        // What is wrong with the file as a whole comes first: it may be why everything else is.
        let rows = std::mem::take(&mut self.problems);
        self.add_problems(end.unreadable);
        self.add_problems(rows);
        self.problems.sort_by_key(|problem| problem.line);
        Report {
            is_unreadable,
            counts: self.counts,
            problems: self.problems,
            more_problems: self.more_problems,
            counted: self.counted,
            errors,
            file: FileFound {
                digest: end.digest,
                format: end.format,
            },
        }
    }
}

/// Everything that was found in a file.
#[derive(Debug)]
pub(super) struct Report {
    /// The file cannot be read to its end.
    pub(super) is_unreadable: bool,
    pub(super) counts: ImportCounts,
    pub(super) problems: Vec<Problem>,
    pub(super) more_problems: u64,
    pub(super) counted: HashSet<ItemId>,
    pub(super) errors: Option<PathBuf>,
    pub(super) file: FileFound,
}

impl Report {
    pub(super) fn into_refused(self) -> RefusedFile {
        RefusedFile {
            problems: self.problems,
            more_problems: self.more_problems,
            counts: self.counts,
            errors: self.errors,
            file: self.file,
        }
    }
}
