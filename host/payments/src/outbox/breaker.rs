//! Circuit breakers: a destination that fails again and again gets one probe at a time, instead of every message that is due.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tillhouse_checkout::outbox::DeliveryLane;
use tillhouse_checkout::time::Timestamp;

use crate::backoff::Backoff;

/// Failures in a row, of different messages or of the same, after which a lane is open.
const THRESHOLD: u32 = 3;

/// Pauses between the probes of an open lane.
const PROBES: Backoff = Backoff {
    first: Duration::from_secs(2),
    longest: Duration::from_secs(60),
};

/// What is known of a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LaneState {
    /// The last delivery was answered, or none was made.
    Answering,
    /// The last deliveries failed, fewer than open it.
    Failing,
    /// Only probes are delivered.
    Open,
}

/// The lanes that have failed lately. The breakers are this host's own: after a restart every lane is tried again.
#[derive(Debug, Default)]
pub(super) struct Breakers {
    failing: Mutex<HashMap<DeliveryLane, Failing>>,
}

#[derive(Clone, Copy, Debug)]
struct Failing {
    /// Failures since the last success.
    failures: u32,
    /// When the next probe may be sent, if the lane is open.
    probe: Timestamp,
}

impl Failing {
    const fn is_open(&self) -> bool {
        self.failures >= THRESHOLD
    }
}

impl Breakers {
    /// The lane answered: its messages are delivered as they are due.
    ///
    /// Returns whether the lane was open.
    pub(super) fn succeeded(&self, lane: &DeliveryLane) -> bool {
        self.failing().remove(lane).is_some_and(|failing| failing.is_open())
    }

    /// A delivery failed, and a retry may succeed. `asked` is the pause that the destination asked for.
    ///
    /// Returns whether the lane is open since this failure.
    pub(super) fn failed(&self, lane: &DeliveryLane, now: Timestamp, asked: Option<Duration>) -> bool {
        let mut all = self.failing();
        let failing = all.entry(lane.clone()).or_insert(Failing {
            failures: 0,
            probe: now,
        });
        failing.failures = failing.failures.saturating_add(1);
        let probes = failing.failures.saturating_sub(THRESHOLD);
        let pause = PROBES.pause(probes).max(asked.unwrap_or_default().min(PROBES.longest));
        failing.probe = now.after(pause);
        failing.failures == THRESHOLD
    }

    pub(super) fn state(&self, lane: &DeliveryLane) -> LaneState {
        match self.failing().get(lane) {
            None => LaneState::Answering,
            Some(failing) if failing.is_open() => LaneState::Open,
            Some(_) => LaneState::Failing,
        }
    }

    /// The open lanes: none of their messages is delivered but a probe.
    pub(super) fn open(&self) -> Vec<DeliveryLane> {
        let failing = self.failing();
        let open = failing.iter().filter(|(_, failing)| failing.is_open());
        open.map(|(lane, _)| lane.clone()).collect()
    }

    /// The open lanes of which one message may be delivered as a probe now.
    pub(super) fn to_probe(&self, now: Timestamp) -> Vec<DeliveryLane> {
        let failing = self.failing();
        let due = failing
            .iter()
            .filter(|(_, failing)| failing.is_open() && failing.probe <= now);
        due.map(|(lane, _)| lane.clone()).collect()
    }

    fn failing(&self) -> std::sync::MutexGuard<'_, HashMap<DeliveryLane, Failing>> {
        self.failing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tillhouse_checkout::ids::MerchantId;
    use tillhouse_checkout::outbox::MessageKind;

    const NOW: Timestamp = Timestamp(1_000_000);

    fn lane(target: &str) -> DeliveryLane {
        DeliveryLane {
            merchant: MerchantId::new("acme"),
            kind: MessageKind::OrderEvent,
            destination: Some(target.to_owned()),
        }
    }

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    #[test]
    fn a_lane_opens_after_failures_in_a_row_and_closes_with_a_success() {
        let breakers = Breakers::default();
        assert!(!breakers.failed(&lane("a"), NOW, None));
        assert!(!breakers.failed(&lane("a"), NOW, None));
        assert_eq!(breakers.state(&lane("a")), LaneState::Failing);
        assert_eq!(breakers.open(), []);
        assert!(!breakers.succeeded(&lane("a")), "it was not open");
        for opens in [false, false, true, false] {
            assert_eq!(breakers.failed(&lane("a"), NOW, None), opens);
        }
        assert_eq!(breakers.open(), [lane("a")]);
        assert_eq!(breakers.state(&lane("a")), LaneState::Open);
        assert_eq!(breakers.state(&lane("b")), LaneState::Answering);
        assert!(breakers.succeeded(&lane("a")));
        assert_eq!(breakers.open(), []);
        assert_eq!(breakers.state(&lane("a")), LaneState::Answering);
    }

    #[test]
    fn an_open_lane_is_probed_less_and_less_often_up_to_once_a_minute() {
        let breakers = Breakers::default();
        let mut now = NOW;
        for _ in 0..THRESHOLD {
            breakers.failed(&lane("a"), now, None);
        }
        for pause in [2, 4, 8, 16, 32, 60, 60] {
            let due = now.after(seconds(pause));
            assert_eq!(breakers.to_probe(Timestamp(due.millis() - 1)), []);
            assert_eq!(breakers.to_probe(due), [lane("a")]);
            now = due;
            breakers.failed(&lane("a"), now, None);
        }
    }

    #[test]
    fn a_destination_may_ask_for_a_longer_pause_within_a_minute() {
        for (asked, pause) in [(0, 2), (10, 10), (86_400, 60)] {
            let breakers = Breakers::default();
            for _ in 0..THRESHOLD {
                breakers.failed(&lane("a"), NOW, Some(seconds(asked)));
            }
            let due = NOW.after(seconds(pause));
            assert_eq!(breakers.to_probe(Timestamp(due.millis() - 1)), []);
            assert_eq!(breakers.to_probe(due), [lane("a")]);
        }
    }
}
