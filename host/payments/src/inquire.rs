//! Finding out what became of a charge: by lookup, by sending the same bytes again, by forbidding it; else a person has to.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tracing::info;

use tillhouse_checkout::attempt::{Attempt, AttemptState};
use tillhouse_checkout::decision::{CancelOutcome, Finding};
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ports::{ChargeJournal, PhaseKind, Store, StoreError};
use tillhouse_checkout::session::Session;
use tillhouse_checkout::time::{Clock, Timestamp};
use tillhouse_checkout::unit::{AttemptWrite, UnitOfWork};

use super::Payments;
use super::cause::Cause;
use super::conclude::Ending;
use super::judge::{Verdict, judge, judge_word};

/// A charge is sent again after so many lookups that did not help, and then after as many more.
const RESEND_AFTER: u32 = 4;

/// Stripe remembers the key of a resolve for 24 hours.
pub(super) const RESOLVE_KEY_LIFE: Duration = Duration::from_secs(23 * 3600);

/// Nobody else claims an attempt while its charge is being sent again: longer than a charge may take, and no longer than it has
/// to be, because a host that dies meanwhile leaves the attempt alone for so long.
const RESEND_TIME: Duration = Duration::from_secs(25);

impl Payments {
    /// Find out. Only a definite answer changes anything.
    pub(super) async fn inquire(&self, attempt: Attempt) -> Result<(), CheckoutError> {
        let now_at = self.processor.destination(&attempt.merchant);
        if attempt.destination.is_some() && attempt.destination != now_at {
            let sent = attempt.destination.as_deref().unwrap_or_default();
            let detail = format!("it was sent to {sent}, and the merchant's processor is another now");
            self.review(&attempt, "processor_changed", &detail, Cause::default())
                .await;
            return Ok(());
        }
        let Some(session) = self.still_paying(&attempt).await? else {
            let detail = "it is open and its checkout is not being paid";
            self.review(&attempt, "session_moved", detail, Cause::default()).await;
            return Ok(());
        };
        match self.look_up(&session, &attempt).await {
            Ok(Some(ending)) => self.settle(session, attempt, ending, Cause::default()).await,
            Ok(None) => Box::pin(self.go_further(session, attempt, "the processor cannot tell yet")).await,
            Err(error) => Box::pin(self.go_further(session, attempt, &error.to_string())).await,
        }
    }

    /// What the processor says of the charge, if that is an ending.
    pub(super) async fn look_up(&self, session: &Session, attempt: &Attempt) -> Result<Option<Ending>, CheckoutError> {
        let scope = self.checkout.scope(session, PhaseKind::Payment);
        let operation = super::operation(attempt, 1, self.checkout.clock.now());
        Ok(match self.processor.lookup(scope, operation, attempt.amount).await? {
            Finding::Found(outcome) => ending(judge_word(&outcome, attempt.amount)),
            Finding::Absent if self.absence_proves(attempt).await? => {
                Some(Ending::Declined("never_charged".to_owned()))
            }
            Finding::Absent => None,
        })
    }

    /// Commit what was found out.
    pub(super) async fn settle(
        &self,
        session: Session,
        attempt: Attempt,
        ending: Ending,
        cause: Cause<'_>,
    ) -> Result<(), CheckoutError> {
        info!(attempt.id = %attempt.id, ?ending, "settled");
        match Box::pin(self.conclude(session, attempt, ending, cause)).await {
            Ok(_) | Err(CheckoutError::Declined { .. } | CheckoutError::AuthenticationRequired) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The lookup did not help.
    async fn go_further(&self, session: Session, attempt: Attempt, reason: &str) -> Result<(), CheckoutError> {
        if attempt.state == AttemptState::Unknown {
            if attempt.tries % RESEND_AFTER == RESEND_AFTER - 1
                && let Some(ending) = self.send_again(&session, &attempt).await?
            {
                return self.settle(session, attempt, ending, Cause::default()).await;
            }
            if self.checkout.clock.now() >= since(&attempt).after(self.timings.review_after) {
                return self.give_up(session, attempt, reason).await;
            }
        }
        self.try_later(&attempt, reason).await;
        Ok(())
    }

    /// The time for finding out is over. Never an ending by itself: the charge is forbidden where the processor can do that,
    /// and else a person has to look.
    async fn give_up(&self, session: Session, attempt: Attempt, reason: &str) -> Result<(), CheckoutError> {
        if self.processor.powers(&attempt.merchant).cancel_by_reference {
            let scope = self.checkout.scope(&session, PhaseKind::Payment);
            let operation = super::amendment(&attempt, "cancel", self.checkout.clock.now());
            match self.processor.cancel_by_reference(scope, operation).await {
                Ok(CancelOutcome::Canceled) => {
                    let ending = Ending::Voided("canceled by reference".to_owned());
                    return self.settle(session, attempt, ending, Cause::default()).await;
                }
                // There is a charge: the next lookup finds it.
                Ok(CancelOutcome::TooLate) => {
                    self.try_later(&attempt, "too late to cancel: there is a charge").await;
                    return Ok(());
                }
                Ok(CancelOutcome::Unknown) | Err(_) => {}
            }
        }
        self.review(&attempt, "outcome_unknown", reason, Cause::default()).await;
        Ok(())
    }

    /// Send the same bytes under the same key, where the processor promises that this is one charge, and both keys live. Only
    /// an approval ends the attempt; whatever else comes back is left to the next lookup.
    async fn send_again(&self, session: &Session, attempt: &Attempt) -> Result<Option<Ending>, CheckoutError> {
        let profile = self.processor.profile(&attempt.merchant).await?;
        let (Some(token), Some(idempotency), Some(sent), Some(_)) = (
            attempt.token(),
            profile.idempotency,
            attempt.charge_sent,
            attempt.charge_digest.as_ref(),
        ) else {
            return Ok(None);
        };
        let now = self.checkout.clock.now();
        let life = Duration::from_secs(idempotency.key_life_s.into());
        let margin = (life / 4).min(Duration::from_secs(3600));
        if now >= sent.after(life.saturating_sub(margin)) || now >= attempt.initiated.after(RESOLVE_KEY_LIFE) {
            return Ok(None);
        }
        let ready = self.processor.prepare(self.charge_scope(session, attempt)).await?;
        let resolved = self
            .tokens
            .resolve(&attempt.merchant, token, &attempt.resolve_key)
            .await;
        let Ok(credential) = resolved else { return Ok(None) };
        let journal = Arc::new(SameBytes {
            store: Arc::clone(&self.checkout.store),
            clock: Arc::clone(&self.checkout.clock),
            attempt: attempt.clone(),
        });
        let (operation, order) = self.charge_call(session, attempt);
        info!(attempt.id = %attempt.id, "sending the same charge again");
        let report = ready.charge(operation, order, credential, journal).await;
        Ok(ending(judge(&report, attempt.amount))
            .filter(|ending| matches!(ending, Ending::Approved(_) | Ending::Differs(_))))
    }

    /// A charge that the processor does not know was never made, once the time is over in which it may be invisible. The time
    /// begins when the outcome became unknown: until then something may have been on its way.
    async fn absence_proves(&self, attempt: &Attempt) -> Result<bool, CheckoutError> {
        let profile = self.processor.profile(&attempt.merchant).await?;
        let declared = Duration::from_secs(u64::from(profile.visibility_delay_s));
        Ok(self.checkout.clock.now() >= since(attempt).after(declared.max(self.timings.absence_floor)))
    }
}

/// The last moment at which something may have been on its way.
fn since(attempt: &Attempt) -> Timestamp {
    attempt
        .unknown_since
        .or(attempt.charge_sent)
        .unwrap_or(attempt.initiated)
}

/// A verdict that settles something.
pub(super) fn ending(verdict: Verdict) -> Option<Ending> {
    match verdict {
        Verdict::Approved(reference) => Some(Ending::Approved(reference)),
        Verdict::Declined(code) => Some(Ending::Declined(code)),
        Verdict::Differs(what) => Some(Ending::Differs(what)),
        Verdict::NotSent(_) | Verdict::Unknown(_) => None,
    }
}

/// Lets only the bytes pass that were sent the first time, and writes down when they are sent again.
struct SameBytes {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    attempt: Attempt,
}

#[async_trait]
impl ChargeJournal for SameBytes {
    async fn charging(&self, digest: &str) -> Result<(), StoreError> {
        if self.attempt.charge_digest.as_deref() != Some(digest) {
            return Err(StoreError(
                "the charge would differ from the one that was sent".to_owned(),
            ));
        }
        let now = self.clock.now();
        let sent = Attempt {
            unknown_since: Some(now),
            next_try: Some(now.after(RESEND_TIME)),
            ..self.attempt.clone()
        };
        let write = AttemptWrite::moving(sent, self.attempt.state);
        let unit = UnitOfWork {
            attempt: Some(write),
            ..UnitOfWork::default()
        };
        self.store
            .commit(unit)
            .await
            .map_err(|error| StoreError(error.to_string()))
    }
}
