//! The attempts and refunds that tasks of this host work on, and the leases that keep other hosts away from them.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use tillhouse_checkout::ids::AttemptId;

/// What is worked on, and the epoch of each lease. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct InProgress<K = AttemptId>(Arc<Mutex<HashMap<K, u64>>>);

/// Marks one attempt or refund as worked on by this host; dropped when its task ends, even by panic.
#[derive(Debug)]
pub(crate) struct InProgressGuard<K: Clone + Eq + Hash = AttemptId> {
    all: InProgress<K>,
    id: K,
}

impl<K> Default for InProgress<K> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K: Clone + Eq + Hash> InProgress<K> {
    /// Mark it as worked on under the lease with this epoch.
    pub(crate) fn begin(&self, id: K, epoch: u64) -> InProgressGuard<K> {
        self.ids().insert(id.clone(), epoch);
        InProgressGuard { all: self.clone(), id }
    }

    pub(crate) fn leases(&self) -> Vec<(K, u64)> {
        self.ids().iter().map(|(id, epoch)| (id.clone(), *epoch)).collect()
    }

    fn ids(&self) -> std::sync::MutexGuard<'_, HashMap<K, u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Clone + Eq + Hash> Drop for InProgressGuard<K> {
    fn drop(&mut self) {
        self.all.ids().remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attempt_is_in_progress_until_its_task_ends() {
        let in_progress = InProgress::default();
        let id = AttemptId::new("pa_1");
        let guard = in_progress.begin(id.clone(), 3);
        assert_eq!(in_progress.leases(), [(id, 3)]);
        drop(guard);
        assert_eq!(in_progress.leases(), []);
    }
}
