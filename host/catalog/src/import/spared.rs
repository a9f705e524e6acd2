//! Items in force that a file which replaces the catalog holds in refused rows: they stay as they are. A row that is only written wrongly
//! does not take its item out of sale.

use std::collections::HashSet;

use super::ImportRequest;
use super::error::ImportError;
use super::parsing::RefusedRow;
use tillhouse_checkout::catalog::{CatalogWrite, ImportMode, StoredCatalog};
use tillhouse_checkout::ids::ItemId;
use tillhouse_checkout::ports::CatalogImport;

/// Most items that are remembered; a file with more refused rows of items in force is not a catalog.
const MOST: usize = 100_000;
/// Items that are written at a time.
const BATCH: usize = 4096;

/// What the refused rows of a file would take out of the catalog.
#[derive(Debug)]
pub(super) struct SparedItems {
    /// Whether an item that the file does not have would be gone.
    is_wanted: bool,
    items: HashSet<ItemId>,
    unidentified: Option<u64>,
}

impl SparedItems {
    pub(super) fn of(request: &ImportRequest, before: Option<&StoredCatalog>) -> Self {
        let has_items = before.is_some_and(|before| before.items > 0);
        Self {
            is_wanted: request.keep_good && request.mode == ImportMode::Replace && has_items,
            items: HashSet::new(),
            unidentified: None,
        }
    }

    /// Remember the items of refused rows.
    pub(super) async fn add(
        &mut self,
        import: &mut dyn CatalogImport,
        rows: Vec<RefusedRow>,
    ) -> Result<(), ImportError> {
        if !self.is_wanted || rows.is_empty() {
            return Ok(());
        }
        let unidentified = rows.iter().find(|row| row.id.is_none());
        self.unidentified = self.unidentified.or(unidentified.map(|row| row.line));
        let ids: Vec<ItemId> = rows.into_iter().filter_map(|row| row.id).collect();
        let current = import.current(&ids).await?;
        self.items.extend(current.into_iter().flatten().map(|row| row.id));
        if self.items.len() > MOST {
            return Err(ImportError::Unsupported(format!(
                "keep_good: more than {MOST} items in force have rows that are refused; correct the file, or import it with mode upsert"
            )));
        }
        Ok(())
    }

    /// Line of the first refused row of which the item cannot be told.
    pub(super) const fn unidentified(&self) -> Option<u64> {
        self.unidentified
    }

    /// Write the items as they are in force, unless the file has another row of them. Returns their number.
    pub(super) async fn write(self, import: &mut dyn CatalogImport) -> Result<u64, ImportError> {
        let items: Vec<ItemId> = self.items.into_iter().collect();
        let mut spared = 0;
        for ids in items.chunks(BATCH) {
            let current = import.current(ids).await?;
            let rows: Vec<CatalogWrite> = current.into_iter().flatten().map(CatalogWrite::Item).collect();
            let written = rows.len();
            let others = import.write(rows).await?;
            spared += (written - others.len()) as u64;
        }
        Ok(spared)
    }
}
