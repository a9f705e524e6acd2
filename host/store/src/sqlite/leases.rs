//! Leases, in memory: one host has the folder, so nobody outside this process can hold one, and none outlives it.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tillhouse_checkout::ids::HostId;
use tillhouse_checkout::unit::Claimant;

/// Who has what.
#[derive(Debug)]
pub(super) struct Leases<K>(Mutex<Table<K>>);

#[derive(Debug)]
struct Table<K> {
    leases: HashMap<K, Lease>,
    /// Epochs are never given twice, so that what was forgotten stays fenced off.
    last_epoch: u64,
}

#[derive(Debug)]
struct Lease {
    epoch: u64,
    /// `None` once it was let go; the epoch stays, because a former holder may still come back.
    held: Option<Held>,
}

#[derive(Debug)]
struct Held {
    by: HostId,
    until: Instant,
}

impl<K: Clone + Eq + Hash> Default for Leases<K> {
    fn default() -> Self {
        Self(Mutex::new(Table {
            leases: HashMap::new(),
            last_epoch: 0,
        }))
    }
}

impl<K: Clone + Eq + Hash> Leases<K> {
    /// Begin a lease on something new, without a new epoch.
    pub(super) fn begin(&self, key: &K, by: &Claimant) {
        let lease = Lease {
            epoch: 0,
            held: Some(held(by)),
        };
        self.table().leases.insert(key.clone(), lease);
    }

    /// Take a lease that nobody holds: the new epoch, or `None` where somebody does.
    pub(super) fn claim(&self, key: &K, by: &Claimant) -> Option<u64> {
        let mut table = self.table();
        let Table { leases, last_epoch } = &mut *table;
        let lease = leases.entry(key.clone()).or_insert(Lease { epoch: 0, held: None });
        if lease.held.as_ref().is_some_and(|held| held.until > Instant::now()) {
            return None;
        }
        *last_epoch += 1;
        *lease = Lease {
            epoch: *last_epoch,
            held: Some(held(by)),
        };
        Some(lease.epoch)
    }

    /// Hold on for another lease; false when it was lost.
    pub(super) fn renew(&self, key: &K, epoch: u64, by: &Claimant) -> bool {
        match self.table().leases.get_mut(key) {
            Some(lease) if lease.epoch == epoch && lease.held.as_ref().is_some_and(|held| held.by == by.host) => {
                lease.held = Some(held(by));
                true
            }
            _ => false,
        }
    }

    /// The epoch of now; 0 for what was never claimed.
    pub(super) fn epoch(&self, key: &K) -> u64 {
        self.table().leases.get(key).map_or(0, |lease| lease.epoch)
    }

    /// How many are held.
    pub(super) fn held(&self) -> usize {
        let now = Instant::now();
        let is_held = |lease: &&Lease| lease.held.as_ref().is_some_and(|held| held.until > now);
        self.table().leases.values().filter(is_held).count()
    }

    /// End a lease, unless another has it by now; the epoch stays.
    pub(super) fn end(&self, key: &K, epoch: u64) {
        if let Some(lease) = self.table().leases.get_mut(key).filter(|lease| lease.epoch == epoch) {
            lease.held = None;
        }
    }

    /// Forget something that nobody can claim any more, unless another has it by now.
    pub(super) fn forget(&self, key: &K, epoch: u64) {
        let mut table = self.table();
        if table.leases.get(key).is_some_and(|lease| lease.epoch == epoch) {
            table.leases.remove(key);
        }
    }

    /// End every lease of a host.
    pub(super) fn end_all(&self, host: &HostId) {
        for lease in self.table().leases.values_mut() {
            lease.held.take_if(|held| held.by == *host);
        }
    }

    fn table(&self) -> MutexGuard<'_, Table<K>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn held(by: &Claimant) -> Held {
    Held {
        by: by.host.clone(),
        until: Instant::now() + by.lease,
    }
}
