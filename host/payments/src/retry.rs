//! Asking again: how long to wait between tries, and when to stop.

use std::time::Duration;

use tokio::time::Instant;

/// How often what failed in passing is asked again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retries {
    /// First pause; each further one is twice as long.
    pub first: Duration,
    /// Longest pause of our own. The other side may ask for a longer one.
    pub longest: Duration,
    /// How long a read is tried that nobody waits for any more. Nothing is used up by it, but the checkout is closed meanwhile.
    pub patience: Duration,
}

impl Default for Retries {
    fn default() -> Self {
        Self {
            first: Duration::from_millis(100),
            longest: Duration::from_secs(2),
            patience: Duration::from_secs(60),
        }
    }
}

impl Retries {
    /// The tries of one call, up to a moment. The seed is a key of the call, drawn at random: it spreads the pauses, so that what
    /// failed together is not tried together, and the same call has the same ones.
    #[must_use]
    pub(super) fn until<'a>(&self, end: Instant, seed: &'a str) -> Tries<'a> {
        Tries {
            retries: *self,
            end: Some(end),
            seed,
            failed: 0,
        }
    }
}

/// The tries of one call.
#[derive(Debug)]
pub(super) struct Tries<'a> {
    retries: Retries,
    end: Option<Instant>,
    seed: &'a str,
    failed: u32,
}

impl Tries<'_> {
    /// One try, and no other.
    pub(super) const fn once() -> Self {
        Self {
            retries: Retries {
                first: Duration::ZERO,
                longest: Duration::ZERO,
                patience: Duration::ZERO,
            },
            end: None,
            seed: "",
            failed: 0,
        }
    }

    /// How often it failed.
    pub(super) const fn failed(&self) -> u32 {
        self.failed
    }

    /// It failed: how long to wait before the next try, with what the other side asks for; `None` where that would be too late.
    pub(super) fn pause(&mut self, now: Instant, asked: Option<Duration>) -> Option<Duration> {
        let own = jittered(
            doubled(self.retries.first, self.failed, self.retries.longest),
            self.seed,
            self.failed,
        );
        self.failed = self.failed.saturating_add(1);
        let pause = own.max(asked.unwrap_or_default());
        let end = self.end?;
        now.checked_add(pause).filter(|next| *next < end).map(|_| pause)
    }
}

/// A pause after so many failures.
pub(super) fn doubled(first: Duration, failures: u32, longest: Duration) -> Duration {
    first.saturating_mul(2_u32.saturating_pow(failures)).min(longest)
}

/// Between 75 and 100 % of the pause. Nothing here has to be unforeseeable.
pub(super) fn jittered(pause: Duration, seed: &str, tries: u32) -> Duration {
    let spread = seed.bytes().fold(tries.wrapping_mul(2_654_435_761), |hash, byte| {
        hash.wrapping_mul(31).wrapping_add(byte.into())
    });
    pause - pause / 400 * (spread % 101)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn pauses_grow_up_to_the_longest_and_end_with_the_time() {
        let begin = Instant::now();
        let mut tries = Retries::default().until(begin + ms(10_000), "key");
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
    fn the_other_side_is_left_alone_for_as_long_as_it_asks_or_not_asked_again() {
        let now = Instant::now();
        let tries = || Retries::default().until(now + ms(5000), "key");
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
        let pauses: Vec<_> = (0..100).map(|n| jittered(hour, &format!("pa_{n}"), 1)).collect();
        assert!(pauses.iter().all(|it| *it <= hour && *it >= hour / 4 * 3));
        assert!(pauses.iter().any(|it| *it != pauses[0]));
    }
}
