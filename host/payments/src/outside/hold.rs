//! The question of another party whether it may take a payment.

use tillhouse_checkout::attempt::AttemptStatus;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::operation::{CheckoutResponse, ResponseRecorder};
use tillhouse_checkout::order::Order;
use tillhouse_checkout::outside_payment::HoldRequest;
use tillhouse_checkout::ports::CommitError;
use tillhouse_checkout::service::expect_open;
use tillhouse_checkout::session::{Session, SessionState};

use super::{MAX_ROUNDS, OutsidePayments, retried};
use crate::paying::{InsteadOf, holds_the_same};

impl OutsidePayments {
    /// Hold what a session buys, for a payment that the caller is about to take. A hold of the same is answered again; another one ends
    /// as the new one begins.
    ///
    /// # Errors
    /// When the session cannot be paid as it is; nothing is held then, or what was held before still is.
    pub async fn hold(
        &self,
        request: HoldRequest,
        recorder: ResponseRecorder,
    ) -> Result<CheckoutResponse, CheckoutError> {
        let (checkout, caller) = (&self.context.checkout, &request.caller);
        let Some(provider) = caller.protocol.outside_payer() else {
            return Err(CheckoutError::UnsupportedPayment(caller.protocol.to_string()));
        };
        let mut instead_of = InsteadOf::Nothing;
        for _ in 0..MAX_ROUNDS {
            let session = checkout.retrieve(caller, &request.session).await?;
            match &session.state {
                SessionState::Open => {
                    match Box::pin(self.paying.hold(&session, &request, provider, instead_of, &recorder)).await {
                        Err(CheckoutError::Conflict(conflict @ CommitError::Idempotency)) => {
                            return checkout.replay_or_error(conflict, &recorder).await;
                        }
                        Err(error @ CheckoutError::Conflict(CommitError::Session)) => {
                            let now = checkout.retrieve(caller, &request.session).await?;
                            // The same request was faster. Any other change is one that the caller may not have seen.
                            if now.state == SessionState::Open {
                                return Err(error);
                            }
                        }
                        done => return done,
                    }
                }
                SessionState::Held { .. } => {
                    if let Some(answer) = self.hold_again(&session, &request, provider, &recorder).await? {
                        return Ok(answer);
                    }
                    // What the caller was shown is what was held.
                    if !holds_the_same(&session, &request) {
                        instead_of = InsteadOf::GivenUp;
                    }
                }
                SessionState::Completed { order } if self.is_of_this_payment(order, &request).await? => {
                    return checkout.answer_with(&session, &recorder).await;
                }
                _ => {
                    expect_open(&session, "committed")?;
                    return Err(CheckoutError::InFlight);
                }
            }
        }
        Err(CheckoutError::InFlight)
    }

    /// The answer to a repeated request, or to one for something else, which is held instead. `None` if the session is to be looked at
    /// again, because another operation changed it, or because the time of the hold was over.
    async fn hold_again(
        &self,
        session: &Session,
        request: &HoldRequest,
        provider: &'static str,
        recorder: &ResponseRecorder,
    ) -> Result<Option<CheckoutResponse>, CheckoutError> {
        let Some(id) = session.live_attempt() else {
            return Ok(None);
        };
        let attempt = self.attempt(id).await?;
        let is_same = holds_the_same(session, request);
        if let Some(expected) = request
            .expected
            .filter(|expected| is_same && *expected != attempt.amount)
        {
            return Err(CheckoutError::TotalChanged {
                shown: expected,
                now: attempt.amount,
            });
        }
        let is_in_time = attempt.held_until().is_some_and(|until| until > self.context.now());
        // One that was begun for a report holds nothing.
        let is_held = attempt.status() == AttemptStatus::Awaiting && is_in_time && !attempt.history.without_stock;
        if is_held && is_same {
            return self.context.checkout.answer_with(session, recorder).await.map(Some);
        }
        if is_held {
            let held = self.hold_instead(session, attempt, request, provider, recorder);
            return Box::pin(held).await;
        }
        // The caller that was told that there was no time still has its hold.
        let _permit = recorder.deadline.begin_commit()?;
        retried(self.release_hold(session.clone(), attempt).await).map(|()| None)
    }

    /// Whether the order was made of the payment that is asked about.
    async fn is_of_this_payment(&self, order: &Order, request: &HoldRequest) -> Result<bool, CheckoutError> {
        let attempt = self.context.store().attempt(&order.attempt).await?;
        let is_elsewhere = attempt.is_some_and(|attempt| attempt.payer.is_elsewhere());
        Ok(is_elsewhere && request.expected.is_none_or(|expected| expected == order.total))
    }
}
