//! The reversal of a charge: money that was taken for an order that cannot be made is voided or refunded.
//!
//! That a call is about to be made is committed before it is made. A repetition first asks the processor what became of the call,
//! because it may have arrived. It is made again, as the same operation and under the same key, only once the processor certainly does
//! not know it, and only while the processor still recognizes that key.

#[cfg(test)]
mod tests;

use std::ops::ControlFlow;
use std::time::Instant;

use tracing::info;

use tillhouse_checkout::attempt::{Attempt, AttemptState, ReversalCall, SentReversal};
use tillhouse_checkout::decision::{Operation, RefundOutcome, VoidLookup, VoidOutcome};
use tillhouse_checkout::discrepancy::DiscrepancyKind;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::ProcessorReference;
use tillhouse_checkout::ports::{DecisionError, PhaseKind, PhaseScope};
use tillhouse_checkout::unit_of_work::UnitOfWork;

use super::Recovery;
use crate::operation::amendment;
use crate::refund_call::{Earlier, EarlierCall, RefundCall, WITHOUT_REFERENCE, declined_again};
use crate::settlement::{Ending, Trigger};

/// The result of a reversal.
enum Reversal {
    /// No money will move, or it was refunded; carries how.
    Done(String),
    /// Not decided yet; carries why.
    Pending(String),
    /// The processor will not; carries why.
    Refused(String),
    /// It cannot be done, and a call that was made may still arrive; carries why.
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
                let ending = Ending::reversed(how);
                Box::pin(self.settlement.end_unpaid(session, attempt, ending, Trigger::Recovery)).await
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
            Ok(Reversal::Refused(why)) => {
                let attempt = attempt.reversal_refused();
                self.review(&attempt, DiscrepancyKind::CannotReverse, &why).await
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
        if capabilities.void && earlier(attempt, ReversalCall::Refund).is_none() {
            let outcome = match self.void(attempt, charge).await? {
                ControlFlow::Continue(outcome) => outcome,
                ControlFlow::Break(reversal) => return Ok(reversal),
            };
            match outcome {
                VoidOutcome::Voided => return Ok(Reversal::Done("voided".to_owned())),
                VoidOutcome::TooLate if capabilities.refund => {}
                VoidOutcome::TooLate => {
                    let why = "too late to void, and the processor's plugin has no refund";
                    return Ok(Reversal::Refused(why.to_owned()));
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
        let outcome = match self.refund(attempt, charge).await? {
            ControlFlow::Continue(outcome) => outcome,
            ControlFlow::Break(reversal) => return Ok(reversal),
        };
        Ok(match outcome {
            RefundOutcome::Refunded(refund) if refund.is_empty() => Reversal::Pending(WITHOUT_REFERENCE.to_owned()),
            RefundOutcome::Refunded(refund) => Reversal::Done(format!("refunded with {refund}")),
            RefundOutcome::Pending(refund) => Reversal::Pending(format!("the refund {refund} is pending")),
            RefundOutcome::Declined(code) => Reversal::Refused(format!("the refund was declined: {code}")),
            RefundOutcome::Unknown => Reversal::Pending("the outcome of the refund is unknown".to_owned()),
        })
    }

    /// What became of an earlier void, or else of this one.
    async fn void(
        &self,
        attempt: &mut Attempt,
        charge: &ProcessorReference,
    ) -> Result<ControlFlow<Reversal, VoidOutcome>, CheckoutError> {
        let processor = &self.context.processor;
        let (scope, operation) = self.reversing(attempt, ReversalCall::Void);
        if let Some(sent) = earlier(attempt, ReversalCall::Void) {
            let lookup = processor.lookup_void(scope.clone(), operation.clone(), charge).await;
            let is_absent = match lookup {
                Ok(VoidLookup::Found(outcome)) => return Ok(ControlFlow::Continue(outcome)),
                Ok(VoidLookup::Absent) => true,
                Err(DecisionError::Unsupported { .. }) => false,
                Err(error) => return Err(error.into()),
            };
            let may = self
                .context
                .may_repeat(&attempt.merchant, sent.call.verb(), called(sent), is_absent);
            match continued(may.await?) {
                ControlFlow::Continue(None) => {}
                ControlFlow::Continue(Some(outcome)) => return Ok(ControlFlow::Continue(outcome)),
                ControlFlow::Break(reversal) => return Ok(ControlFlow::Break(reversal)),
            }
        }
        let until = self.commit_call(attempt, ReversalCall::Void).await?;
        let scope = PhaseScope {
            deadline: Some(until),
            ..scope
        };
        let outcome = processor.void(scope, operation, charge).await?;
        Ok(ControlFlow::Continue(outcome))
    }

    /// What became of an earlier refund, or else of this one.
    async fn refund(
        &self,
        attempt: &mut Attempt,
        charge: &ProcessorReference,
    ) -> Result<ControlFlow<Reversal, RefundOutcome>, CheckoutError> {
        let (scope, operation) = self.reversing(attempt, ReversalCall::Refund);
        let call = RefundCall {
            scope,
            operation,
            charge,
            amount: attempt.amount,
            reason: None,
        };
        let sent = earlier(attempt, ReversalCall::Refund);
        if let Some(sent) = sent {
            match continued(call.look_up(&self.context, called(sent)).await?) {
                ControlFlow::Continue(None) => {}
                ControlFlow::Continue(Some(outcome)) => return Ok(ControlFlow::Continue(outcome)),
                ControlFlow::Break(reversal) => return Ok(ControlFlow::Break(reversal)),
            }
        }
        let until = self.commit_call(attempt, ReversalCall::Refund).await?;
        Ok(match call.make(&self.context, until).await? {
            RefundOutcome::Declined(code) if sent.is_some() => {
                ControlFlow::Break(Reversal::Pending(declined_again(&code)))
            }
            outcome => ControlFlow::Continue(outcome),
        })
    }

    fn reversing(&self, attempt: &Attempt, call: ReversalCall) -> (PhaseScope, Operation) {
        let scope = self.context.attempt_scope(attempt, PhaseKind::Payment);
        let operation = amendment(attempt, call.verb(), scope.now);
        (scope, operation)
    }

    /// Make durable that the call is about to be made. A host that has lost its lease does not get further. Returns until when the call
    /// may be made.
    async fn commit_call(&self, attempt: &mut Attempt, call: ReversalCall) -> Result<Instant, CheckoutError> {
        let until = self.context.latest_send();
        let write = attempt.reversing(call, self.context.now());
        let calling = write.attempt().clone();
        let unit = UnitOfWork {
            attempt: Some(write),
            ..UnitOfWork::default()
        };
        self.context.store().commit(unit).await?;
        *attempt = calling;
        Ok(until)
    }
}

/// The call, where it may have reached the processor.
fn earlier(attempt: &Attempt, call: ReversalCall) -> Option<SentReversal> {
    attempt.history.reversal.filter(|sent| sent.call == call)
}

const fn called(sent: SentReversal) -> EarlierCall {
    EarlierCall {
        first: sent.first,
        last: sent.last,
    }
}

/// The outcome of an earlier call, or `None` where it is made again.
fn continued<T>(earlier: Earlier<T>) -> ControlFlow<Reversal, Option<T>> {
    match earlier {
        Earlier::Found(outcome) => ControlFlow::Continue(Some(outcome)),
        Earlier::Repeat => ControlFlow::Continue(None),
        Earlier::NotYet(why) => ControlFlow::Break(Reversal::Pending(why)),
        Earlier::Impossible(why) => ControlFlow::Break(Reversal::Impossible(why)),
    }
}
