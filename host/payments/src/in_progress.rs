//! The attempts that tasks of this host work on, and the leases that keep other hosts away from them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tillhouse_checkout::ids::AttemptId;

/// The attempts that are worked on, and the epoch of each lease. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct InProgress(Arc<Mutex<HashMap<AttemptId, u64>>>);

/// Marks one attempt as worked on by this host; dropped when its task ends, even by panic.
#[derive(Debug)]
pub(crate) struct InProgressGuard {
    attempts: InProgress,
    id: AttemptId,
}

impl InProgress {
    /// Mark an attempt as worked on under the lease with this epoch.
    pub(crate) fn begin(&self, id: AttemptId, epoch: u64) -> InProgressGuard {
        self.ids().insert(id.clone(), epoch);
        InProgressGuard {
            attempts: self.clone(),
            id,
        }
    }

    pub(crate) fn leases(&self) -> Vec<(AttemptId, u64)> {
        self.ids().iter().map(|(id, epoch)| (id.clone(), *epoch)).collect()
    }

    fn ids(&self) -> std::sync::MutexGuard<'_, HashMap<AttemptId, u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for InProgressGuard {
    fn drop(&mut self) {
        self.attempts.ids().remove(&self.id);
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
