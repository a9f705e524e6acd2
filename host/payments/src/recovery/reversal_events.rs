//! Events by which the processor says that a charge under reversal was voided or refunded: some processors only acknowledge the call,
//! and report its outcome by themselves.

use tracing::info;

use tillhouse_checkout::attempt::{Attempt, AttemptState};
use tillhouse_checkout::decision::{ChargeOutcome, ProcessorEvent, ProcessorReport, RefundOutcome};
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::ports::CommitError;

use super::Recovery;
use super::processor_reports::payload;
use crate::settlement::{Ending, Trigger};

/// The code of a decline by which a processor says that the charge was voided.
const VOIDED: &str = "voided";

impl Recovery {
    /// Whether the event was new; `None` if it is not about a charge for whose reversal the processor was asked.
    pub(super) async fn handle_reversal(
        &self,
        merchant: &MerchantId,
        event: &ProcessorEvent,
    ) -> Result<Option<bool>, CheckoutError> {
        let (Some(how), Some(reference)) = (how_reversed(&event.report), &event.reference) else {
            return Ok(None);
        };
        let seen = self.context.store().attempt_by_reference(merchant, reference).await?;
        let Some(seen) = seen.filter(|attempt| is_reversing(attempt, event)) else {
            return Ok(None);
        };
        let received = self.received(merchant, event, payload(event).to_string());
        if !self.check_amount(event, &seen).await? {
            return self.keep_event(received).await.map(Some);
        }
        let leased = self.lease(&seen).await?;
        // The processor sends it again.
        let attempt = leased.ok_or(CheckoutError::InFlight)?;
        let _guard = self.context.in_progress.begin(attempt.id.clone(), attempt.epoch);
        if !is_reversing(&attempt, event) {
            return self.keep_event(received).await.map(Some);
        }
        info!(attempt.id = %attempt.id, how, "the charge was reversed, as an event of the processor says");
        let session = self.context.session_paid_by(&attempt).await?;
        let trigger = Trigger::ProcessorEvent(received);
        let ending = Ending::reversed(how);
        match Box::pin(self.settlement.end_unpaid(session, attempt, ending, trigger)).await {
            Ok(()) => Ok(Some(true)),
            Err(CheckoutError::Conflict(CommitError::EventSeen)) => Ok(Some(false)),
            Err(error) => Err(error),
        }
    }
}

/// How a charge was reversed, as far as the report says that it was.
fn how_reversed(report: &ProcessorReport) -> Option<String> {
    match report {
        // One without a reference settles nothing, as in an answer.
        ProcessorReport::Refund(RefundOutcome::Refunded(refund)) if !refund.is_empty() => {
            Some(format!("refunded with {refund}"))
        }
        ProcessorReport::Charge(ChargeOutcome::Declined { code, .. }) if code == VOIDED => Some(VOIDED.to_owned()),
        _ => None,
    }
}

/// Whether the attempt waits for the outcome of a call that reverses the charge of the event.
fn is_reversing(attempt: &Attempt, event: &ProcessorEvent) -> bool {
    let AttemptState::Voiding { charge, .. } = &attempt.state else {
        return false;
    };
    attempt.history.reversal.is_some() && event.processor_reference.as_deref() == Some(charge.as_str())
}
