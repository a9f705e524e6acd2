//! The deliveries of one class of messages that are running, and beginning those that are due.
//!
//! Each class has a pool of its own, so that order events, however many and however slow their targets are, never take the place
//! of a report of a payment.

use std::sync::Arc;

use tokio::task::JoinSet;
use tracing::error;

use tillhouse_checkout::outbox::{DeliveryLane, MessageClass};
use tillhouse_checkout::ports::MessageSelection;

use super::Outbox;
use super::breaker::Breakers;
use super::lane_limits::LaneLimits;
use crate::merchant_limits::MerchantLimits;

/// Deliveries of a pool running at a time.
const LIMIT: usize = 64;
/// Deliveries of one merchant in a pool running at a time.
const LIMIT_PER_MERCHANT: usize = 24;
/// Deliveries of one merchant to one destination running at a time.
const LIMIT_PER_LANE: usize = 8;

/// Running deliveries of one class.
#[derive(Debug)]
pub(super) struct DeliveryPool {
    class: MessageClass,
    merchants: MerchantLimits,
    lanes: LaneLimits,
    breakers: Arc<Breakers>,
    work: JoinSet<()>,
}

impl DeliveryPool {
    pub(super) fn of(class: MessageClass) -> Self {
        Self {
            class,
            merchants: MerchantLimits::of(LIMIT_PER_MERCHANT),
            lanes: LaneLimits::of(LIMIT_PER_LANE),
            breakers: Arc::default(),
            work: JoinSet::new(),
        }
    }

    /// Begins what is due, as far as there is room.
    pub(super) async fn begin_all_due(&mut self, outbox: &Outbox) {
        while self.work.try_join_next().is_some() {}
        self.begin_probes(outbox).await;
        while self.begin_due(outbox).await > 0 {}
    }

    /// Returns when a delivery has ended; never, if none is running.
    pub(super) async fn delivery_ended(&mut self) {
        if self.work.join_next().await.is_none() {
            std::future::pending::<()>().await;
        }
    }

    /// Waits for the deliveries that are running.
    pub(super) async fn settle(&mut self) {
        while self.work.join_next().await.is_some() {}
    }

    #[cfg(test)]
    pub(super) fn note_failure(&self, lane: &DeliveryLane, now: tillhouse_checkout::time::Timestamp) {
        self.breakers.failed(lane, now, None);
    }

    /// Begins one delivery to each destination that failed again and again, and may answer now.
    async fn begin_probes(&mut self, outbox: &Outbox) {
        for lane in self.breakers.to_probe(outbox.context.now()) {
            if !self.lanes.is_running(&lane) {
                self.begin(outbox, 1, Some(lane), Vec::new()).await;
            }
        }
    }

    async fn begin_due(&mut self, outbox: &Outbox) -> usize {
        // No more of one lane than its limit, even if none of its deliveries runs yet.
        let most = LIMIT.saturating_sub(self.work.len()).min(LIMIT_PER_LANE);
        if most == 0 {
            return 0;
        }
        let mut except = self.lanes.at_limit();
        except.extend(self.breakers.open());
        self.begin(outbox, most, None, except).await
    }

    /// Leases messages and begins to deliver them. Returns their number.
    async fn begin(
        &mut self,
        outbox: &Outbox,
        limit: usize,
        lane: Option<DeliveryLane>,
        except_lanes: Vec<DeliveryLane>,
    ) -> usize {
        let context = &outbox.context;
        let selection = MessageSelection {
            limit,
            class: Some(self.class),
            lane,
            except_merchants: context.merchants_to_skip(&self.merchants),
            except_lanes,
        };
        let leased = context
            .store()
            .lease_messages(&context.lease_holder, context.now(), &selection);
        let due = match leased.await {
            Ok(due) => due,
            Err(error) => {
                error!(%error, "failed to lease messages of the outbox");
                return 0;
            }
        };
        let begun = due.len();
        for queued in due {
            let permits = (
                self.merchants.take(&queued.message.merchant),
                self.lanes.take(queued.message.lane()),
            );
            let (outbox, breakers) = (outbox.clone(), Arc::clone(&self.breakers));
            self.work.spawn(async move {
                Box::pin(outbox.deliver_and_record(queued, &breakers)).await;
                drop(permits);
            });
        }
        begun
    }
}
