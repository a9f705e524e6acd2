//! Importing a file into a merchant's catalog: read as a stream, checked row by row, put into force in one commit.
//!
//! A thread of its own reads and checks the file; what it finds goes through a bounded channel into the store's import. Memory does
//! not grow with the file. Until [`PreparedImport::finish`] nothing is visible, and dropping it leaves nothing.

mod checking;
mod error;
mod file_state;
mod increment;
mod parsing;
mod prepared;
mod progress;
mod refused_rows;
mod source_file;
mod spared;
mod tally;

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use tillhouse_checkout::catalog::{CatalogRow, CatalogWrite, ImportMode, StoredCatalog};
use tillhouse_checkout::feed::FeedType;
use tillhouse_checkout::ids::{ItemId, MerchantId};
use tillhouse_checkout::lease::LeaseHolder;
use tillhouse_checkout::ports::{CatalogImport, CatalogStore, catalogs_of};
use tillhouse_checkout::time::Timestamp;

pub use checking::{FileCheck, check_file};
pub use error::{ImportError, RefusedFile};
pub use file_state::FileState;
pub use prepared::{Imported, PreparedImport};
pub use progress::ImportProgress;
pub use source_file::{FileDigest, digest};
pub use tally::{FileFound, ImportCounts, REPORTED_PROBLEMS};

use crate::{ReadOptions, unknown_targets};
use parsing::{Batch, Parsing};
use refused_rows::RefusedRows;
use spared::SparedItems;
use tally::Tally;

/// Largest file that is read, unless the configuration says otherwise: what Stripe takes, and some more.
pub const DEFAULT_MAX_BYTES: u64 = 8 * 1024 * 1024 * 1024;

/// A file with rows of a catalog.
#[derive(Clone, Debug)]
pub struct FeedFile {
    /// Where it is on this machine.
    pub path: PathBuf,
    /// What its rows are about, and how it is written.
    pub read: ReadOptions,
    /// Largest size in bytes.
    pub max_bytes: u64,
    /// File for the rows that are refused.
    pub errors: Option<PathBuf>,
}

impl FeedFile {
    /// A whole catalog, written in a way that is told from the file.
    #[must_use]
    pub fn product(path: PathBuf) -> Self {
        Self {
            path,
            read: ReadOptions::new(FeedType::Product),
            max_bytes: DEFAULT_MAX_BYTES,
            errors: None,
        }
    }

    /// Where its rows come from, as a version of the catalog says it.
    #[must_use]
    pub fn source(&self) -> String {
        let path = self.path.display();
        match &self.read.feed {
            FeedType::Product => path.to_string(),
            other => format!("{path} ({other})"),
        }
    }
}

/// What is imported, and how.
#[derive(Clone, Debug)]
pub struct ImportRequest {
    /// Merchant whose catalog it is.
    pub merchant: MerchantId,
    /// The file with its rows.
    pub file: FeedFile,
    /// What it does to items, or promotions, that it does not have. Inventory and prices are increments, which must be
    /// [`ImportMode::Upsert`].
    pub mode: ImportMode,
    /// Who imports: `operator:ada`, `host:…`.
    pub by: String,
    /// Import the good rows if others are refused; otherwise one refused row refuses the file. An item whose row is refused stays as
    /// it is in force, also if the file replaces the catalog.
    pub keep_good: bool,
    /// Import a file with less than half of the items that are in force, which looks cut off.
    pub incomplete: bool,
}

impl ImportRequest {
    /// An import of a whole catalog, all or nothing.
    #[must_use]
    pub fn replacing(merchant: MerchantId, file: FeedFile, by: String) -> Self {
        Self {
            merchant,
            file,
            mode: ImportMode::Replace,
            by,
            keep_good: false,
            incomplete: false,
        }
    }
}

/// Imports files into the catalogs of a store.
#[derive(Clone, Debug)]
pub struct CatalogImporter {
    store: Arc<dyn CatalogStore>,
    holder: LeaseHolder,
}

impl CatalogImporter {
    /// An importer into this store, for this host.
    #[must_use]
    pub fn new(store: Arc<dyn CatalogStore>, holder: LeaseHolder) -> Self {
        Self { store, holder }
    }

    /// Read and check a whole file, with every row written but none visible.
    ///
    /// # Errors
    /// Everything that keeps the file from being imported, each row with its problems.
    pub async fn prepare(
        &self,
        request: &ImportRequest,
        progress: &Arc<ImportProgress>,
        now: Timestamp,
    ) -> Result<PreparedImport, ImportError> {
        self.begin(request, progress, now).await?.read(HashSet::new()).await
    }

    /// Open the file and begin the import: until it has ended, no other one of this catalog begins on any host.
    ///
    /// # Errors
    /// When the file cannot be opened, or the import not begun.
    pub async fn begin<'r>(
        &self,
        request: &'r ImportRequest,
        progress: &'r Arc<ImportProgress>,
        now: Timestamp,
    ) -> Result<BegunImport<'r>, ImportError> {
        ensure_supported(request)?;
        let store = catalogs_of(&self.store, request.file.read.feed.kind());
        let refused = RefusedRows::new(&request.file)?;
        let parsing = Parsing::start(&request.file, Arc::clone(&refused), Arc::clone(progress))?;
        self.store
            .ensure_catalog_room(progress.of())
            .map_err(ImportError::NoRoom)?;
        let import = store
            .begin_catalog_import(&request.merchant, &self.holder, request.mode.clone(), now)
            .await?;
        // Only now: an import that has just ended may have been waited for.
        let before = store.catalog(&request.merchant).await?;
        let writing = Writing {
            import,
            request,
            watched: HashSet::new(),
            tally: Tally::new(request.file.read.strict),
            spared: SparedItems::of(request, before.as_ref()),
            refused,
            progress,
            items: Arc::clone(&self.store),
        };
        Ok(BegunImport {
            parsing,
            writing,
            before,
        })
    }
}

/// An import of which nothing is written yet.
#[derive(Debug)]
pub struct BegunImport<'r> {
    parsing: Parsing,
    writing: Writing<'r>,
    before: Option<StoredCatalog>,
}

impl BegunImport<'_> {
    /// Read and check the file. [`PreparedImport::counted`] says of which of the watched items it states a quantity.
    ///
    /// # Errors
    /// Everything that keeps the file from being imported, each row with its problems.
    pub async fn read(self, watched: HashSet<ItemId>) -> Result<PreparedImport, ImportError> {
        let Self {
            mut parsing,
            mut writing,
            before,
        } = self;
        writing.watched = watched;
        while let Some(batch) = parsing.next().await {
            writing.write(batch).await?;
        }
        let end = parsing.end().await?;
        if !end.stable {
            return Err(ImportError::Changed);
        }
        let Writing {
            mut import,
            request,
            mut tally,
            refused,
            spared,
            ..
        } = writing;
        tally.set_imported(import.so_far().items);
        let unidentified = spared.unidentified();
        if end.unreadable.is_empty() && unidentified.is_none() {
            tally.add_spared(spared.write(import.as_mut()).await?);
        }
        let errors = refused.finish()?;
        let report = tally.report(end, errors);
        if report.is_unreadable || unidentified.is_some() || report.counts.refused > 0 && !request.keep_good {
            return Err(ImportError::Refused(Box::new(report.into_refused(unidentified))));
        }
        ensure_not_cut_off(request, before.as_ref(), report.counts)?;
        Ok(PreparedImport::new(import, request, before, report))
    }
}

fn ensure_supported(request: &ImportRequest) -> Result<(), ImportError> {
    match (&request.file.read.feed, &request.mode) {
        (FeedType::Product | FeedType::Promotion, _)
        | (FeedType::Inventory | FeedType::Pricing, ImportMode::Upsert) => Ok(()),
        (feed @ (FeedType::Inventory | FeedType::Pricing), _) => Err(ImportError::Unsupported(format!(
            "mode: a feed of type {feed} changes items that are there, and cannot replace a catalog; use upsert"
        ))),
        (feed, _) => Err(ImportError::Unsupported(format!(
            "feed: {feed} is not one that can be imported; import product, inventory, pricing or promotion"
        ))),
    }
}

/// A file that lost half of the items is taken for one that is being written, unless an operator says that it is meant.
fn ensure_not_cut_off(
    request: &ImportRequest,
    before: Option<&StoredCatalog>,
    counts: ImportCounts,
) -> Result<(), ImportError> {
    let before = before.map_or(0, |before| before.items);
    let items = counts.imported + counts.spared;
    if request.mode == ImportMode::Replace && !request.incomplete && items < before.div_ceil(2) {
        return Err(ImportError::CutOff { items, before });
    }
    Ok(())
}

/// The side of an import that writes.
#[derive(Debug)]
struct Writing<'r> {
    import: Box<dyn CatalogImport>,
    request: &'r ImportRequest,
    /// Items of which it is told whether the file states a quantity.
    watched: HashSet<ItemId>,
    tally: Tally,
    spared: SparedItems,
    refused: Arc<RefusedRows>,
    progress: &'r Arc<ImportProgress>,
    /// The catalogs of items, which promotions name.
    items: Arc<dyn CatalogStore>,
}

impl Writing<'_> {
    /// Write a batch, even if rows before it were refused: every problem of the file is found, also those that the store finds.
    async fn write(&mut self, batch: Batch) -> Result<(), ImportError> {
        self.tally.add(batch.counts, batch.problems);
        self.spared.add(self.import.as_mut(), batch.refused).await?;
        let lines = batch.lines;
        let mut writes = batch.writes;
        let mut counted = self.counted(&writes);
        let feed = &self.request.file.read.feed;
        if feed.is_increment() {
            let merged = increment::merge_all(self.import.as_mut(), &self.request.file.read, writes).await?;
            for (line, problems) in merged.refused {
                counted.remove(&line);
                self.refuse(line, problems, &lines)?;
            }
            self.tally.add_problems(merged.problems);
            writes = merged.writes;
        } else if *feed == FeedType::Promotion {
            self.name_unknown_targets(&writes).await?;
        }
        if writes.is_empty() {
            return Ok(());
        }
        let deletes = writes
            .iter()
            .filter(|write| matches!(write, CatalogWrite::Delete { .. }));
        self.tally.add_deletes(deletes.count() as u64);
        let duplicates = self.import.write(writes).await?;
        for duplicate in &duplicates {
            counted.remove(&duplicate.line);
            let problem = crate::Problem::duplicate(duplicate, &self.request.file.read.feed);
            self.refuse(duplicate.line, vec![problem], &lines)?;
        }
        self.tally.counted.extend(counted.into_values());
        Ok(())
    }

    /// Items that promotions name may still be imported: their names are all that is told.
    async fn name_unknown_targets(&mut self, writes: &[CatalogWrite]) -> Result<(), ImportError> {
        let rows = writes.iter().filter_map(|write| match write {
            CatalogWrite::Item(row) => Some(row.clone()),
            CatalogWrite::Delete { .. } => None,
        });
        let promotions: Vec<CatalogRow> = rows.collect();
        let problems = unknown_targets(self.items.as_ref(), &self.request.merchant, &promotions).await?;
        self.tally
            .add_problems(problems.into_iter().flat_map(|(_, problems)| problems).collect());
        Ok(())
    }

    /// Refuse a row of which only the store knows that it is wrong.
    fn refuse(
        &mut self,
        line: u64,
        problems: Vec<crate::Problem>,
        lines: &[parsing::WrittenLine],
    ) -> Result<(), ImportError> {
        if let Some(written) = parsing::written_at(lines, line) {
            self.refused.row(&problems, &written.cells)?;
        }
        self.progress.add_refused(1);
        self.tally.add_refused(problems);
        Ok(())
    }

    /// Watched items of which a row of the file itself states a quantity, by the line of the row. What an increment is merged into
    /// states one too, but nothing was counted for it.
    fn counted(&self, writes: &[CatalogWrite]) -> HashMap<u64, ItemId> {
        if self.watched.is_empty() {
            return HashMap::new();
        }
        let rows = writes.iter().filter_map(|write| match write {
            CatalogWrite::Item(row) => Some(row),
            CatalogWrite::Delete { .. } => None,
        });
        rows.filter(|row| self.watched.contains(&row.id) && states_quantity(&row.content))
            .map(|row| (row.line, row.id.clone()))
            .collect()
    }
}

fn states_quantity(content: &[u8]) -> bool {
    crate::Cells::new(content).is_ok_and(|cells| cells.get("inventory_quantity").is_some())
}

#[cfg(test)]
mod tests;
