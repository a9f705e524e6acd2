//! Leases, in memory: one host has the folder, so no other process can hold one, and none outlives this process.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tillhouse_checkout::attempt::AttemptWrite;
use tillhouse_checkout::ids::{AttemptId, FeedUploadId, HostId, RefundId};
use tillhouse_checkout::lease::LeaseHolder;

/// The leases that fence commits.
#[derive(Debug, Default)]
pub(super) struct Fences {
    pub(super) attempts: Leases<AttemptId>,
    pub(super) refunds: Leases<RefundId>,
    pub(super) feeds: Leases<FeedUploadId>,
}

impl Fences {
    /// Begins the lease of a new attempt, before any reader can find it.
    pub(super) fn begin_lease(&self, write: &AttemptWrite) -> Option<AttemptId> {
        let holder = write.leased_by().filter(|_| write.replaces().is_none())?;
        let id = &write.attempt().id;
        self.attempts.begin(id, holder);
        Some(id.clone())
    }

    pub(super) fn end_lease(&self, ended: &EndedLease) {
        if ended.may_be_leased_again {
            self.attempts.end(&ended.attempt, ended.epoch);
        } else {
            self.attempts.remove(&ended.attempt, ended.epoch);
        }
    }
}

/// A lease that ends with the write of its attempt.
pub(super) struct EndedLease {
    attempt: AttemptId,
    epoch: u64,
    may_be_leased_again: bool,
}

impl EndedLease {
    pub(super) fn of(write: &AttemptWrite) -> Option<Self> {
        let attempt = write.attempt();
        (!attempt.keeps_lease()).then(|| Self {
            attempt: attempt.id.clone(),
            epoch: attempt.epoch,
            may_be_leased_again: attempt.status().is_open(),
        })
    }
}

/// Current leases by key.
#[derive(Debug)]
pub(super) struct Leases<K>(Mutex<LeaseTable<K>>);

#[derive(Debug)]
struct LeaseTable<K> {
    leases: HashMap<K, Lease>,
    /// Epochs are never reused, so that the holder of a removed lease stays fenced off.
    last_epoch: u64,
}

#[derive(Debug)]
struct Lease {
    epoch: u64,
    /// `None` after release; the epoch stays, because a former holder may still come back.
    held: Option<LeaseHold>,
}

#[derive(Debug)]
struct LeaseHold {
    by: HostId,
    until: Instant,
}

impl<K: Clone + Eq + Hash> Default for Leases<K> {
    fn default() -> Self {
        Self(Mutex::new(LeaseTable {
            leases: HashMap::new(),
            last_epoch: 0,
        }))
    }
}

impl<K: Clone + Eq + Hash> Leases<K> {
    /// Begins a lease on a new row, without a new epoch.
    pub(super) fn begin(&self, key: &K, by: &LeaseHolder) {
        let lease = Lease {
            epoch: 0,
            held: Some(new_hold(by)),
        };
        self.table().leases.insert(key.clone(), lease);
    }

    /// Takes a lease that is free or has expired: returns the new epoch, or `None` if it is held.
    pub(super) fn acquire(&self, key: &K, by: &LeaseHolder) -> Option<u64> {
        let mut table = self.table();
        let LeaseTable { leases, last_epoch } = &mut *table;
        let lease = leases.entry(key.clone()).or_insert(Lease { epoch: 0, held: None });
        if lease.held.as_ref().is_some_and(|held| held.until > Instant::now()) {
            return None;
        }
        *last_epoch += 1;
        *lease = Lease {
            epoch: *last_epoch,
            held: Some(new_hold(by)),
        };
        Some(lease.epoch)
    }

    /// Extends a lease; false if it was lost.
    pub(super) fn renew(&self, key: &K, epoch: u64, by: &LeaseHolder) -> bool {
        match self.table().leases.get_mut(key) {
            Some(lease) if lease.epoch == epoch && lease.held.as_ref().is_some_and(|held| held.by == by.host) => {
                lease.held = Some(new_hold(by));
                true
            }
            _ => false,
        }
    }

    /// The current epoch; 0 if the key was never leased.
    pub(super) fn epoch(&self, key: &K) -> u64 {
        self.table().leases.get(key).map_or(0, |lease| lease.epoch)
    }

    /// Number of leases held now.
    pub(super) fn held_count(&self) -> usize {
        let now = Instant::now();
        let is_held = |lease: &&Lease| lease.held.as_ref().is_some_and(|held| held.until > now);
        self.table().leases.values().filter(is_held).count()
    }

    /// Ends a lease, unless it has a newer epoch; the epoch stays.
    pub(super) fn end(&self, key: &K, epoch: u64) {
        if let Some(lease) = self.table().leases.get_mut(key).filter(|lease| lease.epoch == epoch) {
            lease.held = None;
        }
    }

    /// Removes the entry of a row that can no longer be leased, unless it has a newer epoch.
    pub(super) fn remove(&self, key: &K, epoch: u64) {
        let mut table = self.table();
        if table.leases.get(key).is_some_and(|lease| lease.epoch == epoch) {
            table.leases.remove(key);
        }
    }

    /// Removes the entry of a row that can no longer be leased, whichever host holds it.
    pub(super) fn forget(&self, key: &K) {
        self.table().leases.remove(key);
    }

    /// Ends every lease of a host.
    pub(super) fn end_all(&self, host: &HostId) {
        for lease in self.table().leases.values_mut() {
            lease.held.take_if(|held| held.by == *host);
        }
    }

    fn table(&self) -> MutexGuard<'_, LeaseTable<K>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn new_hold(by: &LeaseHolder) -> LeaseHold {
    LeaseHold {
        by: by.host.clone(),
        until: Instant::now() + by.lease,
    }
}
