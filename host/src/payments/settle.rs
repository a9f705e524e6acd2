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

/// Most attempts taken up at a time.
const BATCH: usize = 1000;

impl Payments {
    /// Take up what an earlier life of this host left open. Called before the first request is accepted, so that nothing else
    /// drives these attempts.
    ///
    /// An attempt that was not charging is ended: nothing was sent, the agent may try again with a new token. One that was
    /// charging becomes unknown, and is looked up once [`Self::settle_forever`] runs.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn resume(&self) -> Result<usize, CheckoutError> {
        let open = self.checkout.store.open_attempts(BATCH).await?;
        let count = open.len();
        for attempt in open {
            match attempt.state {
                AttemptState::Reserved | AttemptState::Resolving => {
                    let session = self.session_of(&attempt).await?;
                    self.refuse(
                        session,
                        attempt,
                        AttemptState::Failed,
                        "the host was restarted before the charge",
                    )
                    .await?;
                }
                AttemptState::Charging => {
                    self.leave_unknown(&attempt, "the host was restarted during the charge")
                        .await
                }
                _ => {}
            }
        }
        if count > 0 {
            info!(count, "took up attempts of an earlier life");
            // Looked up by the worker: a processor that does not answer must not keep the host from listening.
            self.settle_wake.notify_one();
        }
        Ok(count)
    }

    /// Look up unknown outcomes, on a schedule, until told to stop.
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
            self.settle_open().await;
        }
    }

    /// Look up every unknown outcome once.
    pub async fn settle_open(&self) {
        let open = match self.checkout.store.open_attempts(BATCH).await {
            Ok(open) => open,
            Err(error) => return error!(%error, "open attempts could not be read"),
        };
        for attempt in open
            .into_iter()
            .filter(|attempt| attempt.state == AttemptState::Unknown)
        {
            let id = attempt.id.clone();
            if let Err(error) = self.settle(attempt).await {
                warn!(attempt.id = %id, %error, "an unknown outcome stays unknown");
            }
        }
    }

    /// Ask the processor what became of one charge. Only a definite answer changes anything.
    async fn settle(&self, attempt: Attempt) -> Result<(), CheckoutError> {
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

    /// A charge that the processor does not know was never made, once the time is over in which it may be invisible.
    async fn absence_proves(&self, attempt: &Attempt) -> Result<bool, CheckoutError> {
        let profile = self.processor.profile(&attempt.merchant).await?;
        let sent = attempt.charge_sent.unwrap_or(attempt.initiated);
        let visible = sent.after(Duration::from_secs(u64::from(profile.visibility_delay_s)));
        Ok(self.checkout.clock.now() >= visible)
    }

    async fn session_of(&self, attempt: &Attempt) -> Result<Session, CheckoutError> {
        let session = self.checkout.retrieve(&attempt.merchant, &attempt.session).await?;
        match &session.state {
            SessionState::Committing { attempt: live } if *live == attempt.id => Ok(session),
            other => {
                let state = other.name();
                Err(CheckoutError::Store(StoreError(format!(
                    "attempt {} is open and its session is {state}",
                    attempt.id
                ))))
            }
        }
    }
}
