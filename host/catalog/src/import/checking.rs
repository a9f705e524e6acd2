//! Checking a file without importing it.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::num::NonZeroU64;
use std::path::PathBuf;
use std::sync::Arc;

use super::FeedFile;
use super::error::ImportError;
use super::parsing::{Parsing, written_at};
use super::progress::ImportProgress;
use super::refused_rows::RefusedRows;
use super::tally::{FileFound, ImportCounts, Tally};
use crate::Problem;
use tillhouse_checkout::catalog::{CatalogWrite, DuplicateRow};

/// What is wrong with a file.
#[derive(Debug)]
pub struct FileCheck {
    /// The first of what is wrong.
    pub problems: Vec<Problem>,
    /// Number of problems that `problems` leaves out.
    pub more_problems: u64,
    /// Its rows, as they were counted.
    pub counts: ImportCounts,
    /// The file with the refused rows; `None` if there are none, or none was asked for.
    pub errors: Option<PathBuf>,
    /// The file that was read.
    pub file: FileFound,
    /// Whether an import would refuse it, or some of its rows.
    pub is_refused: bool,
}

/// Check a whole file as an import does, without a store. Memory grows with the number of rows, by some 40 bytes each: their ids are
/// compared by hash.
///
/// # Errors
/// When the file cannot be read, or changed meanwhile.
pub async fn check_file(
    file: &FeedFile,
    progress: &Arc<ImportProgress>,
    mut found: impl FnMut(&Problem),
) -> Result<FileCheck, ImportError> {
    let refused = RefusedRows::new(file)?;
    let mut parsing = Parsing::start(file, Arc::clone(&refused), Arc::clone(progress))?;
    let (mut tally, mut seen) = (Tally::new(file.read.strict), SeenIds::default());
    while let Some(batch) = parsing.next().await {
        batch.problems.iter().for_each(&mut found);
        tally.add(batch.counts, batch.problems);
        for write in batch.writes {
            let row = match write {
                CatalogWrite::Item(row) => row,
                CatalogWrite::Delete { id, .. } => {
                    seen.delete(id.as_str());
                    tally.add_deletes(1);
                    continue;
                }
            };
            let Some(first_line) = seen.add(row.id.as_str(), row.line) else {
                continue;
            };
            let duplicate = DuplicateRow {
                id: row.id,
                first_line,
                line: row.line,
            };
            let problem = Problem::duplicate(&duplicate, &file.read.feed);
            found(&problem);
            let problems = vec![problem];
            if let Some(written) = written_at(&batch.lines, row.line) {
                refused.row(&problems, &written.cells)?;
            }
            tally.add_refused(problems);
        }
    }
    tally.set_imported(seen.items);
    let end = parsing.end().await?;
    if !end.stable {
        return Err(ImportError::Changed);
    }
    end.unreadable.iter().for_each(&mut found);
    let errors = refused.finish()?;
    let report = tally.report(end, errors);
    Ok(FileCheck {
        is_refused: report.is_unreadable || report.counts.refused > 0,
        problems: report.problems,
        more_problems: report.more_problems,
        counts: report.counts,
        errors: report.errors,
        file: report.file,
    })
}

/// Ids that a file has had so far, by their hash under a random key.
#[derive(Default)]
struct SeenIds {
    hasher: RandomState,
    rows: HashMap<u64, SeenId>,
    /// Items that would be written.
    items: u64,
}

#[derive(Clone, Copy, Default)]
struct SeenId {
    /// Line of its first row; `None` if it was only deleted.
    line: Option<NonZeroU64>,
    is_deleted: bool,
}

impl SeenId {
    fn is_item(self) -> u64 {
        u64::from(self.line.is_some() && !self.is_deleted)
    }
}

impl SeenIds {
    /// The line that had the id before; `None` if none had. Lines count from 1.
    fn add(&mut self, id: &str, line: u64) -> Option<u64> {
        let mut first = None;
        self.change(id, |seen| {
            first = seen.line;
            seen.line = seen.line.or(NonZeroU64::new(line));
        });
        first.map(NonZeroU64::get)
    }

    fn delete(&mut self, id: &str) {
        self.change(id, |seen| seen.is_deleted = true);
    }

    fn change(&mut self, id: &str, change: impl FnOnce(&mut SeenId)) {
        let seen = self.rows.entry(self.hasher.hash_one(id)).or_default();
        self.items -= seen.is_item();
        change(seen);
        self.items += seen.is_item();
    }
}
