//! Events that the processor sends by itself.

use tracing::{info, warn};

use tillhouse_checkout::attempt::{Attempt, AttemptStatus};
use tillhouse_checkout::decision::{ProcessorEvent, ProcessorWebhook};
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::inbox::{EventSource, InboxEvent};
use tillhouse_checkout::ports::CommitError;
use tillhouse_checkout::unit_of_work::UnitOfWork;

use super::Recovery;
use crate::classify::classify_answer;
use crate::settlement::{PaymentOutcome, Trigger};

impl Recovery {
    /// Handle a webhook of the merchant's processor. The plugin verifies and reads it; the processor may send it any number of
    /// times. Returns how many of its events were new.
    ///
    /// An approval of the amount due settles an unknown outcome. For everything else the host checks the status with the
    /// processor itself: a plugin's word alone never turns an unknown outcome into a decline.
    ///
    /// # Errors
    /// What the plugin says of a webhook that is forged or cannot be read, and when the attempt is busy; the processor then
    /// sends it again.
    pub async fn handle_webhook(
        &self,
        merchant: &MerchantId,
        webhook: ProcessorWebhook,
    ) -> Result<usize, CheckoutError> {
        let events = self.context.processor.read_webhook(merchant, webhook).await?;
        let mut fresh = 0;
        for event in events {
            fresh += usize::from(Box::pin(self.handle_event(merchant, &event)).await?);
        }
        Ok(fresh)
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
        match self.context.store().commit(unit).await {
            Ok(()) => Ok(true),
            Err(CommitError::EventSeen) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    async fn handle_event(&self, merchant: &MerchantId, event: &ProcessorEvent) -> Result<bool, CheckoutError> {
        let received = InboxEvent {
            source: EventSource::Processor(merchant.clone()),
            id: event.id.clone(),
            merchant: merchant.clone(),
            kind: "payment".to_owned(),
            payload: event.reference.clone(),
            received: self.context.now(),
        };
        let found = self.context.store().attempt_by_reference(merchant, &event.reference);
        match found.await? {
            Some(attempt) if matches!(attempt.status(), AttemptStatus::Unknown | AttemptStatus::NeedsReview) => {
                self.settle_by_event(received, &attempt, event).await
            }
            Some(attempt) => {
                info!(attempt.id = %attempt.id, state = attempt.status().name(), "ignoring processor event: the outcome of the attempt is not unknown");
                self.keep_event(received).await
            }
            None => {
                warn!(%merchant, reference = event.reference, "ignoring processor event: no attempt has this reference");
                self.keep_event(received).await
            }
        }
    }

    async fn settle_by_event(
        &self,
        received: InboxEvent,
        seen: &Attempt,
        event: &ProcessorEvent,
    ) -> Result<bool, CheckoutError> {
        let Some(attempt) = self.lease(seen).await? else {
            return Err(CheckoutError::InFlight);
        };
        let _guard = self.context.in_progress.begin(attempt.id.clone(), attempt.epoch);
        let outcome = PaymentOutcome::found(classify_answer(&event.outcome, attempt.amount))
            .and_then(PaymentOutcome::money_moved);
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
