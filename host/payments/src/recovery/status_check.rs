//! The status check: finds out what became of a charge, by lookup, by sending the same bytes again, or by canceling it by
//! reference; else an operator has to.

use tillhouse_checkout::attempt::{Attempt, AttemptStatus};
use tillhouse_checkout::decision::{CancelOutcome, ChargeLookup};
use tillhouse_checkout::discrepancy::DiscrepancyKind;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ports::PhaseKind;
use tillhouse_checkout::session::Session;

use super::Recovery;
use crate::classify::classify_answer;
use crate::operation::{amendment, charge_lookup};
use crate::settlement::{PaymentOutcome, Trigger};

/// A charge is sent again after each time that this many lookups have decided nothing.
const RESEND_AFTER: u32 = 4;

/// How often a charge is sent again. Each send restarts the time in which the charge may be invisible, so that without a limit its
/// absence would never be certain.
const RESENDS: u32 = 3;

impl Recovery {
    /// Check the status of a charge. Only a definite answer changes anything.
    pub(super) async fn check_status(&self, attempt: Attempt) -> Result<(), CheckoutError> {
        let destination = &attempt.history.destination;
        if destination.is_some() && *destination != self.context.processor.destination(&attempt.merchant) {
            let sent = destination.as_deref().unwrap_or_default();
            let detail = format!("it was sent to {sent}, and the merchant has another processor now");
            return self.review(&attempt, DiscrepancyKind::ProcessorChanged, &detail).await;
        }
        let Some(session) = self.context.session_paid_by(&attempt).await? else {
            let detail = "it is open and its checkout session is not being paid";
            return self.review(&attempt, DiscrepancyKind::SessionMoved, detail).await;
        };
        match self.look_up(&session, &attempt).await {
            Ok(Some(outcome)) => {
                self.settlement
                    .settle_found(session, attempt, outcome, Trigger::Recovery)
                    .await
            }
            Ok(None) => {
                let reason = "the processor does not know the outcome yet";
                Box::pin(self.after_inconclusive_lookup(session, attempt, reason)).await
            }
            Err(error) => Box::pin(self.after_inconclusive_lookup(session, attempt, &error.to_string())).await,
        }
    }

    /// What the processor says of the charge; `None` where that decides nothing.
    async fn look_up(&self, session: &Session, attempt: &Attempt) -> Result<Option<PaymentOutcome>, CheckoutError> {
        let scope = self.context.checkout.scope(session, PhaseKind::Payment);
        let operation = charge_lookup(attempt, self.context.now());
        let found = self.context.processor.lookup(scope, operation, attempt.amount).await?;
        Ok(match found {
            ChargeLookup::Found(outcome) => PaymentOutcome::found(classify_answer(&outcome, attempt.amount), attempt),
            ChargeLookup::Absent if self.absence_proves(attempt).await? => Some(PaymentOutcome::NeverCharged),
            ChargeLookup::Absent => None,
        })
    }

    async fn after_inconclusive_lookup(
        &self,
        session: Session,
        mut attempt: Attempt,
        reason: &str,
    ) -> Result<(), CheckoutError> {
        if attempt.status() == AttemptStatus::Unknown {
            let tries = attempt.retry.tries;
            if tries % RESEND_AFTER == RESEND_AFTER - 1 && tries < RESENDS * RESEND_AFTER {
                let (resent, outcome) = self.resend(&session, &attempt).await?;
                attempt = resent;
                if let Some(outcome) = outcome {
                    return self
                        .settlement
                        .settle_found(session, attempt, outcome, Trigger::Recovery)
                        .await;
                }
            }
            if self.context.now() >= attempt.last_sent().after(self.context.timings.review_after) {
                return Box::pin(self.cancel_or_review(session, attempt, reason)).await;
            }
        }
        self.settlement.retry_later(&attempt, reason).await;
        Ok(())
    }

    /// The outcome stayed unknown for too long. Time alone never ends an attempt: the charge is canceled by reference where the
    /// processor can do that, else an operator has to look.
    async fn cancel_or_review(&self, session: Session, attempt: Attempt, reason: &str) -> Result<(), CheckoutError> {
        let processor = &self.context.processor;
        if processor.capabilities(&attempt.merchant).cancel_by_reference {
            let scope = self.context.checkout.scope(&session, PhaseKind::Payment);
            let operation = amendment(&attempt, "cancel", self.context.now());
            match processor.cancel_by_reference(scope, operation).await {
                Ok(CancelOutcome::Canceled) => {
                    let outcome = PaymentOutcome::Voided("canceled by reference".to_owned());
                    return self
                        .settlement
                        .settle_found(session, attempt, outcome, Trigger::Recovery)
                        .await;
                }
                // There is a charge: the next lookup finds it.
                Ok(CancelOutcome::TooLate) => {
                    let reason = "too late to cancel: there is a charge";
                    self.settlement.retry_later(&attempt, reason).await;
                    return Ok(());
                }
                Ok(CancelOutcome::Unknown) | Err(_) => {}
            }
        }
        self.review(&attempt, DiscrepancyKind::OutcomeUnknown, reason).await
    }

    pub(super) async fn review(
        &self,
        attempt: &Attempt,
        kind: DiscrepancyKind,
        detail: &str,
    ) -> Result<(), CheckoutError> {
        self.settlement
            .request_review(attempt, kind, detail, &Trigger::Recovery)
            .await;
        Ok(())
    }

    /// A charge that the processor does not know was never made, once the time is over in which it may be invisible. The time
    /// begins when the outcome became unknown: until then something may have been on its way.
    async fn absence_proves(&self, attempt: &Attempt) -> Result<bool, CheckoutError> {
        let profile = self.context.processor.profile(&attempt.merchant).await?;
        let delay = self.context.visibility_delay(&profile);
        Ok(self.context.now() >= attempt.last_sent().after(delay))
    }
}
