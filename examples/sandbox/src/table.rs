//! A table with rows in insertion order, found by key.

use std::collections::HashMap;
use std::hash::Hash;

/// An append-only table, of which a ledger consists.
#[derive(Debug)]
pub(crate) struct Table<K, V> {
    rows: Vec<V>,
    positions: HashMap<K, usize>,
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            positions: HashMap::new(),
        }
    }
}

impl<K: Eq + Hash, V> Table<K, V> {
    /// Appends a row; an older row with the same key stays in the list but is no longer found.
    pub(crate) fn push(&mut self, key: K, row: V) {
        self.positions.insert(key, self.rows.len());
        self.rows.push(row);
    }

    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        self.rows.get(*self.positions.get(key)?)
    }

    pub(crate) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.rows.get_mut(*self.positions.get(key)?)
    }

    /// The first row for which this holds.
    pub(crate) fn find_mut(&mut self, is_meant: impl FnMut(&&mut V) -> bool) -> Option<&mut V> {
        self.rows.iter_mut().find(is_meant)
    }

    pub(crate) fn position(&self, key: &K) -> Option<usize> {
        self.positions.get(key).copied()
    }

    /// Every row, oldest first.
    pub(crate) fn rows(&self) -> &[V] {
        &self.rows
    }
}
