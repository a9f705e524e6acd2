//! Settlement: what became of an attempt, committed with everything that follows from it.
//!
//! `approval` commits a payment, `unpaid` an end without money, `unresolved` everything that is not known yet. Paying and
//! recovery both end here; `trigger` says which of them it was.

mod approval;
mod declined_answer;
mod ending;
mod outcome;
mod reported;
mod trigger;
mod unpaid;
mod unresolved;
mod waiting;

use std::sync::Arc;

use tracing::{info, warn};

use tillhouse_checkout::attempt::{Attempt, AttemptStatus};
use tillhouse_checkout::discrepancy::DiscrepancyKind;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::idempotency::Reply;
use tillhouse_checkout::operation::{CheckoutResponse, ResponseRecorder};
use tillhouse_checkout::outbox::OutboxMessage;
use tillhouse_checkout::ports::StoreError;
use tillhouse_checkout::session::Session;

use crate::classify::AUTHENTICATION_REQUIRED;
use crate::context::PaymentContext;
use crate::reservation_release::ReservationRelease;

pub(crate) use ending::{Ending, authentication_failed_message};
use outcome::not_sent;
pub(crate) use outcome::{PaymentOutcome, declined};
pub(crate) use trigger::Trigger;

/// Code of an attempt whose charge the processor does not know, once that proves that it never had it.
const NEVER_CHARGED: &str = "never_charged";

/// Code of a decline after an authentication that the processor does not take for one.
const AUTHENTICATION_NOT_ACCEPTED: &str = "authentication_not_accepted";

/// Code of an attempt of which an operator says that nothing was charged.
pub(crate) const SETTLED_BY_OPERATOR: &str = "settled_by_operator";

/// Whether an attempt that is stored as declined with this code was never declined: it is only certain that it charged nothing.
pub(crate) fn is_never_charged(code: &str) -> bool {
    matches!(code, NEVER_CHARGED | SETTLED_BY_OPERATOR)
}

/// Commits the outcome of attempts.
#[derive(Clone, Debug)]
pub(crate) struct Settlement {
    context: Arc<PaymentContext>,
    reservations: ReservationRelease,
}

impl Settlement {
    pub(crate) const fn new(context: Arc<PaymentContext>, reservations: ReservationRelease) -> Self {
        Self { context, reservations }
    }

    /// Commit the outcome of an attempt, and answer the request that waits for it.
    ///
    /// # Errors
    /// [`CheckoutError::Declined`] and its like, once that is durable.
    pub(crate) async fn settle(
        &self,
        session: Session,
        attempt: Attempt,
        outcome: PaymentOutcome,
        trigger: Trigger<'_>,
    ) -> Result<CheckoutResponse, CheckoutError> {
        let recorder = trigger.recorder();
        match outcome {
            PaymentOutcome::Approved(paid) => Box::pin(self.approve(session, attempt, paid, trigger)).await,
            PaymentOutcome::Declined(code) => {
                let ending = Ending::declined(code.clone());
                Box::pin(self.end_declined(session, attempt, ending, declined(code), trigger)).await
            }
            PaymentOutcome::AuthenticationRequired(requirements) => {
                // A charge whose outcome was unknown is over: only one that was just made can wait for the buyer.
                let is_new = attempt.status() == AttemptStatus::Charging;
                let code = match &attempt.history.proof {
                    None if is_new && session.agent.can_authenticate() => {
                        return Box::pin(self.await_buyer(session, attempt, *requirements, trigger)).await;
                    }
                    None => AUTHENTICATION_REQUIRED,
                    Some(_) => AUTHENTICATION_NOT_ACCEPTED,
                };
                let (ending, error) = (Ending::declined(code.to_owned()), declined(code.to_owned()));
                Box::pin(self.end_declined(session, attempt, ending, error, trigger)).await
            }
            PaymentOutcome::NeverCharged => {
                let ending = Ending::never_charged(NEVER_CHARGED);
                self.end_unpaid(Some(session), attempt, ending, trigger).await?;
                Err(CheckoutError::ChargeNotSent)
            }
            PaymentOutcome::Voided(how) => {
                let error = declined("canceled".to_owned());
                Box::pin(self.end_declined(session, attempt, Ending::voided(how), error, trigger)).await
            }
            PaymentOutcome::NotSent(unsent) => {
                warn!(attempt.id = %attempt.id, reason = unsent.reason, "the charge was not sent");
                let error = not_sent(&unsent);
                let ending = Ending::not_sent(&attempt, &unsent);
                self.end_unpaid(Some(session), attempt, ending, trigger).await?;
                Err(error)
            }
            PaymentOutcome::Unknown(reason) => {
                self.leave_unknown(&attempt, &reason).await;
                Ok(in_progress(&session, recorder))
            }
            PaymentOutcome::AmountDiffers(detail) => {
                self.request_review(&attempt, DiscrepancyKind::AmountDiffers, &detail, &trigger)
                    .await;
                Ok(in_progress(&session, recorder))
            }
        }
    }

    /// Commit an outcome that recovery found: no request waits for it, and a decline is not an error.
    pub(crate) async fn settle_found(
        &self,
        session: Session,
        attempt: Attempt,
        outcome: PaymentOutcome,
        trigger: Trigger<'_>,
    ) -> Result<(), CheckoutError> {
        info!(attempt.id = %attempt.id, ending = ?outcome, "outcome found");
        match Box::pin(self.settle(session, attempt, outcome, trigger)).await {
            Ok(_)
            | Err(
                CheckoutError::Declined { .. }
                | CheckoutError::AuthenticationRequired
                | CheckoutError::Token(_)
                | CheckoutError::ChargeNotSent,
            ) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// The answer for a payment whose outcome is not known yet.
fn in_progress(session: &Session, recorder: Option<&ResponseRecorder>) -> CheckoutResponse {
    CheckoutResponse::InProgress(recorder.map_or_else(empty, |recorder| (recorder.render)(session)))
}

/// No request waits for an answer, so that nothing is rendered.
const fn empty() -> Reply {
    Reply {
        status: 200,
        body: Vec::new(),
    }
}

/// Messages, or the store's error for one that cannot be serialized.
pub(crate) fn messages(
    messages: impl IntoIterator<Item = Result<OutboxMessage, serde_json::Error>>,
) -> Result<Vec<OutboxMessage>, CheckoutError> {
    messages
        .into_iter()
        .collect::<Result<_, _>>()
        .map_err(|error| StoreError::with_source(format!("outbox message: {error}"), error).into())
}
