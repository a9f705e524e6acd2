//! The attempts that tasks of this host are driving, and the leases that keep others away from them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio_util::sync::CancellationToken;
use tracing::{error, warn};

use super::Payments;
use tillhouse_checkout::ids::AttemptId;

/// The attempts being driven, and the epoch of each lease. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Driven(Arc<Mutex<HashMap<AttemptId, u64>>>);

/// Holds one attempt among the driven, until it is dropped: by the end of its task, however that comes.
#[derive(Debug)]
pub(super) struct Driving {
    driven: Driven,
    id: AttemptId,
}

impl Driven {
    /// Begin to drive an attempt under this lease.
    pub(super) fn take(&self, id: AttemptId, epoch: u64) -> Driving {
        self.ids().insert(id.clone(), epoch);
        Driving {
            driven: self.clone(),
            id,
        }
    }

    fn leases(&self) -> Vec<(AttemptId, u64)> {
        self.ids().iter().map(|(id, epoch)| (id.clone(), *epoch)).collect()
    }

    fn ids(&self) -> std::sync::MutexGuard<'_, HashMap<AttemptId, u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Driving {
    fn drop(&mut self) {
        self.driven.ids().remove(&self.id);
    }
}

impl Payments {
    /// Hold on to what is being driven, until told to stop.
    ///
    /// A lease that was lost needs no other answer than a line in the log: whatever its task still writes is refused.
    pub async fn renew_forever(self: Arc<Self>, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(self.claimant.lease / 3) => {}
            }
            let held = self.driven.leases();
            if held.is_empty() {
                continue;
            }
            match self.checkout.store.renew_attempts(&self.claimant, &held).await {
                Ok(lost) => lost
                    .iter()
                    .for_each(|id| warn!(attempt.id = %id, "another host has this attempt now")),
                Err(error) => error!(%error, "leases could not be renewed"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attempt_is_driven_until_its_task_ends() {
        let driven = Driven::default();
        let id = AttemptId::new("pa_1");
        let driving = driven.take(id.clone(), 3);
        assert_eq!(driven.leases(), [(id, 3)]);
        drop(driving);
        assert_eq!(driven.leases(), []);
    }
}
