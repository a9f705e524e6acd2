//! The real clock and the real source of randomness.

use std::io;
use std::time::{SystemTime, UNIX_EPOCH};

use uuid::Uuid;

use tillhouse_checkout::ids::IdGenerator;
use tillhouse_checkout::time::{Clock, Timestamp};
use tillhouse_payments::vault::Randomness;

/// The machine's clock, in UTC.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }
}

/// The randomness of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandomness;

impl Randomness for SystemRandomness {
    fn fill(&self, bytes: &mut [u8]) -> io::Result<()> {
        getrandom::fill(bytes).map_err(io::Error::other)
    }
}

/// Ids that sort by creation time, because the store is fastest when new rows are appended at the end.
#[derive(Clone, Copy, Debug, Default)]
pub struct RandomIds;

impl IdGenerator for RandomIds {
    fn next(&self, prefix: &str) -> String {
        format!("{prefix}_{}", Uuid::now_v7().simple())
    }

    fn idempotency_key(&self) -> String {
        Uuid::new_v4().to_string()
    }
}
