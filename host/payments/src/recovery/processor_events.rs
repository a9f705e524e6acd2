//! Events that the processor sends by itself.

use tracing::{info, warn};

use tillhouse_checkout::attempt::{Attempt, AttemptStatus};
use tillhouse_checkout::decision::{ChargeOutcome, ProcessorEvent, ProcessorReport, ProcessorWebhook, RefundOutcome};
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::inbox::{EventSource, InboxEvent};
use tillhouse_checkout::operation::HandledWebhook;
use tillhouse_checkout::unit_of_work::UnitOfWork;

use super::Recovery;
use super::processor_reports::payload;
use super::unexpected_charge::{charge_that_moved_money, is_unexpected};
use crate::classify::classify_answer;
use crate::settlement::{PaymentOutcome, Trigger};

impl Recovery {
    /// Handle a webhook of the merchant's processor. The plugin verifies and reads it; the processor may send it any number of
    /// times. Returns how many of its events were new, and the response that the processor expects.
    ///
    /// An approval of the amount due settles an unknown outcome, unless its event is about another amount. For every other outcome of a
    /// charge the host checks the status with the processor itself: a plugin's word alone never turns an unknown outcome into a
    /// decline. A charge that its attempt does not explain is left to an operator. What is not about a charge of ours is kept and nothing else, and a dispute is left to an operator.
    ///
    /// # Errors
    /// What the plugin says of a webhook that is forged or cannot be read, and when the attempt is busy; the processor then
    /// sends it again.
    pub async fn handle_webhook(
        &self,
        merchant: &MerchantId,
        webhook: ProcessorWebhook,
    ) -> Result<HandledWebhook, CheckoutError> {
        let reading = self.context.processor.read_webhook(merchant, webhook).await?;
        let mut fresh = 0;
        for event in &reading.events {
            fresh += usize::from(Box::pin(self.handle_event(merchant, event)).await?);
        }
        Ok(HandledWebhook {
            fresh,
            reply: reading.reply,
        })
    }

    /// Whether the merchant's processor sends webhooks that its plugin can read.
    #[must_use]
    pub fn reads_webhooks(&self, merchant: &MerchantId) -> bool {
        self.context.processor.capabilities(merchant).notices
    }

    /// Keep an event and do nothing else; false when it was received before.
    ///
    /// # Errors
    /// When the store gives no answer: the sender then sends it again.
    pub async fn keep_event(&self, event: InboxEvent) -> Result<bool, CheckoutError> {
        let unit = UnitOfWork {
            event: Some(event),
            ..UnitOfWork::default()
        };
        self.context.keep(unit).await
    }

    /// An event as the inbox keeps it.
    pub(super) fn received(&self, merchant: &MerchantId, event: &ProcessorEvent, payload: String) -> InboxEvent {
        let kind = match event.report {
            ProcessorReport::Charge(_) => "payment",
            ProcessorReport::Refund(_) => "refund",
            ProcessorReport::Capture(_) => "capture",
            ProcessorReport::Dispute(_) => "dispute",
            ProcessorReport::Other(_) => "other",
        };
        InboxEvent {
            source: EventSource::Processor(merchant.clone()),
            id: event.id.clone(),
            merchant: merchant.clone(),
            kind: kind.to_owned(),
            payload,
            received: self.context.now(),
        }
    }

    async fn handle_event(&self, merchant: &MerchantId, event: &ProcessorEvent) -> Result<bool, CheckoutError> {
        if let Some(is_new) = Box::pin(self.handle_reversal(merchant, event)).await? {
            return Ok(is_new);
        }
        match (&event.report, &event.reference) {
            (ProcessorReport::Charge(outcome), Some(reference)) => {
                self.handle_charge(merchant, event, reference, outcome).await
            }
            (ProcessorReport::Refund(outcome), _) => self.handle_refund(merchant, event, outcome).await,
            _ => self.keep_report(merchant, event).await,
        }
    }

    /// The outcome of a refund: one of an order, or one that was made elsewhere.
    async fn handle_refund(
        &self,
        merchant: &MerchantId,
        event: &ProcessorEvent,
        outcome: &RefundOutcome,
    ) -> Result<bool, CheckoutError> {
        let received = self.received(merchant, event, payload(event).to_string());
        match Box::pin(self.refunding.handle_event(merchant, event, outcome, &received)).await? {
            Some(is_new) => Ok(is_new),
            None => self.keep_report(merchant, event).await,
        }
    }

    /// The outcome of a charge with a reference of ours.
    async fn handle_charge(
        &self,
        merchant: &MerchantId,
        event: &ProcessorEvent,
        reference: &str,
        outcome: &ChargeOutcome,
    ) -> Result<bool, CheckoutError> {
        let received = self.received(merchant, event, reference.to_owned());
        let elsewhere = self
            .outside
            .handle_event(merchant, event, reference, outcome, &received);
        if let Some(is_new) = Box::pin(elsewhere).await? {
            return Ok(is_new);
        }
        let Some(attempt) = self.context.store().attempt_by_reference(merchant, reference).await? else {
            warn!(%merchant, reference, "ignoring processor event: no attempt has this reference");
            return self.keep_event(received).await;
        };
        let is_due = self.check_amount(event, &attempt).await?;
        let charge = charge_that_moved_money(outcome, &attempt);
        let attempt = match charge {
            Some(_) => self.stop_waiting(attempt).await?,
            None => attempt,
        };
        if matches!(attempt.status(), AttemptStatus::Unknown | AttemptStatus::NeedsReview) {
            return self.settle_by_event(received, &attempt, outcome, is_due).await;
        }
        if let Some(charge) = charge.filter(|charge| is_unexpected(&attempt, charge)) {
            return self.keep_unexpected_charge(received, event, &attempt, charge).await;
        }
        info!(attempt.id = %attempt.id, state = attempt.status().name(), "ignoring processor event: the outcome of the attempt is not unknown");
        self.keep_event(received).await
    }

    async fn settle_by_event(
        &self,
        received: InboxEvent,
        seen: &Attempt,
        outcome: &ChargeOutcome,
        is_due: bool,
    ) -> Result<bool, CheckoutError> {
        let Some(attempt) = self.lease(seen).await? else {
            return Err(CheckoutError::InFlight);
        };
        let _guard = self.context.in_progress.begin(attempt.id.clone(), attempt.epoch);
        let outcome = PaymentOutcome::found(classify_answer(outcome, attempt.amount), &attempt)
            .and_then(PaymentOutcome::money_moved)
            .filter(|_| is_due);
        match (outcome, self.context.session_paid_by(&attempt).await?) {
            (Some(outcome), Some(session)) => {
                let trigger = Trigger::ProcessorEvent(received);
                self.settlement.settle_found(session, attempt, outcome, trigger).await?;
                Ok(true)
            }
            _ => {
                let fresh = self.keep_event(received).await?;
                Box::pin(self.check_status(attempt)).await?;
                Ok(fresh)
            }
        }
    }
}
