//! The catalog as Stripe has it: what the imports made of it, in the order in which they were processed.

use std::collections::BTreeMap;
use std::sync::Arc;

use csv::StringRecord;

use super::import::{FeedKind, ImportMode};
use super::table::{Change, FeedTable, RowError};
use crate::id::ImportId;

/// An item or a promotion.
#[derive(Clone, Debug)]
pub struct CatalogItem {
    header: Arc<[String]>,
    record: StringRecord,
    changed: BTreeMap<String, String>,
    /// The import that changed it last.
    pub by: ImportId,
}

impl CatalogItem {
    /// The cell of a column; `None` if it is empty, or the item never had it.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&str> {
        let cell = match self.changed.get(name) {
            Some(changed) => changed.as_str(),
            None => self.record.get(self.header.iter().position(|column| column == name)?)?,
        };
        Some(cell).filter(|cell| !cell.is_empty())
    }

    fn change(&mut self, header: &[String], record: &StringRecord, by: &ImportId) {
        let cells = header.iter().zip(record).filter(|(name, _)| *name != "id");
        self.changed
            .extend(cells.map(|(name, cell)| (name.clone(), cell.to_owned())));
        self.by = by.clone();
    }
}

/// Items and promotions, by their ids.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    /// Items that agents may be shown, by their ids.
    pub items: BTreeMap<String, CatalogItem>,
    /// Promotions, by their `promotion_id` and not by an item.
    pub promotions: BTreeMap<String, CatalogItem>,
}

impl Catalog {
    /// Applies an import, and gives the number of good rows; rows for unknown items are added to the errors of the table.
    pub(super) fn apply(&mut self, feed: FeedKind, mode: ImportMode, table: &mut FeedTable, by: &ImportId) -> usize {
        let header: Arc<[String]> = table.header.clone().into();
        let mut successes = 0;
        let rows = match feed {
            FeedKind::Promotion => &mut self.promotions,
            _ => &mut self.items,
        };
        for (row, item, change) in std::mem::take(&mut table.changes) {
            let is_known = rows.contains_key(&item);
            match (feed, change) {
                (_, Change::Delete) => {
                    rows.remove(&item);
                }
                (FeedKind::Product | FeedKind::Promotion, Change::Set(record)) => {
                    let (header, changed) = (Arc::clone(&header), BTreeMap::new());
                    let by = by.clone();
                    rows.insert(
                        item,
                        CatalogItem {
                            header,
                            record,
                            changed,
                            by,
                        },
                    );
                }
                (FeedKind::Inventory | FeedKind::Pricing, Change::Set(_)) if !is_known => {
                    table.errors.push(unknown(row, item));
                    continue;
                }
                (FeedKind::Inventory | FeedKind::Pricing, Change::Set(record)) => {
                    if let Some(known) = rows.get_mut(&item) {
                        known.change(&header, &record, by);
                    }
                }
            }
            successes += 1;
        }
        if mode == ImportMode::Replace {
            // An item whose row failed stays as it was: its row was not read.
            rows.retain(|id, _| table.seen.contains(id));
        }
        table.errors.sort_by_key(|error| error.row);
        successes
    }
}

fn unknown(row: usize, item: String) -> RowError {
    RowError {
        row,
        message: format!("No product with id '{item}' exists."),
        item,
        field: "id".to_owned(),
    }
}
