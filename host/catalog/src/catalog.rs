//! A whole catalog in memory: for harnesses, trials and benchmarks. A host reads from its store.

use std::collections::{HashMap, HashSet};
use std::io::Read;
use std::sync::Arc;

use tillhouse_checkout::catalog::{CatalogRow, DuplicateRow};
use tillhouse_checkout::decision::ItemDescription;
use tillhouse_checkout::feed::FeedType;
use tillhouse_checkout::ids::ItemId;

use crate::feed_reader::{FeedReader, FeedRecord};
use crate::format::ReadOptions;
use crate::item::Item;
use crate::problem::{Fault, Problem};
use crate::rule::Rule;

/// Items by id. Built once and shared; a new import creates a new catalog.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    items: Arc<HashMap<ItemId, Arc<Item>>>,
}

impl Catalog {
    /// Reads a product feed with a header row of the feed's column names, its cells separated by commas (RFC 4180) or by tabs.
    /// `id`, `title`, `price` and `availability` are required. An id with a row whose `delete` column is `true` is not in the
    /// catalog, wherever that row is; a row of blank cells, as spreadsheets leave them, is skipped.
    ///
    /// # Errors
    /// Every problem for which an item could not be sold, each with its line in the file.
    pub fn from_csv(file: impl Read) -> Result<Self, Vec<Problem>> {
        Self::read(file, &ReadOptions::default())
    }

    /// The same, with options.
    ///
    /// # Errors
    /// Every problem for which an item could not be sold.
    pub fn read(file: impl Read, options: &ReadOptions) -> Result<Self, Vec<Problem>> {
        let mut rows = Rows::default();
        for record in FeedReader::open(file, options)? {
            match record {
                Ok(FeedRecord::Row { row, .. }) => rows.keep(&row),
                Ok(FeedRecord::Delete { id, .. }) => {
                    rows.deleted.insert(id);
                }
                Ok(FeedRecord::Refused { problems, .. }) => rows.refuse(problems, options.strict),
                Err(problem) => rows.problems.push(problem),
            }
        }
        rows.into_catalog()
    }

    /// Looks up an item by its id; `None` if the feed has no such row.
    #[must_use]
    pub fn get(&self, id: &ItemId) -> Option<&Item> {
        self.items.get(id).map(Arc::as_ref)
    }

    /// The same item, for those who keep it.
    pub(crate) fn shared(&self, id: &ItemId) -> Option<&Arc<Item>> {
        self.items.get(id)
    }

    /// Any column of an item, by its name in the feed; `None` if the item or the value is missing.
    #[must_use]
    pub fn column(&self, id: &ItemId, name: &str) -> Option<&str> {
        self.items.get(id)?.column(name)
    }

    /// Title, description, images, link and facts of an item, as shown to buyers.
    #[must_use]
    pub fn describe(&self, id: &ItemId) -> Option<ItemDescription> {
        self.items.get(id).map(|item| item.described())
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
        self.items.values().map(Arc::as_ref)
    }
}

/// What the rows of a feed say, in any order.
#[derive(Default)]
struct Rows {
    items: HashMap<ItemId, (u64, Item)>,
    deleted: HashSet<ItemId>,
    problems: Vec<Problem>,
}

impl Rows {
    fn keep(&mut self, row: &CatalogRow) {
        if let Some((first_line, _)) = self.items.get(&row.id) {
            let row = DuplicateRow {
                id: row.id.clone(),
                first_line: *first_line,
                line: row.line,
            };
            self.problems.push(Problem::duplicate(&row, &FeedType::Product));
            return;
        }
        match Item::decode(row) {
            Ok(item) => {
                self.items.insert(row.id.clone(), (row.line, item));
            }
            Err(error) => {
                let fault = Fault::new(Rule::RowEncoding, error.to_string(), "");
                self.problems.push(Problem::of_row(row.line, fault));
            }
        }
    }

    fn refuse(&mut self, problems: Vec<Problem>, strict: bool) {
        self.problems
            .extend(problems.into_iter().filter(|problem| strict || problem.refuses()));
    }

    fn into_catalog(mut self) -> Result<Catalog, Vec<Problem>> {
        if !self.problems.is_empty() {
            return Err(self.problems);
        }
        self.items.retain(|id, _| !self.deleted.contains(id));
        let items = self.items.into_iter().map(|(id, (_, item))| (id, Arc::new(item)));
        Ok(Catalog {
            items: Arc::new(items.collect()),
        })
    }
}
