//! What a crash or a silent processor left open: attempts are taken up from their recovery points.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use crate::checkout::attempt::{Attempt, AttemptState};
use crate::checkout::decision::Finding;
use crate::checkout::error::CheckoutError;
use crate::checkout::ports::{PhaseKind, StoreError};
use crate::checkout::session::{Session, SessionState};

use super::Payments;
use super::conclude::Ending;
use super::judge::{Verdict, judge_word};

/// Most attempts taken up at a time. More than this many open ones is an outage of the processor, not of the host.
const BATCH: usize = 10_000;

impl Payments {
    /// Take up what was left open by an earlier life of this host, or by a task that failed: every open attempt that no task
    /// drives now. How many there were.
    ///
    /// An attempt that was not charging is ended: nothing was sent, the agent may try again with a new token. One that was
    /// charging becomes unknown, and is looked up by the worker.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn resume(&self) -> Result<usize, CheckoutError> {
        let open = self.checkout.store.open_attempts(BATCH).await?;
        let mut count = 0;
        for attempt in open.into_iter().filter(|attempt| !self.driven.holds(&attempt.id)) {
            let id = attempt.id.clone();
            match attempt.state {
                // The states are compared at commit: a task that ended in the meantime wins.
                AttemptState::Reserved | AttemptState::Resolving => {
                    if let Err(error) = self.end_before_charge(attempt).await {
                        warn!(attempt.id = %id, %error, "an attempt that was left behind could not be ended yet");
                    }
                }
                AttemptState::Charging => self.leave_unknown(&attempt, "left behind during the charge").await,
                _ => continue,
            }
            count += 1;
        }
        if count > 0 {
            info!(count, "took up attempts that were left behind");
        }
        self.settle_wake.notify_one();
        Ok(count)
    }

    async fn end_before_charge(&self, attempt: Attempt) -> Result<(), CheckoutError> {
        let session = self.session_of(&attempt).await?;
        self.refuse(session, attempt, AttemptState::Failed, "left behind before the charge")
            .await
    }

    /// Take up and look up, on a schedule, until told to stop.
    pub async fn settle_forever(self: Arc<Self>, stop: CancellationToken) {
        let mut quiet = 0_usize;
        loop {
            let pauses = &self.timings.lookups;
            let pause = pauses
                .get(quiet)
                .or(pauses.last())
                .copied()
                .unwrap_or(Duration::from_secs(60));
            tokio::select! {
                () = stop.cancelled() => return,
                // A new unknown begins the schedule anew.
                () = self.settle_wake.notified() => quiet = 0,
                () = tokio::time::sleep(pause) => quiet = quiet.saturating_add(1),
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.settle_open() => {}
            }
        }
    }

    /// Take up what was left behind, and look up every unknown outcome once.
    pub async fn settle_open(&self) {
        let open = match self.checkout.store.open_attempts(BATCH).await {
            Ok(open) => open,
            Err(error) => return error!(%error, "open attempts could not be read"),
        };
        let left_behind = |attempt: &Attempt| attempt.state != AttemptState::Unknown && !self.driven.holds(&attempt.id);
        if open.iter().any(left_behind)
            && let Err(error) = Box::pin(self.resume()).await
        {
            error!(%error, "attempts that were left behind could not be taken up");
        }
        for attempt in open
            .into_iter()
            .filter(|attempt| attempt.state == AttemptState::Unknown)
        {
            let id = attempt.id.clone();
            if let Err(error) = Box::pin(self.settle(attempt)).await {
                warn!(attempt.id = %id, %error, "an unknown outcome stays unknown");
            }
        }
    }

    /// Ask the processor what became of one charge. Only a definite answer changes anything.
    async fn settle(&self, attempt: Attempt) -> Result<(), CheckoutError> {
        if attempt.destination != self.processor.destination(&attempt.merchant) {
            error!(
                attempt.id = %attempt.id,
                sent_to = attempt.destination,
                "the merchant's processor is another now; this charge has to be looked up by a person"
            );
            return Ok(());
        }
        let session = self.session_of(&attempt).await?;
        let scope = self.checkout.scope(&session, PhaseKind::Payment);
        let operation = super::operation(&attempt, 1, &self.checkout);
        let ending = match self.processor.lookup(scope, operation, attempt.amount).await? {
            Finding::Found(outcome) => match judge_word(&outcome, attempt.amount) {
                Verdict::Approved(reference) => Ending::Approved(reference),
                Verdict::Declined(code) => Ending::Declined(code),
                Verdict::NotSent(reason) | Verdict::Unknown(reason) => {
                    info!(attempt.id = %attempt.id, reason, "looked up; still unknown");
                    return Ok(());
                }
            },
            Finding::Absent if self.absence_proves(&attempt).await? => Ending::Declined("never_charged".to_owned()),
            Finding::Absent => return Ok(()),
        };
        info!(attempt.id = %attempt.id, ?ending, "settled by lookup");
        match self.conclude(session, attempt, ending, None).await {
            Ok(_) | Err(CheckoutError::Declined { .. } | CheckoutError::AuthenticationRequired) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// A charge that the processor does not know was never made, once the time is over in which it may be invisible. The time
    /// begins when the outcome became unknown: until then something may have been on its way.
    async fn absence_proves(&self, attempt: &Attempt) -> Result<bool, CheckoutError> {
        let profile = self.processor.profile(&attempt.merchant).await?;
        let declared = Duration::from_secs(u64::from(profile.visibility_delay_s));
        let since = attempt
            .unknown_since
            .or(attempt.charge_sent)
            .unwrap_or(attempt.initiated);
        Ok(self.checkout.clock.now() >= since.after(declared.max(self.timings.absence_floor)))
    }

    async fn session_of(&self, attempt: &Attempt) -> Result<Session, CheckoutError> {
        let session = self.checkout.retrieve(&attempt.merchant, &attempt.session).await?;
        match &session.state {
            SessionState::Committing { attempt: live, .. } if *live == attempt.id => Ok(session),
            other => Err(CheckoutError::Store(StoreError(format!(
                "attempt {} is open and its session is {}",
                attempt.id,
                other.name()
            )))),
        }
    }
}
