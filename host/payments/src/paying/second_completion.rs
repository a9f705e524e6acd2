//! A completion of a session whose payment waits for the buyer: the agent brings the result of the authentication, and the same attempt
//! continues with it. Whatever permits no charge ends the attempt.

use std::sync::Arc;

use tokio::time::Instant;
use tracing::{info, warn};

use tillhouse_checkout::attempt::{Attempt, AttemptStatus, AttemptWrite};
use tillhouse_checkout::authentication::AuthenticationResult;
use tillhouse_checkout::deadline::Deadline;
use tillhouse_checkout::device::Device;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::AttemptId;
use tillhouse_checkout::operation::{CheckoutResponse, CompleteRequest, ResponseRecorder};
use tillhouse_checkout::session::{Session, SessionState};
use tillhouse_checkout::unit_of_work::{SessionWrite, UnitOfWork};

use super::Paying;
use super::reserve::ReservedAttempt;
use super::reserving::with_billing;
use crate::in_progress::InProgressGuard;
use crate::settlement::{Ending, Trigger};

impl Paying {
    /// Continue the attempt that waits for the buyer, or end it, by the result that the completion brings.
    pub(super) async fn complete_waiting(
        &self,
        session: Session,
        request: CompleteRequest,
        recorder: ResponseRecorder,
        until: Option<Instant>,
        deadline: &Deadline,
    ) -> Result<CheckoutResponse, CheckoutError> {
        let Some(id) = session.live_attempt().cloned() else {
            return Err(CheckoutError::InFlight);
        };
        self.check_unchanged(&session, &id, &request).await?;
        let Some(result) = request.authentication.clone() else {
            return Err(CheckoutError::AuthenticationResultMissing);
        };
        let permit = deadline.begin_commit()?;
        let Some((attempt, guard)) = self.lease_waiting(&id).await? else {
            drop(permit);
            return self.answer_after_conflict(&request, &recorder).await;
        };
        if let Some(refusal) = self.refusal(&attempt, &result) {
            let (ending, error) = refusal;
            let end = self
                .settlement
                .end_unpaid(Some(session.clone()), attempt.clone(), ending, Trigger::Recovery);
            let Err(not_ended) = Box::pin(end).await else {
                permit.done();
                return Err(error);
            };
            drop(permit);
            // The agent brings the result again, and need not wait for the end of the lease.
            if let Err(error) = Box::pin(self.settlement.await_buyer_again(session, attempt)).await {
                warn!(%error, "a payment that was not ended waits for the end of its lease");
            }
            return Err(not_ended);
        }
        let write = on_device_of(&request, &attempt).authenticated(result.proof());
        let mut continued = session.clone();
        if let Some(attribution) = &request.attribution {
            continued.keep_attribution(attribution);
        }
        let begun = self.commit_continuation(continued, write, guard).await;
        let begun = match begun {
            Ok(begun) => begun,
            Err(error) => {
                drop(permit);
                self.settlement.await_buyer_again(session, attempt).await?;
                return Err(error);
            }
        };
        permit.done();
        info!(session.id = %begun.session.id, attempt.id = %begun.attempt.id, outcome = result.outcome.name(), "the payment continues after the buyer's authentication");
        Box::pin(self.finish(begun, &request, &recorder, until, deadline)).await
    }

    /// A payment that waits is what it was begun as: the token and everything that the charge is made of stay.
    async fn check_unchanged(
        &self,
        session: &Session,
        attempt: &AttemptId,
        request: &CompleteRequest,
    ) -> Result<(), CheckoutError> {
        if !self.attempt_pays_with(attempt, &request.token).await? {
            return Err(CheckoutError::AuthenticationPending("the payment token"));
        }
        let mut cart = session.cart.clone();
        cart.apply(with_billing(&request.edit, request.billing.as_ref()))?;
        if cart != session.cart {
            return Err(CheckoutError::AuthenticationPending(
                "the buyer, the billing address and the notes",
            ));
        }
        if !request.consents.is_empty() && request.consents != session.consents {
            return Err(CheckoutError::AuthenticationPending("the buyer's consents"));
        }
        Ok(())
    }

    /// The attempt under a lease of this host; `None` if it waits no longer, or another completion continues it.
    pub(super) async fn lease_waiting(
        &self,
        id: &AttemptId,
    ) -> Result<Option<(Attempt, InProgressGuard<AttemptId>)>, CheckoutError> {
        let store = self.context.store();
        let seen = store.attempt(id).await?;
        if seen.is_none_or(|attempt| attempt.status() != AttemptStatus::AuthenticationRequired) {
            return Ok(None);
        }
        let leased = store.lease_attempt(&self.context.lease_holder, id).await?;
        // One that has moved on in between keeps this lease until it expires.
        let waiting = leased.filter(|attempt| attempt.status() == AttemptStatus::AuthenticationRequired);
        Ok(waiting.map(|attempt| {
            let guard = self.context.in_progress.begin(attempt.id.clone(), attempt.epoch);
            (attempt, guard)
        }))
    }

    /// Why no charge follows, if none does.
    fn refusal(&self, attempt: &Attempt, result: &AuthenticationResult) -> Option<(Ending, CheckoutError)> {
        let outcome = result.outcome;
        if attempt
            .authentication_wait()
            .is_none_or(|wait| wait.until <= self.context.now())
        {
            let ending = Ending::authentication_expired(attempt);
            return Some((ending, CheckoutError::AuthenticationExpired));
        }
        if outcome.permits_a_charge() {
            return None;
        }
        info!(attempt.id = %attempt.id, outcome = outcome.name(), "the payment ends: the buyer was not authenticated");
        let ending = Ending::authentication_failed(attempt, outcome);
        Some((ending, CheckoutError::AuthenticationFailed(outcome)))
    }

    async fn commit_continuation(
        &self,
        mut session: Session,
        write: AttemptWrite,
        guard: InProgressGuard<AttemptId>,
    ) -> Result<ReservedAttempt, CheckoutError> {
        let attempt = write.attempt().clone();
        let replaces = session.revision;
        session.revision += 1;
        session.updated = self.context.now();
        session.state = SessionState::Committing {
            attempt: attempt.id.clone(),
            order: Box::new(attempt.order.clone()),
        };
        let unit = UnitOfWork {
            session: Some(SessionWrite {
                session: Box::new(session.clone()),
                replaces: Some(replaces),
            }),
            attempt: Some(write),
            ..UnitOfWork::default()
        };
        self.context.store().commit(unit).await?;
        Ok(ReservedAttempt {
            session,
            attempt,
            _guard: Some(guard),
        })
    }

    /// The answer to a completion that waited for the same one, and finds that the payment waits for the buyer: what that one was
    /// answered. `None` if it brings a result, or does not pay with the same token.
    pub(super) async fn answer_to_duplicate(
        &self,
        session: &Session,
        request: &CompleteRequest,
        recorder: &ResponseRecorder,
    ) -> Result<Option<CheckoutResponse>, CheckoutError> {
        let Some(attempt) = session.live_attempt().filter(|_| request.authentication.is_none()) else {
            return Ok(None);
        };
        let render = Arc::clone(&recorder.render);
        let is_same = self.attempt_pays_with(attempt, &request.token).await?;
        Ok(is_same.then(|| CheckoutResponse::Fresh(render(session))))
    }
}

/// The attempt of the buyer's device as the completion reports it; one that says nothing of the device leaves the earlier one.
fn on_device_of(request: &CompleteRequest, attempt: &Attempt) -> Attempt {
    let mut attempt = attempt.clone();
    if request.device != Device::default() {
        attempt.device.clone_from(&request.device);
    }
    attempt
}
