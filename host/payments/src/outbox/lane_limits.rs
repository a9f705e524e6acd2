//! How much of the outbox worker one destination may occupy, so that a destination that hangs delays its own messages only.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tillhouse_checkout::outbox::DeliveryLane;

/// The deliveries that are running, by lane. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct LaneLimits {
    each: usize,
    running: Arc<Mutex<HashMap<DeliveryLane, usize>>>,
}

/// Counts as one running delivery of the lane until it is dropped.
#[derive(Debug)]
pub(super) struct LanePermit {
    limits: LaneLimits,
    lane: DeliveryLane,
}

impl LaneLimits {
    /// Limits of `each` deliveries per lane at a time.
    pub(super) fn of(each: usize) -> Self {
        Self {
            each,
            running: Arc::default(),
        }
    }

    /// Count a delivery that begins now.
    pub(super) fn take(&self, lane: DeliveryLane) -> LanePermit {
        *self.running().entry(lane.clone()).or_default() += 1;
        LanePermit {
            limits: self.clone(),
            lane,
        }
    }

    /// The lanes that have reached the limit.
    pub(super) fn at_limit(&self) -> Vec<DeliveryLane> {
        let running = self.running();
        let full = running.iter().filter(|(_, count)| **count >= self.each);
        full.map(|(lane, _)| lane.clone()).collect()
    }

    /// Whether a delivery of the lane is running.
    pub(super) fn is_running(&self, lane: &DeliveryLane) -> bool {
        self.running().contains_key(lane)
    }

    fn running(&self) -> std::sync::MutexGuard<'_, HashMap<DeliveryLane, usize>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for LanePermit {
    fn drop(&mut self) {
        let mut running = self.limits.running();
        if let Some(count) = running.get_mut(&self.lane) {
            *count -= 1;
            if *count == 0 {
                running.remove(&self.lane);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tillhouse_checkout::ids::MerchantId;
    use tillhouse_checkout::outbox::MessageKind;

    fn lane(target: &str) -> DeliveryLane {
        DeliveryLane {
            merchant: MerchantId::new("acme"),
            kind: MessageKind::OrderEvent,
            destination: Some(target.to_owned()),
        }
    }

    #[test]
    fn a_lane_is_at_its_limit_until_a_delivery_ends_and_other_lanes_are_not() {
        let limits = LaneLimits::of(2);
        let first = limits.take(lane("slow"));
        assert_eq!(limits.at_limit(), []);
        let second = limits.take(lane("slow"));
        let other = limits.take(lane("quick"));
        assert_eq!(limits.at_limit(), [lane("slow")]);
        drop(first);
        assert_eq!(limits.at_limit(), []);
        assert!(limits.is_running(&lane("slow")));
        drop((second, other));
        assert!(!limits.is_running(&lane("slow")));
        assert!(limits.running().is_empty());
    }
}
