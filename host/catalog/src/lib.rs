//! The merchant's catalog: the rows of a CSV file with the columns of Stripe's product feed
//! (<https://docs.stripe.com/agentic-commerce/product-feed>).
//!
//! The host reads the columns that decisions and descriptions need, and keeps every other column by name for plugins.

mod columns;
mod error;
mod feed_format;
mod fields;
mod item;
mod open_quote;
mod warning;

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::io::Read;

use columns::{Columns, FeedRow};
pub use error::CatalogError;
use feed_format::FeedFormat;
pub use item::{Item, Sale};
use open_quote::QuoteFollower;
pub use warning::CatalogWarning;

use tillhouse_checkout::decision::ItemDescription;
use tillhouse_checkout::ids::ItemId;

/// Items by id. Built once and shared; a new import creates a new catalog.
#[derive(Debug, Default)]
pub struct Catalog {
    columns: Columns,
    items: HashMap<ItemId, Item>,
}

impl Catalog {
    /// Reads a feed in UTF-8 with a header row of the feed's column names, its cells separated by commas (RFC 4180) or by tabs.
    /// `id`, `title`, `price` and `availability` are required. An id with a row whose `delete` column is `true` is not in the
    /// catalog, wherever that row is; a row of blank cells, as spreadsheets leave them, is skipped.
    ///
    /// # Errors
    /// All errors in the feed, each with its line in the file.
    pub fn from_csv(mut reader: impl Read) -> Result<Self, Vec<CatalogError>> {
        let (format, start) = FeedFormat::detect(&mut reader).map_err(|error| vec![error])?;
        let mut csv = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .flexible(true)
            .delimiter(format.delimiter())
            .from_reader(QuoteFollower::new(start.as_slice().chain(reader), format.delimiter()));
        let (columns, width) = match csv.headers() {
            Ok(header) => (Columns::read(header)?, header.len()),
            Err(error) => return Err(vec![CatalogError::from_csv(&error)]),
        };
        let mut rows = Rows::default();
        for record in csv.records() {
            match record {
                Ok(record) if record.iter().all(str::is_empty) => {}
                Ok(record) if record.len() != width => {
                    rows.errors.push(CatalogError::wrong_width(&record, width, format));
                }
                Ok(record) => rows.read(FeedRow::new(&columns, &record)),
                Err(error) => rows.errors.push(CatalogError::from_csv(&error)),
            }
        }
        if let Some(line) = csv.get_ref().open_since() {
            rows.errors.push(CatalogError::unclosed_quote(line));
        }
        let items = rows.without_deleted()?;
        Ok(Self { columns, items })
    }

    /// Looks up an item by its id; `None` if the feed has no such row.
    #[must_use]
    pub fn get(&self, id: &ItemId) -> Option<&Item> {
        self.items.get(id)
    }

    /// Any column of an item, by its name in the feed; `None` if the item or the value is missing.
    #[must_use]
    pub fn column(&self, id: &ItemId, name: &str) -> Option<&str> {
        let index = self.columns.index(name)?;
        let value = self.items.get(id)?.values.get(index)?;
        (!value.is_empty()).then_some(value.as_ref())
    }

    /// Title, description, images and link of an item, as shown to buyers.
    #[must_use]
    pub fn describe(&self, id: &ItemId) -> Option<ItemDescription> {
        self.items.get(id).map(|item| item.description.clone())
    }

    /// Number of items, without deleted rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether the catalog has no items.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// All items, in arbitrary order.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.items.values()
    }
}

/// What the rows of a feed say, in any order.
#[derive(Default)]
struct Rows {
    items: HashMap<ItemId, Item>,
    deleted: HashSet<ItemId>,
    errors: Vec<CatalogError>,
}

impl Rows {
    fn read(&mut self, row: FeedRow<'_>) {
        match item::deleted(&row) {
            Ok(Some(id)) => {
                self.deleted.insert(id);
            }
            Ok(None) => self.read_item(row),
            Err(errors) => self.errors.extend(errors),
        }
    }

    fn read_item(&mut self, row: FeedRow<'_>) {
        match Item::read(&row) {
            Ok(item) => match self.items.entry(item.id.clone()) {
                Entry::Vacant(entry) => {
                    entry.insert(item);
                }
                Entry::Occupied(_) => self.errors.push(row.error("id", "occurs twice in the file")),
            },
            Err(errors) => self.errors.extend(errors),
        }
    }

    fn without_deleted(mut self) -> Result<HashMap<ItemId, Item>, Vec<CatalogError>> {
        if !self.errors.is_empty() {
            return Err(self.errors);
        }
        self.items.retain(|id, _| !self.deleted.contains(id));
        Ok(self.items)
    }
}

#[cfg(test)]
mod tests;
