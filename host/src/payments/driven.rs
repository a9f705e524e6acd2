//! Which attempts a task of this host is driving. Whatever is open and not among them was left behind.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use crate::checkout::ids::AttemptId;

/// The attempts being driven. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Driven(Arc<Mutex<HashSet<AttemptId>>>);

/// Holds one attempt among the driven, until it is dropped: by the end of its task, however that comes.
#[derive(Debug)]
pub(super) struct Driving {
    driven: Driven,
    id: AttemptId,
}

impl Driven {
    /// Begin to drive an attempt.
    pub(super) fn take(&self, id: AttemptId) -> Driving {
        self.ids().insert(id.clone());
        Driving {
            driven: self.clone(),
            id,
        }
    }

    /// Whether a task drives it.
    pub(super) fn holds(&self, id: &AttemptId) -> bool {
        self.ids().contains(id)
    }

    fn ids(&self) -> std::sync::MutexGuard<'_, HashSet<AttemptId>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Driving {
    fn drop(&mut self) {
        self.driven.ids().remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attempt_is_driven_until_its_task_ends() {
        let driven = Driven::default();
        let id = AttemptId::new("pa_1");
        let driving = driven.take(id.clone());
        assert!(driven.holds(&id));
        drop(driving);
        assert!(!driven.holds(&id));
    }
}
