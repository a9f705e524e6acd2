//! The outbox worker: delivers what the host owes to other systems after a commit, at least once, and in order within a stream.

mod delivery;
mod order_event;
pub mod report;

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{error, warn};

use tillhouse_checkout::order::{Order, OrderChange};
use tillhouse_checkout::outbox::{OutboxMessage, QueuedMessage};
use tillhouse_checkout::ports::{DeliveryError, StoreError};
use tillhouse_checkout::session::Session;

use crate::backoff::Backoff;
use crate::context::PaymentContext;
use crate::merchant_limits::MerchantLimits;
use crate::reservation_release::ReservationRelease;

pub(crate) use delivery::order_created;

/// Deliveries running at a time.
const LIMIT: usize = 64;
/// Deliveries of one merchant running at a time.
const LIMIT_PER_MERCHANT: usize = 8;

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

    /// The messages for a change of an order, to be committed together with it.
    #[must_use]
    pub fn order_updated(&self, session: &Session, order: &Order, change: &OrderChange) -> Vec<OutboxMessage> {
        let now = self.context.now();
        self.context.publisher.order_updated(session, order, change, now)
    }

    /// Deliver what is due until told to stop. Deliveries that were begun are finished.
    pub async fn run(self, stop: CancellationToken) {
        let limits = MerchantLimits::of(LIMIT_PER_MERCHANT);
        let mut work = JoinSet::new();
        while !stop.is_cancelled() {
            while work.try_join_next().is_some() {}
            let begun = self.begin_due(&limits, &mut work).await;
            if begun > 0 && work.len() < LIMIT {
                continue;
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.context.outbox_wake.notified() => {}
                // A task has ended: there is room for another, and the next message of a stream may be due.
                Some(_) = work.join_next(), if !work.is_empty() => {}
                () = tokio::time::sleep(self.context.timings.outbox_tick) => {}
            }
        }
        while work.join_next().await.is_some() {}
    }

    async fn begin_due(&self, limits: &MerchantLimits, work: &mut JoinSet<()>) -> usize {
        let (now, room) = (self.context.now(), LIMIT.saturating_sub(work.len()));
        if room == 0 {
            return 0;
        }
        // No more of one merchant than its limit, even if none of its deliveries runs yet.
        let room = room.min(LIMIT_PER_MERCHANT);
        let skip = self.context.merchants_to_skip(limits);
        let leased = self
            .context
            .store()
            .lease_messages(&self.context.lease_holder, now, &skip, room);
        let due = match leased.await {
            Ok(due) => due,
            Err(error) => {
                error!(%error, "failed to lease messages of the outbox");
                return 0;
            }
        };
        let begun = due.len();
        for queued in due {
            let permit = limits.take(&queued.message.merchant);
            let this = self.clone();
            work.spawn(async move {
                Box::pin(this.deliver_and_record(queued)).await;
                drop(permit);
            });
        }
        begun
    }

    async fn deliver_and_record(&self, queued: QueuedMessage) {
        let outcome = self.deliver(&queued).await;
        if let Err(error) = self.record(&queued, outcome).await {
            error!(%error, kind = queued.message.kind.as_str(), "failed to record the outcome of a delivery");
        }
    }

    async fn record(&self, queued: &QueuedMessage, outcome: Result<(), DeliveryError>) -> Result<(), StoreError> {
        let now = self.context.now();
        let store = self.context.store();
        let (kind, dedupe) = (queued.message.kind.as_str(), queued.message.dedupe.as_str());
        match outcome {
            Ok(()) => store.mark_delivered(queued, now).await,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_an_hour() {
        assert_eq!(
            [0, 1, 2].map(|failures| BACKOFF.pause(failures)).map(|it| it.as_secs()),
            [2, 4, 8]
        );
        assert_eq!(BACKOFF.pause(40), LONGEST_PAUSE);
    }

    #[test]
    fn a_receiver_may_ask_for_a_longer_pause_within_the_longest() {
        let [own, hour] = [10, 3600].map(Duration::from_secs);
        for (asked, given) in [
            (None, own),
            (Some(0), own),
            (Some(9), own),
            (Some(11), Duration::from_secs(11)),
            (Some(u64::MAX), hour),
        ] {
            assert_eq!(longer_of(own, asked.map(Duration::from_secs)), given, "{asked:?}");
        }
    }
}
