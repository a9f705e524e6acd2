//! Backoff: how long to wait between the tries of a call, and when to stop.

use std::time::Duration;

use tokio::time::Instant;

/// An exponential backoff: each pause is twice as long as the one before, up to the longest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// Pause after the first failure.
    pub first: Duration,
    /// Longest pause of our own. The other side may ask for a longer one.
    pub longest: Duration,
}

impl Backoff {
    /// The pause after this many earlier failures.
    pub(crate) fn pause(self, failures: u32) -> Duration {
        self.first
            .saturating_mul(2_u32.saturating_pow(failures))
            .min(self.longest)
    }

    /// Between 75 and 100 % of that pause, spread by a key, so that calls that failed together are not retried together and a
    /// repeated call has the same pauses. It need not be unpredictable.
    pub(crate) fn jittered(self, failures: u32, key: &str) -> Duration {
        let spread = key.bytes().fold(failures.wrapping_mul(2_654_435_761), |hash, byte| {
            hash.wrapping_mul(31).wrapping_add(byte.into())
        });
        let pause = self.pause(failures);
        pause - pause / 400 * (spread % 101)
    }

    /// The tries of one call, up to a moment. The key is one of the call's own, drawn at random.
    pub(crate) const fn until(self, end: Instant, key: &str) -> Tries<'_> {
        Tries {
            backoff: self,
            end: Some(end),
            key,
            failed: 0,
        }
    }
}

/// The tries of one call.
#[derive(Debug)]
pub(crate) struct Tries<'a> {
    backoff: Backoff,
    end: Option<Instant>,
    key: &'a str,
    failed: u32,
}

impl Tries<'_> {
    /// One try without a retry.
    pub(crate) const fn once() -> Self {
        Self {
            backoff: Backoff {
                first: Duration::ZERO,
                longest: Duration::ZERO,
            },
            end: None,
            key: "",
            failed: 0,
        }
    }

    /// Failed tries so far.
    pub(crate) const fn failed(&self) -> u32 {
        self.failed
    }

    /// The call failed: how long to wait before the next try, at least as long as the other side asks; `None` where the retry
    /// would come too late.
    pub(crate) fn pause(&mut self, now: Instant, retry_after: Option<Duration>) -> Option<Duration> {
        let own = self.backoff.jittered(self.failed, self.key);
        self.failed = self.failed.saturating_add(1);
        let pause = own.max(retry_after.unwrap_or_default());
        let end = self.end?;
        now.checked_add(pause).filter(|next| *next < end).map(|_| pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BACKOFF: Backoff = Backoff {
        first: ms(100),
        longest: ms(2000),
    };

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn pauses_grow_up_to_the_longest_and_end_with_the_time() {
        let begin = Instant::now();
        let mut tries = BACKOFF.until(begin + ms(10_000), "key");
        let mut now = begin;
        let mut pauses = Vec::new();
        while let Some(pause) = tries.pause(now, None) {
            now += pause;
            pauses.push(pause);
        }
        assert!(now < begin + ms(10_000));
        for (pause, most) in pauses.iter().zip([100, 200, 400, 800, 1600, 2000, 2000]) {
            assert!(*pause <= ms(most) && *pause >= ms(most) / 4 * 3, "{pauses:?}");
        }
        assert!((7..12).contains(&pauses.len()), "{pauses:?}");
    }

    #[test]
    fn a_retry_waits_for_as_long_as_the_other_side_asks_or_is_not_made() {
        let now = Instant::now();
        let tries = || BACKOFF.until(now + ms(5000), "key");
        assert_eq!(tries().pause(now, Some(ms(3000))), Some(ms(3000)));
        assert!(tries().pause(now, Some(ms(1))).unwrap() >= ms(75));
        for too_long in [ms(5000), ms(60_000), Duration::MAX] {
            assert_eq!(tries().pause(now, Some(too_long)), None);
        }
        assert_eq!(Tries::once().pause(now, None), None);
    }

    #[test]
    fn jitter_takes_off_a_quarter_at_most() {
        let hour = ms(3_600_000);
        let backoff = Backoff {
            first: hour,
            longest: hour,
        };
        let pauses: Vec<_> = (0..100).map(|n| backoff.jittered(1, &format!("pa_{n}"))).collect();
        assert!(pauses.iter().all(|it| *it <= hour && *it >= hour / 4 * 3));
        assert!(pauses.iter().any(|it| *it != pauses[0]));
    }
}
