//! Which items of an upload the other party refused: all of them, however many, in 16 bytes each.

use sha2::{Digest, Sha256};

use tillhouse_checkout::ids::ItemId;

/// Bytes of the hash of an id: enough that two ids of one catalog do not have the same.
const MARK: usize = 16;

/// The items of refused rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RefusedItems {
    marks: Vec<[u8; MARK]>,
    is_sorted: bool,
    /// Rows of the upload that are known to be refused are fewer than the other party has refused: of any other row nothing is known.
    pub(crate) others_unknown: bool,
}

impl RefusedItems {
    pub(crate) fn add(&mut self, id: &ItemId) {
        self.marks.push(mark(id));
        self.is_sorted = false;
    }

    /// Make it ready to be asked.
    pub(crate) fn sort(&mut self) {
        self.marks.sort_unstable();
        self.marks.dedup();
        self.is_sorted = true;
    }

    pub(crate) fn has(&self, id: &ItemId) -> bool {
        debug_assert!(self.is_sorted || self.marks.is_empty(), "asked before it was sorted");
        !self.marks.is_empty() && self.marks.binary_search(&mark(id)).is_ok()
    }
}

fn mark(id: &ItemId) -> [u8; MARK] {
    let hash = Sha256::digest(id.as_str().as_bytes());
    let mut mark = [0; MARK];
    for (to, from) in mark.iter_mut().zip(hash) {
        *to = from;
    }
    mark
}
