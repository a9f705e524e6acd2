//! Time and ids that a test determines.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tillhouse_checkout::ids::IdGenerator;
use tillhouse_checkout::time::{Clock, Timestamp};

/// A clock that a test moves.
#[derive(Debug)]
pub(crate) struct ManualClock(AtomicU64);

impl ManualClock {
    pub(crate) const fn at(start: Timestamp) -> Self {
        Self(AtomicU64::new(start.millis()))
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.0.fetch_add(by.as_millis().try_into().unwrap(), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// Ids with a number, each once.
#[derive(Debug, Default)]
pub(crate) struct NumberedIds(AtomicU64);

impl IdGenerator for NumberedIds {
    fn next(&self, prefix: &str) -> String {
        format!("{prefix}_{:026}", self.0.fetch_add(1, Ordering::SeqCst))
    }

    fn idempotency_key(&self) -> String {
        format!("{:036}", self.0.fetch_add(1, Ordering::SeqCst))
    }
}
