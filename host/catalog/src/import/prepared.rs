//! An import whose rows are all written, and which is not in force yet.

use std::collections::HashSet;
use std::path::PathBuf;

use super::ImportRequest;
use super::tally::{FileFound, ImportCounts, Report};
use crate::Problem;
use tillhouse_checkout::catalog::{CatalogVersion, ImportRecord, StoredCatalog, Unchanged};
use tillhouse_checkout::ids::ItemId;
use tillhouse_checkout::ports::{CatalogImport, StoreError};
use tillhouse_checkout::time::Timestamp;

/// An import that only [`finish`](Self::finish) puts into force.
#[derive(Debug)]
pub struct PreparedImport {
    import: Box<dyn CatalogImport>,
    record: ImportRecord,
    before: Option<StoredCatalog>,
    report: Report,
}

/// What an import has changed.
#[derive(Debug)]
pub struct Imported {
    /// The version in force now.
    pub now: StoredCatalog,
    /// The version before; `None` if there was none.
    pub before: Option<StoredCatalog>,
    /// The rows of the file.
    pub counts: ImportCounts,
    /// The first problems of rows that were refused, or are not fit for Stripe.
    pub problems: Vec<Problem>,
    /// Number of problems that `problems` leaves out.
    pub more_problems: u64,
    /// The file with the refused rows; `None` if there are none, or none was asked for.
    pub errors: Option<PathBuf>,
    /// The file that was read.
    pub file: FileFound,
    /// Watched items of which the file states a quantity.
    pub counted: HashSet<ItemId>,
}

impl Imported {
    /// Whether another version is in force now.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        self.before.as_ref().map(|before| before.version) != Some(self.now.version)
    }
}

impl PreparedImport {
    pub(super) fn new(
        import: Box<dyn CatalogImport>,
        request: &ImportRequest,
        before: Option<StoredCatalog>,
        report: Report,
    ) -> Self {
        Self {
            record: ImportRecord {
                source: request.file.source(),
                sha256: report.file.digest.sha256.clone(),
                mode: request.mode.clone(),
                by: request.by.clone(),
                refused: report.counts.refused,
            },
            import,
            before,
            report,
        }
    }

    /// The version that will be in force: the next one, or the one before if nothing differs from it.
    #[must_use]
    pub fn version(&self) -> CatalogVersion {
        let before = self.before.as_ref().filter(|_| !self.import.so_far().differs);
        match before.map(|before| (before.unchanged_by(&self.record), before.version)) {
            Some((Unchanged::Same | Unchanged::Amended, version)) => version,
            Some((Unchanged::Version, _)) | None => self.import.version(),
        }
    }

    /// The version in force, which it replaces.
    #[must_use]
    pub const fn before(&self) -> Option<&StoredCatalog> {
        self.before.as_ref()
    }

    /// The rows of the file.
    #[must_use]
    pub const fn counts(&self) -> ImportCounts {
        self.report.counts
    }

    /// Watched items of which the file states a quantity.
    #[must_use]
    pub const fn counted(&self) -> &HashSet<ItemId> {
        &self.report.counted
    }

    /// What is kept of it beside its rows.
    #[must_use]
    pub const fn record(&self) -> &ImportRecord {
        &self.record
    }

    /// Put the version into force, in every host.
    ///
    /// # Errors
    /// When the store fails; the version before stays in force.
    pub async fn finish(self, now: Timestamp) -> Result<Imported, StoreError> {
        let stored = self.import.finish(self.record, now).await?;
        let report = self.report;
        Ok(Imported {
            now: stored,
            before: self.before,
            counts: report.counts,
            problems: report.problems,
            more_problems: report.more_problems,
            errors: report.errors,
            file: report.file,
            counted: report.counted,
        })
    }
}
