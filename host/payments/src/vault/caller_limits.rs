//! How many cards a caller delegates: a stolen key of an agent must not test card numbers against the vault.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tillhouse_checkout::caller::Caller;
use tillhouse_checkout::time::Timestamp;

const MINUTE: Duration = Duration::from_secs(60);

/// Tries of the last minute, by merchant and principal. Of this process only: several hosts allow as much each.
#[derive(Debug, Default)]
pub(super) struct CallerLimits(Mutex<HashMap<LimitedCaller, Vec<Timestamp>>>);

/// Merchant, and principal of the caller.
type LimitedCaller = (String, Option<String>);

impl CallerLimits {
    /// Count a try.
    ///
    /// # Errors
    /// How long to wait, if there were too many in the last minute.
    pub(super) fn count(&self, caller: &Caller, per_minute: u32, now: Timestamp) -> Result<(), Duration> {
        let mut tries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let begins = now.before(MINUTE);
        tries.retain(|_, times| times.last().is_some_and(|last| *last > begins));
        let of_caller = (caller.merchant.to_string(), caller.principal.clone());
        let times = tries.entry(of_caller).or_default();
        times.retain(|time| *time > begins);
        let oldest = times.first().copied();
        if times.len() >= usize::try_from(per_minute).unwrap_or(usize::MAX) {
            let free = oldest.unwrap_or(now).after(MINUTE);
            return Err(Duration::from_millis(free.millis().saturating_sub(now.millis())));
        }
        times.push(now);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::caller;

    #[test]
    fn a_caller_waits_after_its_tries_of_a_minute_and_others_do_not() {
        let limits = CallerLimits::default();
        let at = |seconds: u64| Timestamp(seconds * 1000);
        assert_eq!(limits.count(&caller(), 2, at(100)), Ok(()));
        assert_eq!(limits.count(&caller(), 2, at(110)), Ok(()));
        assert_eq!(limits.count(&caller(), 2, at(120)), Err(Duration::from_secs(40)));
        let other = Caller {
            principal: Some("other".into()),
            ..caller()
        };
        assert_eq!(limits.count(&other, 2, at(120)), Ok(()));
        assert_eq!(limits.count(&caller(), 2, at(161)), Ok(()));
        assert!(limits.count(&caller(), 2, at(162)).is_err());
    }
}
