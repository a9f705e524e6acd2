//! How much is measured: every loop is bounded in count and in time.

use std::time::Duration;

/// Clients at the same time.
pub(super) const CLIENTS: [usize; 3] = [1, 16, 64];

/// Lines of the carts that are quoted.
pub(super) const LINES: [usize; 3] = [1, 10, 100];

/// Rounds and their bounds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    /// Rounds in which calls take turns.
    pub(super) call_rounds: usize,
    /// Time of one kind of call in one round.
    pub(super) call_slice: Duration,
    /// Rounds in which loads take turns.
    pub(super) load_rounds: usize,
    /// Time of one load in one round.
    pub(super) load_slice: Duration,
    /// Most purchases of one client in one round; each needs a token that was issued before.
    pub(super) purchases_per_client: usize,
    /// Most purchases in one round.
    pub(super) purchases: usize,
    /// Writes that the bare disk is measured by.
    pub(super) disk_writes: usize,
    /// Whether this is too short to compare machines by.
    pub(super) quick: bool,
}

impl Plan {
    /// Some two minutes.
    pub(super) const fn full() -> Self {
        Self {
            call_rounds: 15,
            call_slice: Duration::from_millis(60),
            load_rounds: 3,
            load_slice: Duration::from_millis(1_500),
            purchases_per_client: 200,
            purchases: 2_000,
            disk_writes: 400,
            quick: false,
        }
    }

    /// Some twenty seconds.
    pub(super) const fn quick() -> Self {
        Self {
            call_rounds: 3,
            call_slice: Duration::from_millis(25),
            load_rounds: 1,
            load_slice: Duration::from_millis(500),
            purchases_per_client: 20,
            purchases: 200,
            disk_writes: 50,
            quick: true,
        }
    }

    /// Everything once, to see that it works.
    #[cfg(test)]
    pub(super) const fn smoke() -> Self {
        Self {
            call_rounds: 1,
            call_slice: Duration::from_millis(1),
            load_rounds: 1,
            load_slice: Duration::from_millis(50),
            purchases_per_client: 1,
            purchases: 16,
            disk_writes: 3,
            quick: true,
        }
    }
}
