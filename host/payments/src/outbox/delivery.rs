//! Delivering one message of the outbox, by its kind.

use std::time::Duration;

use tracing::info;

use tillhouse_checkout::decision::Operation;
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::outbox::{MessageKind, OutboxMessage, QueuedMessage};
use tillhouse_checkout::ports::{DeliveryError, PhaseKind};
use tillhouse_checkout::unit_of_work::UnitOfWork;

use super::Outbox;
use super::order_event::PluginNotification;
use super::report::{self, DisputeReport, PaymentReport, RecordedRefund, RefundReport};
use crate::reservation_release::Released;
use crate::token::TokenError;

impl Outbox {
    /// Returns the id of the record that was made of a payment.
    pub(super) async fn deliver(
        &self,
        queued: &QueuedMessage,
        timeout: Duration,
    ) -> Result<Option<String>, DeliveryError> {
        let message = &queued.message;
        match &message.kind {
            MessageKind::ReportPayment => return self.deliver_report(message, queued.tries).await.map(Some),
            MessageKind::ReportRefund => self.deliver_refund_report(message, queued.tries).await?,
            MessageKind::ReportDispute => self.deliver_dispute_report(message, queued.tries).await?,
            MessageKind::ReleaseReservation => self.deliver_release(message).await?,
            MessageKind::NotifyPlugin => self.notify_plugin(message).await?,
            MessageKind::SessionEnded => self.tell_session_ended(message, queued.tries).await?,
            MessageKind::OrderEvent => {
                let publisher = &self.context.publisher;
                publisher.deliver(message, self.context.now(), timeout).await?;
            }
            MessageKind::Other(kind) => return Err(DeliveryError::Permanent(format!("unknown kind {kind}"))),
        }
        Ok(None)
    }

    /// Stripe keeps its response to an idempotency key, server errors included, for at least 24 hours
    /// (<https://docs.stripe.com/api/idempotent_requests>). So a report that may have been recorded is looked for first; one that
    /// was answered with a server error, and that was not recorded, is sent under another key.
    async fn deliver_report(&self, message: &OutboxMessage, tries: u32) -> Result<String, DeliveryError> {
        let report: PaymentReport = parse(message)?;
        let issuer = self.context.issuers.get(report.issuer)?;
        if tries > 0
            && let Some(record) = issuer.find_record(&message.merchant, &report).await?
        {
            info!(attempt.id = message.dedupe, record, "payment was reported before");
            return Ok(record);
        }
        let key_is_kept = self.context.now() < message.due.after(report::KEY_LIFETIME);
        let first = if key_is_kept {
            report.clone()
        } else {
            report.under_new_key(tries)
        };
        let record = match issuer.report(&message.merchant, &first).await {
            Err(TokenError::ServerError { .. }) => match issuer.find_record(&message.merchant, &report).await? {
                Some(record) => record,
                None => {
                    let again = report.under_new_key(tries + 1);
                    issuer.report(&message.merchant, &again).await?
                }
            },
            other => other?,
        };
        info!(attempt.id = message.dedupe, record, "payment reported");
        Ok(record)
    }

    /// The record shows how much of the payment was refunded, and the reports of one payment come in order: so it is known whether it has
    /// this one. Stripe lets no two refunds have the same reference.
    async fn deliver_refund_report(&self, message: &OutboxMessage, tries: u32) -> Result<(), DeliveryError> {
        let report: RefundReport = parse(message)?;
        let (merchant, issuer) = (&message.merchant, self.context.issuers.get(report.payment.issuer)?);
        let known = self.context.store().payment_record(&report.attempt).await?;
        let found = issuer.find_refund(merchant, known.as_deref(), &report);
        let record = match found.await? {
            RecordedRefund::NoPayment => return Err(DeliveryError::retry("the payment is not recorded yet")),
            RecordedRefund::Recorded(record) => {
                info!(refund.id = message.dedupe, record, "refund was reported before");
                return Ok(());
            }
            RecordedRefund::Missing(record) => record,
        };
        let key_is_kept = self.context.now() < message.due.after(report::KEY_LIFETIME);
        let first = if key_is_kept {
            report.clone()
        } else {
            report.under_new_key(tries)
        };
        match issuer.report_refund(merchant, &record, &first).await {
            // Stripe keeps the error under the key.
            Err(TokenError::ServerError { .. }) => {
                let again = issuer.find_refund(merchant, Some(&record), &report);
                if matches!(again.await?, RecordedRefund::Missing(_)) {
                    let report = report.under_new_key(tries + 1);
                    issuer.report_refund(merchant, &record, &report).await?;
                }
            }
            other => other?,
        }
        info!(refund.id = message.dedupe, record, "refund reported");
        Ok(())
    }

    /// A record does not show its disputes, and a dispute is known to Stripe by its reference: one that is reported twice is the same one.
    async fn deliver_dispute_report(&self, message: &OutboxMessage, tries: u32) -> Result<(), DeliveryError> {
        let report: DisputeReport = parse(message)?;
        let (merchant, issuer) = (&message.merchant, self.context.issuers.get(report.payment.issuer)?);
        let record = match self.context.store().payment_record(&report.attempt).await? {
            Some(record) => record,
            None => {
                let found = issuer.find_record(merchant, &report.payment).await?;
                found.ok_or_else(|| DeliveryError::retry("the payment is not recorded yet"))?
            }
        };
        let key_is_kept = self.context.now() < message.due.after(report::KEY_LIFETIME);
        let first = if key_is_kept {
            report.clone()
        } else {
            report.under_new_key(tries)
        };
        match issuer.report_dispute(merchant, &record, &first).await {
            // Stripe keeps the error under the key.
            Err(TokenError::ServerError { .. }) => {
                let again = report.under_new_key(tries + 1);
                issuer.report_dispute(merchant, &record, &again).await?;
            }
            other => other?,
        }
        info!(attempt.id = %report.attempt, record, "dispute reported");
        Ok(())
    }

    async fn deliver_release(&self, message: &OutboxMessage) -> Result<(), DeliveryError> {
        let released: Released = parse(message)?;
        let id = released.attempt();
        let attempt = self.context.store().attempt(id).await?;
        let attempt = attempt.ok_or_else(|| DeliveryError::Permanent(format!("there is no attempt {id}")))?;
        Ok(self.reservations.release(&released.of(attempt)).await?)
    }

    async fn notify_plugin(&self, message: &OutboxMessage) -> Result<(), DeliveryError> {
        let notification: PluginNotification = parse(message)?;
        let order = &notification.order;
        let store = self.context.store();
        let gone = |what: String| DeliveryError::Permanent(format!("there is no {what}"));
        let session = store.session(&order.merchant, &order.session).await?;
        let session = session.ok_or_else(|| gone(format!("checkout session {}", order.session)))?;
        let attempt = store.attempt(&order.attempt).await?;
        let attempt = attempt.ok_or_else(|| gone(format!("attempt {}", order.attempt)))?;
        let event = self.event(&notification, session.clone(), attempt).await;
        let scope = self.context.checkout.scope(&session, PhaseKind::Notify);
        let operation = Operation {
            id: message.dedupe.clone(),
            attempt: 1,
            idempotency_key: notification.key(),
            reference: order.attempt.to_string(),
            now: scope.now,
        };
        let mut phase = self
            .context
            .checkout
            .decisions
            .open(scope)
            .await
            .map_err(CheckoutError::from)?;
        phase
            .notify_order(&operation, &event)
            .await
            .map_err(CheckoutError::from)?;
        let unit = UnitOfWork {
            staged: phase.finish().staged,
            ..UnitOfWork::default()
        };
        Ok(self.context.store().commit(unit).await.map_err(CheckoutError::from)?)
    }
}

pub(super) fn parse<T: serde::de::DeserializeOwned>(message: &OutboxMessage) -> Result<T, DeliveryError> {
    serde_json::from_str(&message.payload).map_err(|error| DeliveryError::Permanent(format!("payload: {error}")))
}
