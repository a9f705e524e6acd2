//! The reversal of a charge: money that was taken for an order that cannot be made is voided or refunded.

use tracing::info;

use tillhouse_checkout::attempt::{Attempt, AttemptState, Unpaid};
use tillhouse_checkout::decision::{RefundOutcome, VoidOutcome};
use tillhouse_checkout::discrepancy::DiscrepancyKind;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::ProcessorReference;
use tillhouse_checkout::ports::{DecisionError, PhaseKind};

use super::Recovery;
use crate::operation::amendment;
use crate::settlement::Trigger;

/// The result of a reversal.
enum Reversal {
    /// No money will move, or it was refunded; carries how.
    Done(String),
    /// Not decided yet; carries why.
    Pending(String),
    /// The processor cannot or will not; carries why.
    Impossible(String),
}

impl Recovery {
    /// Void the charge, or refund it where it is too late for that; then the attempt is over and Stripe is told that the payment
    /// was canceled. Each call carries the attempt's id, so that a second one is the same operation.
    pub(super) async fn reverse(&self, attempt: Attempt) -> Result<(), CheckoutError> {
        let AttemptState::Voiding { charge, .. } = &attempt.state else {
            return Ok(());
        };
        match self.void_or_refund(&attempt, charge).await {
            Ok(Reversal::Done(how)) => {
                info!(attempt.id = %attempt.id, how, "the charge was reversed");
                let session = self.context.session_paid_by(&attempt).await?;
                let unpaid = Unpaid::Voided(how);
                self.settlement
                    .end_unpaid(session, attempt, unpaid, Trigger::Recovery)
                    .await
            }
            Ok(Reversal::Pending(why)) => {
                self.settlement.retry_later(&attempt, &why).await;
                Ok(())
            }
            Err(error) => {
                self.settlement.retry_later(&attempt, &error.to_string()).await;
                Ok(())
            }
            Ok(Reversal::Impossible(why)) => self.review(&attempt, DiscrepancyKind::CannotReverse, &why).await,
        }
    }

    async fn void_or_refund(&self, attempt: &Attempt, charge: &ProcessorReference) -> Result<Reversal, DecisionError> {
        let processor = &self.context.processor;
        let capabilities = processor.capabilities(&attempt.merchant);
        let now = self.context.now();
        let scope = || self.context.attempt_scope(attempt, PhaseKind::Payment);
        if capabilities.void {
            let void = processor.void(scope(), amendment(attempt, "void", now), charge);
            match void.await? {
                VoidOutcome::Voided => return Ok(Reversal::Done("voided".to_owned())),
                VoidOutcome::TooLate if capabilities.refund => {}
                VoidOutcome::TooLate => {
                    let why = "too late to void, and the processor's plugin has no refund";
                    return Ok(Reversal::Impossible(why.to_owned()));
                }
                VoidOutcome::Unknown => {
                    return Ok(Reversal::Pending("the outcome of the void is unknown".to_owned()));
                }
            }
        }
        if !capabilities.refund {
            let why = "the processor's plugin can neither void nor refund";
            return Ok(Reversal::Impossible(why.to_owned()));
        }
        let refund = processor.refund(scope(), amendment(attempt, "refund", now), charge, attempt.amount);
        Ok(match refund.await? {
            RefundOutcome::Refunded(refund) => Reversal::Done(format!("refunded with {refund}")),
            RefundOutcome::Pending(refund) => Reversal::Pending(format!("the refund {refund} is pending")),
            RefundOutcome::Declined(code) => Reversal::Impossible(format!("the refund was declined: {code}")),
            RefundOutcome::Unknown => Reversal::Pending("the outcome of the refund is unknown".to_owned()),
        })
    }
}
