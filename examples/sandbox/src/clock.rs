//! The simulators' clock: injected, and moved forward by tests in which something expires.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A source of wall-clock time that can be moved forward.
///
/// Clones share the same offset, so one [`Clock::advance`] moves every server and agent of a sandbox.
#[derive(Clone)]
pub struct Clock {
    source: Arc<dyn Fn() -> SystemTime + Send + Sync>,
    ahead_secs: Arc<AtomicU64>,
}

impl Clock {
    /// The real-time clock of the machine.
    #[must_use]
    pub fn system() -> Self {
        #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
        Self::from_source(SystemTime::now)
    }

    /// A clock that is stopped at `unix_seconds`; [`Clock::advance`] moves it.
    #[must_use]
    pub fn fixed(unix_seconds: u64) -> Self {
        let instant = UNIX_EPOCH + Duration::from_secs(unix_seconds);
        Self::from_source(move || instant)
    }

    /// A clock that reads `source`, for a caller with a clock of its own.
    pub fn from_source(source: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self {
            source: Arc::new(source),
            ahead_secs: Arc::default(),
        }
    }

    /// Moves the clock forward; fractions of a second are dropped, because all timestamps on the wire are in seconds.
    pub fn advance(&self, by: Duration) {
        self.ahead_secs.fetch_add(by.as_secs(), Ordering::SeqCst);
    }

    /// Current time in Unix seconds.
    #[must_use]
    pub fn now(&self) -> i64 {
        let since = (self.source)().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        i64::try_from(since.saturating_add(self.ahead_secs.load(Ordering::SeqCst))).unwrap_or(i64::MAX)
    }
}

/// `unix_seconds` as RFC 3339 with milliseconds, as Stripe's v2 API writes times.
pub(crate) fn rfc3339(unix_seconds: i64) -> String {
    let timestamp = jiff::Timestamp::from_second(unix_seconds).unwrap_or_default();
    format!("{timestamp:.3}")
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clock").field("now", &self.now()).finish()
    }
}

/// Year and month (1 to 12) of `unix_seconds` in UTC, to decide whether a card has expired.
///
/// Days to civil date after Howard Hinnant's `civil_from_days`.
pub(crate) fn year_and_month(unix_seconds: i64) -> (i64, i64) {
    let days = unix_seconds.div_euclid(86_400) + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn civil_months_turn_at_midnight_utc() {
        assert_eq!(year_and_month(0), (1970, 1));
        assert_eq!(year_and_month(951_782_399), (2000, 2));
        assert_eq!(year_and_month(951_868_799), (2000, 2));
        assert_eq!(year_and_month(951_868_800), (2000, 3));
        assert_eq!(year_and_month(1_924_991_999), (2030, 12));
        assert_eq!(year_and_month(1_924_992_000), (2031, 1));
    }

    #[test]
    fn times_of_v2_have_milliseconds() {
        assert_eq!(rfc3339(1_774_485_301), "2026-03-26T00:35:01.000Z");
    }

    #[test]
    fn clones_share_one_offset() {
        let clock = Clock::fixed(1_000);
        let other = clock.clone();
        clock.advance(Duration::from_secs(60));
        assert_eq!(other.now(), 1_060);
    }
}
