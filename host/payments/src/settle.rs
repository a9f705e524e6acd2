//! The completer: takes up every open attempt that nobody works on, under a lease of its own.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{error, warn};

use tillhouse_checkout::attempt::{Attempt, AttemptState};
use tillhouse_checkout::error::CheckoutError;

use super::Payments;
use super::cause::Cause;
use super::shares::Shares;

/// Attempts worked on at a time.
const MOST: usize = 64;
/// Attempts of one merchant worked on at a time.
const MOST_PER_MERCHANT: usize = 8;

impl Payments {
    /// Settle what is open, until told to stop. Work that was begun is finished.
    pub async fn settle_forever(self: Arc<Self>, stop: CancellationToken) {
        let shares = Shares::of(MOST_PER_MERCHANT);
        let mut work = JoinSet::new();
        loop {
            while work.try_join_next().is_some() {}
            self.take_up_due(&shares, &mut work).await;
            tokio::select! {
                () = stop.cancelled() => break,
                () = self.settle_wake.notified() => {}
                // Somebody is done: there is room for more.
                Some(_) = work.join_next(), if work.len() >= MOST => {}
                () = tokio::time::sleep(self.timings.settle_tick) => {}
            }
        }
        while work.join_next().await.is_some() {}
    }

    /// Work once on everything that is due now, and wait for that. How many attempts there were.
    pub async fn settle_due(self: &Arc<Self>) -> usize {
        let mut work = JoinSet::new();
        let count = self.take_up_due(&Shares::of(MOST), &mut work).await;
        while work.join_next().await.is_some() {}
        count
    }

    async fn take_up_due(self: &Arc<Self>, shares: &Shares, work: &mut JoinSet<()>) -> usize {
        let (now, room) = (self.checkout.clock.now(), MOST.saturating_sub(work.len()));
        if room == 0 {
            return 0;
        }
        let store = &self.checkout.store;
        let due = match store
            .claim_attempts(&self.claimant, now, &self.not_now(shares), room)
            .await
        {
            Ok(due) => due,
            Err(error) => {
                error!(%error, "open attempts could not be read");
                return 0;
            }
        };
        let count = due.len();
        for attempt in due {
            let share = shares.take(&attempt.merchant);
            let this = Arc::clone(self);
            let driving = self.driven.take(attempt.id.clone(), attempt.epoch);
            work.spawn(async move {
                Box::pin(this.take_up(attempt)).await;
                drop((driving, share));
            });
        }
        count
    }

    /// Go on from where the attempt was left.
    pub(super) async fn take_up(&self, attempt: Attempt) {
        let (id, state) = (attempt.id.clone(), attempt.state);
        let done = match state {
            AttemptState::Reserved => self.end_before_charge(attempt).await,
            AttemptState::Resolving => Box::pin(self.resume(attempt)).await,
            AttemptState::Charging => {
                self.leave_unknown(&attempt, "left behind during the charge").await;
                Ok(())
            }
            AttemptState::Unknown | AttemptState::NeedsReview => Box::pin(self.inquire(attempt)).await,
            AttemptState::Voiding => self.give_back(attempt).await,
            AttemptState::Approved | AttemptState::Declined | AttemptState::Voided | AttemptState::Failed => Ok(()),
        };
        if let Err(error) = done {
            // Its lease runs out, and then it is taken up again.
            warn!(attempt.id = %id, state = state.name(), %error, "an attempt could not be taken up");
        }
    }

    /// Nothing was sent, and the token was not touched: the agent may try again with it.
    async fn end_before_charge(&self, attempt: Attempt) -> Result<(), CheckoutError> {
        let session = self.still_paying(&attempt).await?;
        let reason = "left behind before the charge";
        self.refuse(session, attempt, AttemptState::Failed, reason, Cause::default())
            .await
    }

    /// Let go of what this host holds, so that others need not wait for its leases. For the end of a host.
    pub async fn let_go(&self) {
        if let Err(error) = self.checkout.store.let_go(&self.claimant.host).await {
            warn!(%error, "leases were not let go; they run out by themselves");
        }
    }
}

/// How often the completer looks for work that nobody told it of.
pub(super) const TICK: Duration = Duration::from_millis(500);
