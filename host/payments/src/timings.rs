//! How long payments may take.

use std::time::Duration;

use crate::expiry::Retention;
use crate::token_resolution::TokenRetries;

/// How often recovery looks for open attempts without being woken.
const RECOVERY_TICK: Duration = Duration::from_millis(500);

/// How long payments may take.
#[derive(Clone, Debug)]
pub struct Timings {
    /// Least time for which stock that lives outside the host is reserved. The host itself never ends a reservation by time: a
    /// live attempt keeps it, and one that ended releases it at once.
    pub reservation_ttl: Duration,
    /// A token must be valid for at least this much longer when it is checked, because the charge is yet to be made.
    pub token_margin: Duration,
    /// How long a payment waits for the buyer's authentication at most. It holds its stock meanwhile.
    pub authentication_timeout: Duration,
    /// How calls of the token service are retried while a task waits for the answer.
    pub token_retries: TokenRetries,
    /// Pauses between the status checks of a charge whose outcome is unknown; the last one repeats.
    pub status_checks: Vec<Duration>,
    /// A charge that the processor does not know counts as never made after this long at the earliest, even if its plugin
    /// declares a shorter visibility delay.
    pub absence_floor: Duration,
    /// An outcome that is unknown for this long: the charge is canceled by reference where the processor can do that, else an
    /// operator has to look.
    pub review_after: Duration,
    /// How often recovery looks for open attempts without being woken.
    pub recovery_tick: Duration,
    /// How often the outbox looks for messages that are due.
    pub outbox_tick: Duration,
    /// How often overdue sessions are expired and old rows are purged.
    pub expiry_tick: Duration,
    /// How long finished messages and received events are kept.
    pub retention: Retention,
}

impl Default for Timings {
    fn default() -> Self {
        Self {
            reservation_ttl: Duration::from_secs(24 * 3600),
            token_margin: Duration::from_secs(60),
            authentication_timeout: Duration::from_secs(15 * 60),
            token_retries: TokenRetries::default(),
            status_checks: [1, 2, 5, 15, 60, 300].map(Duration::from_secs).to_vec(),
            absence_floor: Duration::from_secs(15 * 60),
            review_after: Duration::from_secs(3600),
            recovery_tick: RECOVERY_TICK,
            outbox_tick: Duration::from_secs(1),
            expiry_tick: Duration::from_secs(60),
            retention: Retention::default(),
        }
    }
}
