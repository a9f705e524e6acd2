//! The reversal of a charge: money that was taken for an order that cannot be made is voided or refunded.
//!
//! That a call is about to be made is committed before it is made. A repetition first asks the processor what became of the call,
//! because it may have arrived; only a call that did not is made again, as the same operation and under the same key.

#[cfg(test)]
mod tests;

use tracing::info;

use tillhouse_checkout::attempt::{Attempt, AttemptState, ReversalCall, Unpaid};
use tillhouse_checkout::decision::{Operation, RefundLookup, RefundOutcome, VoidOutcome};
use tillhouse_checkout::discrepancy::DiscrepancyKind;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::ProcessorReference;
use tillhouse_checkout::ports::{DecisionError, PhaseKind, PhaseScope};
use tillhouse_checkout::unit_of_work::UnitOfWork;

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
    pub(super) async fn reverse(&self, mut attempt: Attempt) -> Result<(), CheckoutError> {
        let AttemptState::Voiding { charge, .. } = &attempt.state else {
            return Ok(());
        };
        let charge = charge.clone();
        match self.void_or_refund(&mut attempt, &charge).await {
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
            // No call was made: the attempt is another host's now, or the store does not answer.
            Err(error @ (CheckoutError::Conflict(_) | CheckoutError::Store(_))) => Err(error),
            Err(error) => {
                self.settlement.retry_later(&attempt, &error.to_string()).await;
                Ok(())
            }
            Ok(Reversal::Impossible(why)) => self.review(&attempt, DiscrepancyKind::CannotReverse, &why).await,
        }
    }

    /// `attempt` is as it was last committed, also after an error.
    async fn void_or_refund(
        &self,
        attempt: &mut Attempt,
        charge: &ProcessorReference,
    ) -> Result<Reversal, CheckoutError> {
        let capabilities = self.context.processor.capabilities(&attempt.merchant);
        // A refund is made only where a void is not possible.
        if capabilities.void && attempt.history.reversal != Some(ReversalCall::Refund) {
            match self.void(attempt, charge).await? {
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
        Ok(match self.refund(attempt, charge).await? {
            RefundOutcome::Refunded(refund) => Reversal::Done(format!("refunded with {refund}")),
            RefundOutcome::Pending(refund) => Reversal::Pending(format!("the refund {refund} is pending")),
            RefundOutcome::Declined(code) => Reversal::Impossible(format!("the refund was declined: {code}")),
            RefundOutcome::Unknown => Reversal::Pending("the outcome of the refund is unknown".to_owned()),
        })
    }

    /// What became of an earlier void, or else of this one.
    async fn void(&self, attempt: &mut Attempt, charge: &ProcessorReference) -> Result<VoidOutcome, CheckoutError> {
        let processor = &self.context.processor;
        let (scope, operation) = self.reversing(attempt, "void");
        if attempt.history.reversal == Some(ReversalCall::Void) {
            match processor.lookup_void(scope.clone(), operation.clone(), charge).await {
                // The processor has none.
                Ok(VoidOutcome::Unknown) | Err(DecisionError::Unsupported { .. }) => {}
                found => return Ok(found?),
            }
        }
        self.commit_call(attempt, ReversalCall::Void).await?;
        Ok(processor.void(scope, operation, charge).await?)
    }

    /// What became of an earlier refund, or else of this one.
    async fn refund(&self, attempt: &mut Attempt, charge: &ProcessorReference) -> Result<RefundOutcome, CheckoutError> {
        let processor = &self.context.processor;
        let (scope, operation) = self.reversing(attempt, "refund");
        if attempt.history.reversal == Some(ReversalCall::Refund) {
            let lookup = processor.lookup_refund(scope.clone(), operation.clone(), charge, attempt.amount);
            match lookup.await {
                Ok(RefundLookup::Found(outcome)) => return Ok(outcome),
                Ok(RefundLookup::Absent) | Err(DecisionError::Unsupported { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        self.commit_call(attempt, ReversalCall::Refund).await?;
        Ok(processor.refund(scope, operation, charge, attempt.amount, None).await?)
    }

    fn reversing(&self, attempt: &Attempt, verb: &str) -> (PhaseScope, Operation) {
        let scope = self.context.attempt_scope(attempt, PhaseKind::Payment);
        let operation = amendment(attempt, verb, scope.now);
        (scope, operation)
    }

    /// Make durable that the call is about to be made. A host that has lost its lease does not get further.
    async fn commit_call(&self, attempt: &mut Attempt, call: ReversalCall) -> Result<(), CheckoutError> {
        let write = attempt.reversing(call);
        let calling = write.attempt().clone();
        let unit = UnitOfWork {
            attempt: Some(write),
            ..UnitOfWork::default()
        };
        self.context.store().commit(unit).await?;
        *attempt = calling;
        Ok(())
    }
}
