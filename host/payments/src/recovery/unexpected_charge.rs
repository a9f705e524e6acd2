//! Events of the processor by which money moved for an attempt that expects none.

use tracing::error;

use tillhouse_checkout::attempt::{Attempt, AttemptStatus};
use tillhouse_checkout::decision::{ChargeOutcome, ProcessorEvent};
use tillhouse_checkout::discrepancy::{Discrepancy, DiscrepancyKind};
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::inbox::InboxEvent;
use tillhouse_checkout::unit_of_work::UnitOfWork;

use super::Recovery;
use crate::classify::classify_answer;
use crate::settlement::PaymentOutcome;
use crate::unknown_outcome::make_unknown;

/// The processor's reference of a charge that moved money for an attempt.
pub(super) fn charge_that_moved_money<'a>(outcome: &'a ChargeOutcome, attempt: &Attempt) -> Option<&'a str> {
    PaymentOutcome::found(classify_answer(outcome, attempt.amount), attempt).and_then(PaymentOutcome::money_moved)?;
    match outcome {
        ChargeOutcome::Approved {
            processor_reference, ..
        } => Some(processor_reference),
        _ => None,
    }
}

impl Recovery {
    /// The charge at which the processor asked for an authentication may have been made all the same: until the next one is sent, none
    /// may follow it, and the outcome of the attempt is unknown.
    pub(super) async fn stop_waiting(&self, attempt: Attempt) -> Result<Attempt, CheckoutError> {
        let is_before_next_charge = matches!(
            attempt.status(),
            AttemptStatus::AuthenticationRequired | AttemptStatus::Reserved | AttemptStatus::Resolving
        );
        // A resolved token, and not the charge: a completion that was interrupted has cleared the charge from the history.
        if !is_before_next_charge || !attempt.waits_with_resolved_token() {
            return Ok(attempt);
        }
        let store = self.context.store();
        let reason = "the processor says that the charge was made while the payment waited for the buyer";
        make_unknown(store.as_ref(), &attempt, self.context.now(), reason).await?;
        Ok(store.attempt(&attempt.id).await?.unwrap_or(attempt))
    }

    /// Keep the event of a charge that the attempt does not explain, with a discrepancy: an operator has to look at the money.
    pub(super) async fn keep_unexpected_charge(
        &self,
        received: InboxEvent,
        event: &ProcessorEvent,
        attempt: &Attempt,
        charge: &str,
    ) -> Result<bool, CheckoutError> {
        let state = attempt.status().name();
        let detail = format!(
            "event {} says that charge {charge} was made, and the attempt is {state} here",
            event.id
        );
        error!(attempt.id = %attempt.id, detail, "a processor event says that money moved, and an operator has to look");
        let unit = UnitOfWork {
            event: Some(received),
            discrepancy: Some(Discrepancy {
                merchant: attempt.merchant.clone(),
                kind: DiscrepancyKind::ChargedElsewhere,
                subject: charge.to_owned(),
                attempt: Some(attempt.id.clone()),
                detail,
                found: self.context.now(),
            }),
            ..UnitOfWork::default()
        };
        self.context.keep(unit).await
    }
}

/// Whether the attempt explains no charge with this reference of the processor. While it is charged, the event may only be faster than
/// the answer; one that was reversed had a charge.
pub(super) fn is_unexpected(attempt: &Attempt, charge: &str) -> bool {
    match attempt.status() {
        AttemptStatus::Reserved
        | AttemptStatus::AuthenticationRequired
        | AttemptStatus::Awaiting
        | AttemptStatus::Resolving
        | AttemptStatus::Declined
        | AttemptStatus::Failed => true,
        AttemptStatus::Voiding | AttemptStatus::Voided => attempt
            .processor_reference()
            .is_none_or(|known| known.as_str() != charge),
        AttemptStatus::Charging | AttemptStatus::Approved | AttemptStatus::Unknown | AttemptStatus::NeedsReview => {
            false
        }
    }
}
