//! Settlement: what became of an attempt, committed with everything that follows from it.
//!
//! `approval` commits a payment, `unpaid` an end without money, `unresolved` everything that is not known yet. Paying and
//! recovery both end here; `trigger` says which of them it was.

mod approval;
mod outcome;
mod trigger;
mod unpaid;
mod unresolved;

use std::sync::Arc;

use tracing::{info, warn};

use tillhouse_checkout::attempt::{Attempt, Unpaid};
use tillhouse_checkout::discrepancy::DiscrepancyKind;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::idempotency::Reply;
use tillhouse_checkout::operation::{CheckoutResponse, ResponseRecorder};
use tillhouse_checkout::outbox::OutboxMessage;
use tillhouse_checkout::ports::{DecisionError, StoreError};
use tillhouse_checkout::session::Session;

use crate::context::PaymentContext;
use crate::reservation_release::ReservationRelease;

pub(crate) use outcome::{PaymentOutcome, declined};
pub(crate) use trigger::Trigger;
pub(crate) use unpaid::declined_message;

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
                let unpaid = Unpaid::Declined(code.clone());
                self.end_unpaid(Some(session), attempt, unpaid, trigger).await?;
                Err(declined(code))
            }
            PaymentOutcome::Voided(how) => {
                self.end_unpaid(Some(session), attempt, Unpaid::Voided(how), trigger)
                    .await?;
                Err(declined("canceled".to_owned()))
            }
            PaymentOutcome::NotSent(reason) => {
                warn!(attempt.id = %attempt.id, reason, "the charge was not sent");
                self.end_unpaid(Some(session), attempt, Unpaid::failed(reason), trigger)
                    .await?;
                Err(CheckoutError::Decision(DecisionError::Unavailable {
                    plugin: "processor".to_owned(),
                    function: "payments.charge",
                    retry_after: None,
                }))
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
            Ok(_) | Err(CheckoutError::Declined { .. } | CheckoutError::AuthenticationRequired) => Ok(()),
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
fn messages(
    messages: impl IntoIterator<Item = Result<OutboxMessage, serde_json::Error>>,
) -> Result<Vec<OutboxMessage>, CheckoutError> {
    messages
        .into_iter()
        .collect::<Result<_, _>>()
        .map_err(|error| StoreError::with_source(format!("outbox message: {error}"), error).into())
}
