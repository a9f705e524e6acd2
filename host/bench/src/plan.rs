//! How much is measured. Every loop is bounded in count and in time.

use std::time::Duration;

/// Numbers of concurrent clients that are measured.
pub(super) const CLIENTS: [usize; 3] = [1, 16, 64];

/// Sizes of the carts that are quoted, in lines.
pub(super) const LINES: [usize; 3] = [1, 10, 100];

/// Number of rounds, and their limits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    /// Number of rounds that alternate between kinds of calls.
    pub(super) call_rounds: usize,
    /// Time limit of one kind of call in one round.
    pub(super) call_slice: Duration,
    /// Number of rounds that alternate between loads.
    pub(super) load_rounds: usize,
    /// Time limit of one load in one round.
    pub(super) load_slice: Duration,
    /// Maximum number of purchases per client in one round; each needs a token that was issued before.
    pub(super) purchases_per_client: usize,
    /// Maximum number of purchases in one round, over all clients.
    pub(super) purchases: usize,
    /// Number of synced appends that measure the bare disk.
    pub(super) disk_writes: usize,
    /// Whether the run is too short to compare machines.
    pub(super) quick: bool,
}

impl Plan {
    /// The default plan: about two minutes.
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

    /// The plan for `--quick`: about twenty seconds.
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

    /// Everything once, for the test of the benchmark.
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
