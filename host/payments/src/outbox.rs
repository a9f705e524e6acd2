//! The outbox worker: delivers what the host owes to other systems after a commit, at least once, and in order within a stream.

mod breaker;
mod delivery;
mod delivery_pool;
mod lane_limits;
mod order_event;
pub mod report;
mod session_end;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use tillhouse_checkout::outbox::{DeliveryLane, MessageClass, MessageKind, QueuedMessage};
use tillhouse_checkout::ports::{DeliveryError, StoreError};

use crate::backoff::Backoff;
use crate::context::PaymentContext;
use crate::reservation_release::ReservationRelease;

use breaker::{Breakers, LaneState};
use delivery_pool::DeliveryPool;
pub(crate) use order_event::PluginNotification;

/// How long a delivery may wait for the answer of a webhook target.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The same after deliveries to the target have failed, until its breaker opens: one that hangs does not hold up all places of its lane.
const TIMEOUT_WHILE_FAILING: Duration = Duration::from_secs(3);

/// A message is retried for this long, then dead-lettered.
const RETRY_FOR: Duration = Duration::from_secs(3 * 24 * 3600);

/// Longest pause between two deliveries of a message.
pub(crate) const LONGEST_PAUSE: Duration = Duration::from_secs(3600);

/// Pauses between the deliveries of a message.
const BACKOFF: Backoff = Backoff {
    first: Duration::from_secs(2),
    longest: LONGEST_PAUSE,
};

/// Delivers the messages of the outbox.
#[derive(Clone, Debug)]
pub struct Outbox {
    context: Arc<PaymentContext>,
    reservations: ReservationRelease,
}

impl Outbox {
    pub(crate) const fn new(context: Arc<PaymentContext>, reservations: ReservationRelease) -> Self {
        Self { context, reservations }
    }

    /// Look for messages that are due now, without waiting for the next tick.
    pub fn wake(&self) {
        self.context.outbox_wake.notify_one();
    }

    /// Deliver what is due until told to stop. Deliveries that were begun are finished.
    pub async fn run(self, stop: CancellationToken) {
        let mut obligations = DeliveryPool::of(MessageClass::Obligation);
        let mut events = DeliveryPool::of(MessageClass::Event);
        while !stop.is_cancelled() {
            obligations.begin_all_due(&self).await;
            events.begin_all_due(&self).await;
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.context.outbox_wake.notified() => {}
                // A delivery has ended: there is room for another, and the next message of a stream may be due.
                () = obligations.delivery_ended() => {}
                () = events.delivery_ended() => {}
                () = tokio::time::sleep(self.context.timings.outbox_tick) => {}
            }
        }
        obligations.settle().await;
        events.settle().await;
    }

    /// Deliver the obligations that are due now.
    #[cfg(test)]
    pub(crate) async fn deliver_obligations(&self) {
        let mut pool = DeliveryPool::of(MessageClass::Obligation);
        pool.begin_all_due(self).await;
        pool.settle().await;
    }

    async fn deliver_and_record(&self, queued: QueuedMessage, breakers: &Breakers) {
        let lane = queued.message.lane();
        let timeout = match breakers.state(&lane) {
            LaneState::Failing => TIMEOUT_WHILE_FAILING,
            // A probe is alone in its lane, and finds out whether a slow destination answers at all.
            LaneState::Answering | LaneState::Open => TIMEOUT,
        };
        let outcome = self.deliver(&queued, timeout).await;
        self.tell(breakers, &lane, &outcome);
        if let Err(error) = self.record(&queued, outcome).await {
            error!(%error, kind = queued.message.kind.as_str(), "failed to record the outcome of a delivery");
        }
    }

    /// Tells the breaker of the lane, if what is behind the lane is a system of its own.
    fn tell(&self, breakers: &Breakers, lane: &DeliveryLane, outcome: &Result<Option<String>, DeliveryError>) {
        if !matches!(
            lane.kind,
            MessageKind::OrderEvent
                | MessageKind::ReportPayment
                | MessageKind::ReportRefund
                | MessageKind::ReportDispute
        ) {
            return;
        }
        let (merchant, kind) = (lane.merchant.as_str(), lane.kind.as_str());
        let destination = lane.destination.as_deref().unwrap_or_default();
        match outcome {
            Err(DeliveryError::Retry { reason, retry_after }) => {
                if breakers.failed(lane, self.context.now(), *retry_after) {
                    warn!(
                        merchant,
                        kind,
                        destination,
                        reason,
                        "circuit breaker open: deliveries fail, and are probed one at a time"
                    );
                }
            }
            Ok(_) | Err(DeliveryError::Permanent(_)) => {
                if breakers.succeeded(lane) {
                    info!(
                        merchant,
                        kind, destination, "circuit breaker closed: the destination answers again"
                    );
                }
            }
        }
    }

    async fn record(
        &self,
        queued: &QueuedMessage,
        outcome: Result<Option<String>, DeliveryError>,
    ) -> Result<(), StoreError> {
        let now = self.context.now();
        let store = self.context.store();
        let (kind, dedupe) = (queued.message.kind.as_str(), queued.message.dedupe.as_str());
        match outcome {
            Ok(None) => store.mark_delivered(queued, now).await,
            Ok(Some(record)) => store.mark_reported(queued, now, &record).await,
            Err(DeliveryError::Permanent(reason)) => {
                error!(kind, dedupe, reason, "message dead-lettered: it cannot be delivered");
                store.dead_letter(queued, now, &reason).await
            }
            Err(DeliveryError::Retry { reason, .. }) if now > queued.message.due.after(RETRY_FOR) => {
                error!(
                    kind,
                    dedupe, reason, "message dead-lettered: it was not delivered within three days of its due time"
                );
                store.dead_letter(queued, now, &reason).await
            }
            Err(DeliveryError::Retry { reason, retry_after }) => {
                let tries = queued.tries + 1;
                warn!(kind, dedupe, reason, tries, "failed to deliver a message; will retry");
                let own = BACKOFF.jittered(queued.tries, &queued.message.dedupe);
                let pause = longer_of(own, retry_after);
                store.postpone(queued, now.after(pause), &reason).await
            }
        }
    }
}

/// What the receiver asks for, where that is longer than our own pause: within the longest pause, so that no receiver can delay a
/// message for ever.
fn longer_of(own: Duration, retry_after: Option<Duration>) -> Duration {
    retry_after.unwrap_or_default().min(LONGEST_PAUSE).max(own)
}
