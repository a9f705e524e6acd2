//! Payments that another party takes: it has the checkout held before, and reports what became of the payment.
//!
//! `hold` is its question whether to go on, `report` its word of the outcome, `notice` the same by a webhook of the processor. Stock is
//! held for a limited time (`expired_hold`); a payment is never called failed by time alone, and whatever was paid and is not expected is
//! a discrepancy for the operator.

mod by_event;
mod changed_hold;
mod expired_hold;
mod hold;
mod longer_hold;
mod notice;
mod paid_session;
mod refused_hold;
mod report;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use tillhouse_checkout::attempt::Attempt;
use tillhouse_checkout::caller::Caller;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::{AttemptId, SessionId};
use tillhouse_checkout::operation::{CheckoutResponse, CreateRequest, ResponseRecorder};
use tillhouse_checkout::ports::CommitError;
use tillhouse_checkout::service::expect_open;
use tillhouse_checkout::session::{Session, SessionState};

use crate::context::PaymentContext;
use crate::paying::Paying;
use crate::reservation_release::ReservationRelease;
use crate::settlement::{Ending, Settlement, Trigger};

/// How often an operation is tried again because another one changed the session meanwhile.
const MAX_ROUNDS: u32 = 8;

/// Checkouts that another party is paid for.
#[derive(Clone, Debug)]
pub struct OutsidePayments {
    context: Arc<PaymentContext>,
    paying: Paying,
    settlement: Settlement,
    reservations: ReservationRelease,
}

impl OutsidePayments {
    pub(crate) const fn new(
        context: Arc<PaymentContext>,
        paying: Paying,
        settlement: Settlement,
        reservations: ReservationRelease,
    ) -> Self {
        Self {
            context,
            paying,
            settlement,
            reservations,
        }
    }

    /// Create the session with the id that the caller gives it, or change the one that there is. What was held of it is released with the
    /// change, and stays held where that is refused.
    ///
    /// # Errors
    /// As for a creation or an update, and if a session of another owner has the id.
    pub async fn upsert(
        &self,
        request: CreateRequest,
        recorder: ResponseRecorder,
    ) -> Result<CheckoutResponse, CheckoutError> {
        let checkout = &self.context.checkout;
        let Some(id) = request.id.clone() else {
            return Box::pin(checkout.create(request, recorder)).await;
        };
        let caller = &request.caller;
        let merchant = checkout.merchants.get(&caller.merchant)?;
        for _ in 0..MAX_ROUNDS {
            let found = match checkout.load(&caller.merchant, &id).await {
                Ok(session) => Some(session),
                Err(CheckoutError::UnknownSession(_)) => None,
                Err(error) => return Err(error),
            };
            let Some(session) = found else {
                match Box::pin(checkout.create(request.clone(), recorder.clone())).await {
                    // Another request was faster.
                    Err(CheckoutError::Conflict(CommitError::Session)) => continue,
                    done => return done,
                }
            };
            if !caller.may_use(&session, merchant.shares_sessions) {
                return Err(CheckoutError::ForeignSession(id));
            }
            if let SessionState::Held { attempt, .. } = &session.state {
                let attempt = self.attempt(attempt).await?;
                let changed = self.change_held(session, attempt, &request, &recorder);
                match Box::pin(changed).await? {
                    Some(done) => return Ok(done),
                    None => continue,
                }
            }
            expect_open(&session, "updated")?;
            match Box::pin(checkout.update_for(&request, &session, recorder.clone())).await {
                // Held meanwhile.
                Err(CheckoutError::InFlight) => {}
                done => return done,
            }
        }
        Err(CheckoutError::InFlight)
    }

    /// Cancel a session, and release what is held of it.
    ///
    /// # Errors
    /// If the caller has no such session, it is over in another way, or the payment was reported late.
    pub async fn release(
        &self,
        caller: &Caller,
        id: &SessionId,
        recorder: ResponseRecorder,
    ) -> Result<CheckoutResponse, CheckoutError> {
        let checkout = &self.context.checkout;
        for _ in 0..MAX_ROUNDS {
            let session = checkout.retrieve(caller, id).await?;
            match &session.state {
                SessionState::Held { attempt, .. } => {
                    let attempt = self.attempt(attempt).await?;
                    if let Some(canceled) = self.cancel_hold(session, attempt, &recorder).await? {
                        return Ok(canceled);
                    }
                }
                SessionState::Canceled => return checkout.answer_with(&session, &recorder).await,
                _ => match Box::pin(checkout.cancel(caller, id, None, recorder.clone())).await {
                    // Held meanwhile.
                    Err(CheckoutError::InFlight) if session.state == SessionState::Open => {}
                    done => return done,
                },
            }
        }
        Err(CheckoutError::InFlight)
    }

    /// `None` if another operation changed the session meanwhile.
    async fn cancel_hold(
        &self,
        session: Session,
        attempt: Attempt,
        recorder: &ResponseRecorder,
    ) -> Result<Option<CheckoutResponse>, CheckoutError> {
        refuse_paid(&attempt)?;
        let permit = recorder.deadline.begin_commit()?;
        let ending = Ending::hold_released();
        match Box::pin(self.settlement.cancel(session, attempt, ending, recorder)).await {
            Ok(reply) => {
                permit.done();
                Ok(Some(CheckoutResponse::Fresh(reply)))
            }
            Err(CheckoutError::Conflict(conflict @ CommitError::Idempotency)) => {
                let checkout = &self.context.checkout;
                checkout.replay_or_error(conflict, recorder).await.map(Some)
            }
            other => retried(other.map(|_| ())).map(|()| None),
        }
    }

    /// Release what is held of a session: it is open again.
    async fn release_hold(&self, session: Session, attempt: Attempt) -> Result<(), CheckoutError> {
        refuse_paid(&attempt)?;
        let ending = Ending::hold_released();
        let end = self
            .settlement
            .end_unpaid(Some(session), attempt, ending, Trigger::Recovery);
        Box::pin(end).await
    }

    async fn attempt(&self, id: &AttemptId) -> Result<Attempt, CheckoutError> {
        let found = self.context.store().attempt(id).await?;
        found.ok_or(CheckoutError::InFlight)
    }
}

/// A payment that was reported late is for the operator, and no request takes its checkout away from it.
const fn refuse_paid(attempt: &Attempt) -> Result<(), CheckoutError> {
    if attempt.history.paid_late {
        Err(CheckoutError::InFlight)
    } else {
        Ok(())
    }
}

/// Nothing was done because another operation was faster: it is looked at again.
fn retried(done: Result<(), CheckoutError>) -> Result<(), CheckoutError> {
    match done {
        Err(CheckoutError::Conflict(CommitError::Session | CommitError::Attempt)) => Ok(()),
        other => other,
    }
}
