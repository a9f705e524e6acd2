//! Which columns a file has, in the order in which it has them.

use std::collections::BTreeSet;

use tillhouse_checkout::feed::FeedType;

use crate::cells::{CellColumn, Cells};
use crate::columns::{COLUMNS, by_code, code, column, key};

/// A set of columns. The order is that of the table, others follow by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColumnNames {
    known: u128,
    others: BTreeSet<Box<str>>,
}

impl ColumnNames {
    /// All columns that a feed of this type has at Stripe.
    #[must_use]
    pub fn of_feed(feed: &FeedType) -> Self {
        let columns = COLUMNS.iter().filter(|column| column.feeds.has(feed));
        Self {
            known: columns.fold(0, |set, column| set | 1 << column.code),
            others: BTreeSet::new(),
        }
    }

    /// Add the columns of which a stored row has a cell. A row that is damaged adds nothing.
    pub fn add(&mut self, content: &[u8]) {
        let Ok(mut cells) = Cells::new(content) else { return };
        for (column, _) in cells.cells() {
            match column {
                CellColumn::Known(code) => self.known |= 1 << code,
                CellColumn::Named(name) if self.others.contains(name) => {}
                CellColumn::Named(name) => {
                    self.others.insert(name.into());
                }
            }
        }
    }

    /// Add a column by its name in lower case.
    pub fn add_name(&mut self, name: &str) {
        match column(name) {
            Some(column) => self.known |= 1 << column.code,
            None => {
                self.others.insert(name.into());
            }
        }
    }

    /// Those of them that a feed of this type has at Stripe, and in any case the id, and the columns that each row needs. A product
    /// feed says of each item whether its stock is tracked.
    #[must_use]
    pub fn only_of_feed(&self, feed: &FeedType) -> Self {
        let needed = COLUMNS.iter().filter(|column| column.required.has(feed));
        let mut needed = needed.fold(1 << key(feed).code, |set, column| set | 1 << column.code);
        if *feed == FeedType::Product {
            needed |= 1 << code::INVENTORY_NOT_TRACKED;
        }
        Self {
            known: Self::of_feed(feed).known & (self.known | needed),
            others: BTreeSet::new(),
        }
    }

    /// The names, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let known = COLUMNS.iter().filter(|column| self.known & (1 << column.code) != 0);
        known
            .map(|column| column.name)
            .chain(self.others.iter().map(|name| &**name))
    }

    /// The place of each column of the table, by its code, and how many there are.
    pub(super) fn places(&self) -> ([Option<u8>; 128], usize) {
        let mut places = [None; 128];
        let mut count = 0_u8;
        for (code, place) in (0_u8..).zip(places.iter_mut()) {
            if self.known & (1 << code) != 0 && by_code(code).is_some() {
                *place = Some(count);
                count += 1;
            }
        }
        (places, usize::from(count))
    }

    pub(super) fn others(&self) -> impl Iterator<Item = &str> {
        self.others.iter().map(|name| &**name)
    }
}
