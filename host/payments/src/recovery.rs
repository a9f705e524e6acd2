//! Recovery: leases every open attempt that no host works on, and resumes it from where it was left.
//!
//! `resume` continues with a token that was being resolved, `status_check` finds out what became of a charge, `reversal` voids or
//! refunds one that must not stand. `processor_events` and `manual_settlement` settle attempts by the word of the processor and of
//! an operator, `reversal_events` ends a reversal by the word of the processor; `processor_reports` keeps what else it reports.

pub mod manual_settlement;
mod processor_events;
mod processor_reports;
#[cfg(test)]
mod processor_tests;
mod resend;
mod resume;
mod reversal;
mod reversal_events;
mod status_check;
mod token_events;
mod unexpected_charge;
mod waiting;

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{error, warn};

use tillhouse_checkout::attempt::{Attempt, AttemptStatus};
use tillhouse_checkout::error::CheckoutError;

use crate::charging::Charging;
use crate::context::PaymentContext;
use crate::merchant_limits::MerchantLimits;
use crate::outside::OutsidePayments;
use crate::refunding::Refunding;
use crate::settlement::{Ending, Settlement, Trigger};
use crate::token_resolution::TokenResolution;

/// Attempts worked on at a time.
const LIMIT: usize = 64;
/// Attempts of one merchant worked on at a time.
const LIMIT_PER_MERCHANT: usize = 8;

/// How often a busy attempt is tried to be leased, and the pause between the tries.
const LEASE_TRIES: u32 = 20;
const LEASE_PAUSE: Duration = Duration::from_millis(50);

/// Settles what a crash, a silent processor or a token service left open.
#[derive(Clone, Debug)]
pub struct Recovery {
    context: Arc<PaymentContext>,
    tokens: TokenResolution,
    charging: Charging,
    settlement: Settlement,
    refunding: Refunding,
    outside: OutsidePayments,
}

/// The services that recovery works with.
pub(crate) struct RecoveryParts {
    pub(crate) context: Arc<PaymentContext>,
    pub(crate) tokens: TokenResolution,
    pub(crate) charging: Charging,
    pub(crate) settlement: Settlement,
    pub(crate) refunding: Refunding,
    pub(crate) outside: OutsidePayments,
}

impl Recovery {
    pub(crate) fn new(parts: RecoveryParts) -> Self {
        Self {
            context: parts.context,
            tokens: parts.tokens,
            charging: parts.charging,
            settlement: parts.settlement,
            refunding: parts.refunding,
            outside: parts.outside,
        }
    }

    /// Recover open attempts, and continue open refunds, until told to stop. Work that was begun is finished.
    pub async fn run(self, stop: CancellationToken) {
        let limits = MerchantLimits::of(LIMIT_PER_MERCHANT);
        let mut work = JoinSet::new();
        loop {
            while work.try_join_next().is_some() {}
            self.begin_due(&limits, &mut work).await;
            tokio::select! {
                () = stop.cancelled() => break,
                () = self.context.recovery_wake.notified() => {}
                // A task has ended: there is room for another.
                Some(_) = work.join_next(), if work.len() >= LIMIT => {}
                () = tokio::time::sleep(self.context.timings.recovery_tick) => {}
            }
        }
        while work.join_next().await.is_some() {}
    }

    /// Work once on everything that is due now, and wait for that. Returns how many attempts and refunds there were.
    pub async fn run_once(&self) -> usize {
        let mut work = JoinSet::new();
        let count = self.begin_due(&MerchantLimits::of(LIMIT), &mut work).await;
        while work.join_next().await.is_some() {}
        count
    }

    /// Renew the leases of the attempts and refunds in progress until told to stop.
    ///
    /// A lost lease is only logged: everything that its task still writes is refused by the store.
    pub async fn renew_leases(self, stop: CancellationToken) {
        let holder = &self.context.lease_holder;
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(holder.lease / 3) => {}
            }
            self.refunding.renew_leases().await;
            let held = self.context.in_progress.leases();
            if held.is_empty() {
                continue;
            }
            match self.context.store().renew_leases(holder, &held).await {
                Ok(lost) => lost
                    .iter()
                    .for_each(|id| warn!(attempt.id = %id, "lease lost: another host has this attempt now")),
                Err(error) => error!(%error, "failed to renew leases"),
            }
        }
    }

    /// Release the leases of this host, so that other hosts need not wait for them to expire. For the end of a host.
    pub async fn release_leases(&self) {
        let host = &self.context.lease_holder.host;
        if let Err(error) = self.context.store().release_leases(host).await {
            warn!(%error, "failed to release leases; they expire by themselves");
        }
    }

    /// This host, as the holder of its leases.
    #[cfg(test)]
    pub(crate) fn holder(&self) -> tillhouse_checkout::lease::LeaseHolder {
        self.context.lease_holder.clone()
    }

    /// Write what recovery writes of an attempt that waits for an operator, as it was read before.
    #[cfg(test)]
    pub(crate) async fn wait_with(&self, attempt: &Attempt) {
        self.settlement.wait_for_operator(attempt).await;
    }

    async fn begin_due(&self, limits: &MerchantLimits, work: &mut JoinSet<()>) -> usize {
        let (now, room) = (self.context.now(), LIMIT.saturating_sub(work.len()));
        if room == 0 {
            return 0;
        }
        let skip = self.context.merchants_to_skip(limits);
        let leased = self
            .context
            .store()
            .lease_attempts(&self.context.lease_holder, now, &skip, room);
        let due = match leased.await {
            Ok(due) => due,
            Err(error) => {
                error!(%error, "failed to lease open attempts");
                return 0;
            }
        };
        let refunds = self.refunding.lease_due(limits, room.saturating_sub(due.len())).await;
        let count = due.len() + refunds.len();
        for refund in refunds {
            let permit = limits.take(&refund.merchant);
            let guard = self.refunding.begin(&refund);
            let refunding = self.refunding.clone();
            work.spawn(async move {
                refunding.advance(refund).await;
                drop((guard, permit));
            });
        }
        for attempt in due {
            let permit = limits.take(&attempt.merchant);
            let this = self.clone();
            let guard = self.context.in_progress.begin(attempt.id.clone(), attempt.epoch);
            work.spawn(async move {
                Box::pin(this.recover(attempt)).await;
                drop((guard, permit));
            });
        }
        count
    }

    /// Continue from where the attempt was left.
    async fn recover(&self, attempt: Attempt) {
        let (id, status) = (attempt.id.clone(), attempt.status());
        let done = match status {
            AttemptStatus::Reserved | AttemptStatus::Resolving if attempt.history.proof.is_some() => {
                self.return_to_buyer(attempt).await
            }
            AttemptStatus::AuthenticationRequired => self.end_waiting(attempt).await,
            AttemptStatus::Awaiting => Box::pin(self.outside.end_hold(attempt)).await,
            AttemptStatus::Reserved => Box::pin(self.end_before_charge(attempt)).await,
            AttemptStatus::Resolving => Box::pin(self.resume(attempt)).await,
            AttemptStatus::Charging => {
                let reason = "the host stopped during the charge";
                self.settlement.leave_unknown(&attempt, reason).await;
                Ok(())
            }
            // Its processor does not know it by our reference, so that no lookup says anything.
            AttemptStatus::NeedsReview if attempt.payer.is_elsewhere() => {
                self.settlement.wait_for_operator(&attempt).await;
                Ok(())
            }
            AttemptStatus::Unknown | AttemptStatus::NeedsReview => Box::pin(self.check_status(attempt)).await,
            AttemptStatus::Voiding => Box::pin(self.reverse(attempt)).await,
            AttemptStatus::Approved | AttemptStatus::Declined | AttemptStatus::Voided | AttemptStatus::Failed => Ok(()),
        };
        if let Err(error) = done {
            // Its lease expires, and then it is recovered again.
            warn!(attempt.id = %id, state = status.name(), %error, "failed to recover an attempt");
        }
    }

    /// Nothing was sent, and the token was not touched: the agent may try again with it.
    async fn end_before_charge(&self, attempt: Attempt) -> Result<(), CheckoutError> {
        let session = self.context.session_paid_by(&attempt).await?;
        let ending = Ending::interrupted(&attempt, "the host stopped before the charge");
        self.settlement
            .end_unpaid(session, attempt, ending, Trigger::Recovery)
            .await
    }

    /// Lease an attempt; retried for a second while another task works on it. `None` if it stays busy.
    async fn lease(&self, seen: &Attempt) -> Result<Option<Attempt>, CheckoutError> {
        let store = self.context.store();
        for _ in 0..LEASE_TRIES {
            if let Some(attempt) = store.lease_attempt(&self.context.lease_holder, &seen.id).await? {
                return Ok(Some(attempt));
            }
            tokio::time::sleep(LEASE_PAUSE).await;
        }
        Ok(None)
    }
}
