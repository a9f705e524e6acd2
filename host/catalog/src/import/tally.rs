//! What an import has found so far, in bounded memory.

use std::collections::HashSet;
use std::path::PathBuf;

use super::error::RefusedFile;
use super::parsing::ParseEnd;
use super::source_file::FileDigest;
use crate::{FileFormat, Problem, Scope};
use tillhouse_checkout::ids::ItemId;

/// Number of problems of one file that are reported one by one.
pub const REPORTED_PROBLEMS: usize = 1_000;

/// Rows of a file, counted; the header and rows of blank cells are not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportCounts {
    /// All that were read.
    pub read: u64,
    /// Items that were written, without those that another row deletes.
    pub imported: u64,
    /// Rows that delete an item.
    pub deletes: u64,
    /// Rows that were refused.
    pub refused: u64,
    /// Items in force that stay as they are, because their rows were refused.
    pub spared: u64,
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
    is_strict: bool,
    /// The first problems for which rows are refused. They are kept apart: in a file with thousands of remarks one of them is why it
    /// is not imported.
    refusing: Vec<Problem>,
    /// The first of the others.
    others: Vec<Problem>,
    found: u64,
    pub(super) counted: HashSet<ItemId>,
}

impl Tally {
    pub(super) fn new(is_strict: bool) -> Self {
        Self {
            is_strict,
            ..Self::default()
        }
    }

    pub(super) fn add(&mut self, counts: ImportCounts, problems: Vec<Problem>) {
        self.counts.read += counts.read;
        self.counts.refused += counts.refused;
        self.add_problems(problems);
    }

    pub(super) fn add_problems(&mut self, problems: Vec<Problem>) {
        for problem in problems {
            self.found += 1;
            let refuses = problem.refuses() || (self.is_strict && problem.scope == Scope::Feed);
            let kept = if refuses { &mut self.refusing } else { &mut self.others };
            if kept.len() < REPORTED_PROBLEMS {
                kept.push(problem);
            }
        }
    }

    pub(super) fn add_refused(&mut self, problems: Vec<Problem>) {
        self.counts.refused += 1;
        self.add_problems(problems);
    }

    pub(super) const fn add_deletes(&mut self, rows: u64) {
        self.counts.deletes += rows;
    }

    pub(super) const fn set_imported(&mut self, items: u64) {
        self.counts.imported = items;
    }

    pub(super) const fn add_spared(&mut self, items: u64) {
        self.counts.spared += items;
    }

    pub(super) fn report(mut self, end: ParseEnd, errors: Option<PathBuf>) -> Report {
        let is_unreadable = !end.unreadable.is_empty();
        // What is wrong with the file as a whole comes first: it may be why everything else is.
        self.found += end.unreadable.len() as u64;
        let mut problems = end.unreadable;
        problems.append(&mut self.refusing);
        problems.append(&mut self.others);
        problems.truncate(REPORTED_PROBLEMS);
        problems.sort_by_key(|problem| problem.line);
        Report {
            is_unreadable,
            counts: self.counts,
            more_problems: self.found - problems.len() as u64,
            problems,
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
    pub(super) fn into_refused(self, unidentified: Option<u64>) -> RefusedFile {
        RefusedFile {
            problems: self.problems,
            more_problems: self.more_problems,
            counts: self.counts,
            errors: self.errors,
            file: self.file,
            unidentified,
        }
    }
}
