//! Commit marks: what a host remembers of its own commits, outside of the database.
//!
//! Every commit of a host carries the next number of a slot, which is stored in the same transaction, and remembered here once the
//! database has confirmed it. A database whose number is lower than the one that is remembered went back in time. A slot is used by
//! one transaction at a time, so that numbers are confirmed in the order in which they were committed, and no two commits wait for
//! one row.
//!
//! The memory is never ahead of what was confirmed: a crash after a commit leaves it behind by that commit, and then the database is
//! ahead, and nothing is lost. It is written to its file before the caller is told of the commit, without a sync: it survives the end of
//! the process at once, and a power failure as of the last [`CommitMarks::sync`], a second ago. What a lag can hide is only a loss of
//! that last second, by a database that went back and a machine that lost its power, both at that moment.

mod file;

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tillhouse_checkout::ports::{Rewound, StoreError};

pub use file::MarkFileError;
use file::missing;
pub(crate) use file::{Identity, MarkFile, Remembered};

/// What the log says of a store that went back in time.
const NOT_SERVED: &str = "store: nothing is served from it until it is in quarantine";

/// What this host knows of its commits.
pub(crate) struct CommitMarks {
    identity: Identity,
    marks: Mutex<Marks>,
    /// What was last seen of the other hosts of the store: the sum of their numbers. A host may be gone when the database goes back.
    others: Mutex<BTreeMap<String, u64>>,
    /// `None`: the memory ends with the process.
    file: Option<MarkFile>,
}

#[derive(Default)]
struct Marks {
    slots: Vec<Slot>,
    /// Slots that no transaction uses. The last one was used last, and is used next.
    free: Vec<usize>,
    rewound: Option<Rewound>,
}

#[derive(Clone, Copy, Default)]
struct Slot {
    /// Number of the last commit that the database confirmed.
    confirmed: u64,
    /// Highest number that was ever given to a transaction.
    issued: u64,
}

impl CommitMarks {
    /// Marks of a host that remembers nothing yet. With a file it begins to, durably.
    pub(crate) fn begin(identity: Identity, file: Option<MarkFile>) -> Result<Self, MarkFileError> {
        if let Some(file) = &file {
            file.rewrite(&identity, &[])?;
        }
        Ok(Self {
            identity,
            marks: Mutex::default(),
            others: Mutex::default(),
            file,
        })
    }

    /// Marks as they are remembered. The identity is that of the store as it is found, and of this host in it.
    pub(crate) fn resume(identity: Identity, file: MarkFile, remembered: &Remembered) -> Self {
        let slot = |number: &u64| Slot {
            confirmed: *number,
            issued: *number,
        };
        if remembered.rewound {
            tracing::error!(reason = %Rewound::QuarantineIncomplete, NOT_SERVED);
        }
        let marks = Marks {
            slots: remembered.numbers.iter().map(slot).collect(),
            free: (0..remembered.numbers.len()).rev().collect(),
            rewound: remembered.rewound.then_some(Rewound::QuarantineIncomplete),
        };
        Self {
            identity,
            marks: Mutex::new(marks),
            others: Mutex::default(),
            file: Some(file),
        }
    }

    /// Whose commits are counted, and in which store.
    pub(crate) const fn identity(&self) -> &Identity {
        &self.identity
    }

    /// A number for a commit. Its slot is free again when the number is dropped.
    pub(crate) fn next(&self) -> CommitNumber<'_> {
        let mut marks = self.lock();
        let index = marks.free.pop().unwrap_or_else(|| {
            marks.slots.push(Slot::default());
            marks.slots.len() - 1
        });
        let slot = marks.slots.get_mut(index);
        let (confirmed, number) = slot.map_or((0, 0), |slot| {
            slot.issued += 1;
            (slot.confirmed, slot.issued)
        });
        CommitNumber {
            marks: self,
            slot: index,
            confirmed,
            number,
        }
    }

    /// The last confirmed number of each slot. Read it before the database is asked: meanwhile it may only rise.
    pub(crate) fn confirmed(&self) -> Vec<u64> {
        self.lock().slots.iter().map(|slot| slot.confirmed).collect()
    }

    /// Compares what was remembered with what the database has, by slot, and notes it if the database went back in time. What it has
    /// more than is remembered was committed before a crash, and is remembered from now on.
    pub(crate) fn compare(&self, confirmed: &[u64], found: &BTreeMap<usize, u64>) {
        let count = missing(confirmed, found);
        if count > 0 {
            return self.note_rewound(Rewound::CommitsMissing { count });
        }
        let mut marks = self.lock();
        for (index, number) in found {
            while marks.slots.len() <= *index {
                let next = marks.slots.len();
                marks.slots.push(Slot::default());
                marks.free.insert(0, next);
            }
            if let Some(slot) = marks.slots.get_mut(*index) {
                slot.confirmed = slot.confirmed.max(*number);
                slot.issued = slot.issued.max(*number);
            }
        }
    }

    /// What was last seen of the other hosts. Read it before the database is asked.
    #[cfg(feature = "postgres")]
    pub(crate) fn others(&self) -> BTreeMap<String, u64> {
        self.others.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Compares what was seen of the other hosts with what the database has of them all, and remembers those that are `recent`.
    #[cfg(feature = "postgres")]
    pub(crate) fn compare_others(
        &self,
        seen: &BTreeMap<String, u64>,
        found: &BTreeMap<String, u64>,
        recent: BTreeMap<String, u64>,
    ) {
        let missing = seen
            .iter()
            .map(|(host, number)| number.saturating_sub(found.get(host).copied().unwrap_or(0)));
        let count: u64 = missing.sum();
        if count > 0 {
            return self.note_rewound(Rewound::CommitsMissing { count });
        }
        *self.others.lock().unwrap_or_else(PoisonError::into_inner) = recent;
    }

    /// Notes that the database went back in time. The first word stays, also across a restart, until [`CommitMarks::end_quarantine`].
    pub(crate) fn note_rewound(&self, rewound: Rewound) {
        let mut marks = self.lock();
        if marks.rewound.is_some() {
            return;
        }
        tracing::error!(reason = %rewound, NOT_SERVED);
        marks.rewound = Some(rewound);
        if let Some(file) = &self.file {
            file.note_rewound();
        }
    }

    /// Set if the database went back in time and is not in quarantine yet.
    pub(crate) fn rewound(&self) -> Option<Rewound> {
        self.lock().rewound.clone()
    }

    /// Refuses work on a database that went back in time.
    pub(crate) fn ensure_not_rewound(&self) -> Result<(), StoreError> {
        match &self.lock().rewound {
            None => Ok(()),
            Some(rewound) => Err(StoreError::new(format!(
                "{rewound}; it is served again when a running host has put it into quarantine"
            ))),
        }
    }

    /// Takes the numbers of the database for confirmed, so that the commits of a quarantine are made on top of them. Numbers that
    /// were given out before are not given out again: the copy with them may come back.
    pub(crate) fn begin_quarantine(&self, found: &BTreeMap<usize, u64>) {
        self.others.lock().unwrap_or_else(PoisonError::into_inner).clear();
        let mut marks = self.lock();
        for (index, slot) in marks.slots.iter_mut().enumerate() {
            slot.confirmed = found.get(&index).copied().unwrap_or(0);
            slot.issued = slot.issued.max(slot.confirmed);
        }
    }

    /// The quarantine is complete: the database is served again, and what is remembered is what it has.
    pub(crate) fn end_quarantine(&self) -> Result<(), StoreError> {
        let mut marks = self.lock();
        if let Some(file) = &self.file {
            let numbers: Vec<u64> = marks.slots.iter().map(|slot| slot.confirmed).collect();
            file.rewrite(&self.identity, &numbers).map_err(StoreError::caused_by)?;
        }
        marks.rewound = None;
        Ok(())
    }

    /// Makes durable what was written to the file.
    pub(crate) fn sync(&self) -> Result<(), StoreError> {
        let synced = self.file.as_ref().map_or(Ok(()), MarkFile::sync);
        synced.map_err(StoreError::caused_by)
    }

    /// Lets another process have the memory's file. For the end of a host.
    pub(crate) fn unlock(&self) {
        if let Some(file) = &self.file {
            file.unlock();
        }
    }

    /// Path of the memory's file.
    fn path(&self) -> Option<&Path> {
        self.file.as_ref().map(MarkFile::path)
    }

    fn lock(&self) -> MutexGuard<'_, Marks> {
        self.marks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for CommitMarks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CommitMarks")
            .field("file", &self.path())
            .field("rewound", &self.rewound())
            .finish_non_exhaustive()
    }
}

/// The number of one commit, in its slot.
#[derive(Debug)]
pub(crate) struct CommitNumber<'a> {
    marks: &'a CommitMarks,
    slot: usize,
    /// What the database must have in this slot, at least; 0 before the first commit.
    pub(crate) confirmed: u64,
    /// What the commit writes.
    pub(crate) number: u64,
}

impl CommitNumber<'_> {
    /// The slot, as it is stored.
    pub(crate) fn slot(&self) -> i32 {
        i32::try_from(self.slot).unwrap_or(i32::MAX)
    }

    /// The same commit, with the number that the database has for it: a quarantine raises them.
    #[cfg(feature = "postgres")]
    pub(crate) const fn stored_as(mut self, number: u64) -> Self {
        self.number = number;
        self
    }

    /// The database confirmed the commit: remembered before the caller is told.
    pub(crate) fn confirm(self) {
        let mut marks = self.marks.lock();
        if let Some(slot) = marks.slots.get_mut(self.slot) {
            slot.confirmed = slot.confirmed.max(self.number);
            slot.issued = slot.issued.max(self.number);
        }
        // What is on file stays as it is until the quarantine is complete.
        if marks.rewound.is_none()
            && let Some(file) = &self.marks.file
        {
            file.remember(self.slot, self.number);
        }
    }
}

impl Drop for CommitNumber<'_> {
    fn drop(&mut self) {
        self.marks.lock().free.push(self.slot);
    }
}

#[cfg(test)]
mod tests;
