//! `[payments]`: delays of payments, where they differ from the built-in values.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::section::Section;
use tillhouse_runtime::config::Value;

/// Delays of payments. `None` keeps the built-in value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PaymentsConfig {
    /// `lookups_ms`: backoff between status checks of an unknown outcome; the last one repeats. 1 to 32 values.
    pub lookups: Option<Vec<Duration>>,
    /// `absence_floor_ms`: a charge that the processor does not find counts as never made only after this long, even if its
    /// plugin declares a shorter time.
    pub absence_floor: Option<Duration>,
    /// `authentication_ms`: how long a payment waits for the buyer's 3-D Secure authentication, with its stock reserved. It never waits
    /// longer than its token, its session and its reservation last.
    pub authentication: Option<Duration>,
    /// `outbox_tick_ms`: how often the outbox checks for messages that are due.
    pub outbox_tick: Option<Duration>,
    /// `lease_ms`: other hosts of the same database take over work that this host has not renewed for this long. One second to
    /// one hour.
    pub lease: Option<Duration>,
}

/// Maximum number of values in `lookups_ms`.
const MOST_LOOKUPS: usize = 32;

/// Backoff between status checks: 10 ms to one day.
const PAUSE_MS: RangeInclusive<u64> = 10..=86_400_000;

impl PaymentsConfig {
    pub(super) fn read(mut section: Section<'_>) -> Self {
        let config = Self {
            lookups: lookups(&mut section),
            absence_floor: section.millis("absence_floor_ms", 1_000..=7 * 86_400_000),
            authentication: section.millis("authentication_ms", 1_000..=86_400_000),
            outbox_tick: section.millis("outbox_tick_ms", 10..=60_000),
            lease: section.millis("lease_ms", 1_000..=3_600_000),
        };
        section.finish();
        config
    }
}

fn lookups(section: &mut Section<'_>) -> Option<Vec<Duration>> {
    const KEY: &str = "lookups_ms";
    let given = section.has(KEY);
    let pauses = section.list(KEY);
    if !given {
        return None;
    }
    if !(1..=MOST_LOOKUPS).contains(&pauses.len()) {
        let remedy = format!("give 1 to {MOST_LOOKUPS} pauses in milliseconds; the last one repeats");
        section.error(KEY, "is not a schedule", remedy);
        return None;
    }
    pauses.iter().map(pause).collect()
}

fn pause(value: &Value<'_>) -> Option<Duration> {
    let ms = value.as_u64().filter(|ms| PAUSE_MS.contains(ms));
    if ms.is_none() {
        let (least, most) = (PAUSE_MS.start(), PAUSE_MS.end());
        let help = format!("it must be a whole number from {least} to {most}");
        value.error("is not a pause in milliseconds", help);
    }
    ms.map(Duration::from_millis)
}
