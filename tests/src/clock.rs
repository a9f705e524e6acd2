//! The clock that the host and the sandbox share.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tillhouse_checkout::time::{Clock, Timestamp};

/// 2026-11-21T12:00:00Z: a fixed day, so that no fixture expires as time goes by.
const START_MS: u64 = 1_795_262_400_000;

/// A clock that tests control. It starts on a fixed day, runs at normal speed unless it is frozen, and [`TestClock::advance`]
/// moves it. Clones share the same time.
#[derive(Clone, Debug)]
pub struct TestClock {
    start_ms: u64,
    began: Option<Instant>,
    /// Milliseconds on this clock per millisecond of the system clock.
    pace: u64,
    ahead_ms: Arc<AtomicU64>,
}

impl TestClock {
    /// A running clock that starts on the fixed day.
    #[must_use]
    pub fn running() -> Self {
        Self {
            start_ms: START_MS,
            began: Some(Instant::now()),
            pace: 1,
            ahead_ms: Arc::default(),
        }
    }

    /// A clock that stands still until it is advanced.
    #[must_use]
    pub fn frozen() -> Self {
        Self::frozen_at(START_MS)
    }

    /// A clock that stands still at this time, in milliseconds since the Unix epoch, until it is advanced.
    #[must_use]
    pub fn frozen_at(start_ms: u64) -> Self {
        Self {
            start_ms,
            began: None,
            pace: 1,
            ahead_ms: Arc::default(),
        }
    }

    /// A clock that shows the system time, for a host in another process.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "a host in another process reads the same clock"
    )]
    pub fn of_the_machine() -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a date after 1970");
        Self {
            start_ms: u64::try_from(now.as_millis()).expect("a date that fits in 64 bits"),
            ..Self::running()
        }
    }

    /// A clock that showed the system time at this moment and runs this many times as fast since. All clocks with the same moment
    /// and pace show the same time, in every process.
    #[must_use]
    pub fn hastened(since_ms: u64, pace: u64) -> Self {
        let machine = Self::of_the_machine();
        Self {
            start_ms: since_ms + machine.start_ms.saturating_sub(since_ms) * pace,
            pace,
            ..machine
        }
    }

    /// Advances the time, for the host and the sandbox alike.
    pub fn advance(&self, by: Duration) {
        let ms = u64::try_from(by.as_millis()).expect("a duration that fits in 64 bits");
        self.ahead_ms.fetch_add(ms, Ordering::SeqCst);
    }

    /// Milliseconds since the Unix epoch.
    #[must_use]
    pub fn millis(&self) -> u64 {
        let run = self.began.map_or(0, |began| {
            u64::try_from(began.elapsed().as_millis()).unwrap_or_default()
        });
        self.start_ms + run * self.pace + self.ahead_ms.load(Ordering::SeqCst)
    }

    /// Seconds since the Unix epoch, the unit of signature timestamps.
    #[must_use]
    pub fn seconds(&self) -> i64 {
        i64::try_from(self.millis() / 1000).unwrap_or(i64::MAX)
    }

    /// A clock for the sandbox that shows the same time.
    #[must_use]
    pub fn sandbox(&self) -> tillhouse_sandbox::Clock {
        let clock = self.clone();
        tillhouse_sandbox::Clock::from_source(move || UNIX_EPOCH + Duration::from_millis(clock.millis()))
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.millis())
    }
}
