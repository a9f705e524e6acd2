//! The outbox worker: what the host owes to others after a commit, at least once, and in order where there is an order.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{error, warn};

use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ports::{DecisionError, StoreError, Undelivered};
use tillhouse_checkout::unit::QueuedMessage;

use super::Payments;
use super::retry::{doubled, jittered};
use super::shares::Shares;
use super::token::TokenError;

/// Messages under way at a time.
const MOST: usize = 64;
/// Messages of one merchant under way at a time.
const MOST_PER_MERCHANT: usize = 8;

/// A message is tried for this long, then set aside for a person.
const PATIENCE: Duration = Duration::from_secs(3 * 24 * 3600);

/// First pause after a failure; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_secs(2);

/// Longest pause.
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(3600);

/// Why a message was not delivered.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// It will never be.
    #[error("{0}")]
    Hopeless(String),
    /// Perhaps later.
    #[error("{reason}")]
    Later {
        /// What happened.
        reason: String,
        /// How long the other side asks to be left alone.
        retry_after: Option<Duration>,
    },
}

impl Failure {
    /// Perhaps later; nobody says when.
    fn later(error: &impl ToString) -> Self {
        Self::Later {
            reason: error.to_string(),
            retry_after: None,
        }
    }
}

impl From<CheckoutError> for Failure {
    fn from(error: CheckoutError) -> Self {
        let reason = error.to_string();
        let retry_after = match error {
            CheckoutError::Decision(DecisionError::Unavailable { retry_after, .. })
            | CheckoutError::TokenService { retry_after, .. } => retry_after,
            _ => None,
        };
        Self::Later { reason, retry_after }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::later(&error)
    }
}

impl From<Undelivered> for Failure {
    fn from(undelivered: Undelivered) -> Self {
        match undelivered {
            Undelivered::Never(reason) => Self::Hopeless(reason),
            Undelivered::Later { reason, retry_after } => Self::Later { reason, retry_after },
        }
    }
}

impl From<TokenError> for Failure {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Refused { .. } => Self::Hopeless(error.to_string()),
            TokenError::Unavailable { retry_after, .. } => Self::Later {
                reason: error.to_string(),
                retry_after,
            },
            other => Self::later(&other),
        }
    }
}

impl Payments {
    /// Deliver what is due until told to stop. Deliveries that were begun are finished.
    pub async fn deliver_forever(self: Arc<Self>, stop: CancellationToken) {
        let shares = Shares::of(MOST_PER_MERCHANT);
        let mut work = JoinSet::new();
        while !stop.is_cancelled() {
            while work.try_join_next().is_some() {}
            let begun = self.deliver_due(&shares, &mut work).await;
            if begun > 0 && work.len() < MOST {
                continue;
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.outbox_wake.notified() => {}
                // Somebody is done: there is room for more, and the next of a stream may be due.
                Some(_) = work.join_next(), if !work.is_empty() => {}
                () = tokio::time::sleep(self.timings.outbox_tick) => {}
            }
        }
        while work.join_next().await.is_some() {}
    }

    async fn deliver_due(self: &Arc<Self>, shares: &Shares, work: &mut JoinSet<()>) -> usize {
        let (now, room) = (self.checkout.clock.now(), MOST.saturating_sub(work.len()));
        if room == 0 {
            return 0;
        }
        // No more of one merchant than its share, even if nothing of it is under way yet.
        let room = room.min(MOST_PER_MERCHANT);
        let store = &self.checkout.store;
        let due = match store
            .claim_messages(&self.claimant, now, &self.not_now(shares), room)
            .await
        {
            Ok(due) => due,
            Err(error) => {
                error!(%error, "the outbox could not be read");
                return 0;
            }
        };
        let begun = due.len();
        for queued in due {
            let share = shares.take(&queued.message.merchant);
            let this = Arc::clone(self);
            work.spawn(async move {
                Box::pin(this.see_to(queued)).await;
                drop(share);
            });
        }
        begun
    }

    async fn see_to(&self, queued: QueuedMessage) {
        let outcome = self.deliver(&queued).await;
        if let Err(error) = self.settle_message(&queued, outcome).await {
            error!(%error, kind = queued.message.kind, "the outbox could not be written");
        }
    }

    async fn settle_message(&self, queued: &QueuedMessage, outcome: Result<(), Failure>) -> Result<(), StoreError> {
        let now = self.checkout.clock.now();
        let store = &self.checkout.store;
        let (kind, dedupe) = (queued.message.kind.as_str(), queued.message.dedupe.as_str());
        match outcome {
            Ok(()) => store.delivered(queued, now).await,
            Err(Failure::Hopeless(reason)) => {
                error!(kind, dedupe, reason, "a message cannot be delivered");
                store.bury(queued, now, &reason).await
            }
            Err(Failure::Later { reason, .. }) if now > queued.message.due.after(PATIENCE) => {
                error!(kind, dedupe, reason, "a message was not delivered in its time");
                store.bury(queued, now, &reason).await
            }
            Err(Failure::Later { reason, retry_after }) => {
                let tries = queued.tries + 1;
                warn!(kind, dedupe, reason, tries, "a message will be tried again");
                let own = jittered(pause(queued.tries), &queued.message.dedupe, tries);
                let pause = respectful(own, retry_after);
                store.postpone(queued, now.after(pause), &reason).await
            }
        }
    }
}

fn pause(tries: u32) -> Duration {
    doubled(FIRST_PAUSE, tries, LONGEST_PAUSE)
}

/// What the other side asks for, where that is longer than our own pause: within the longest pause, so that nobody can have a
/// message wait for ever.
fn respectful(own: Duration, retry_after: Option<Duration>) -> Duration {
    retry_after.unwrap_or_default().min(LONGEST_PAUSE).max(own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_an_hour() {
        assert_eq!([0, 1, 2].map(pause).map(|it| it.as_secs()), [2, 4, 8]);
        assert_eq!(pause(40), LONGEST_PAUSE);
    }

    #[test]
    fn who_asks_to_be_left_alone_is_within_reason() {
        let [own, hour] = [10, 3600].map(Duration::from_secs);
        for (asked, given) in [
            (None, own),
            (Some(0), own),
            (Some(9), own),
            (Some(11), Duration::from_secs(11)),
            (Some(u64::MAX), hour),
        ] {
            assert_eq!(respectful(own, asked.map(Duration::from_secs)), given, "{asked:?}");
        }
    }
}
