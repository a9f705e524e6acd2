//! Delivering one message of the outbox, by its kind.

use tracing::info;

use tillhouse_checkout::decision::{Operation, OrderEvent};
use tillhouse_checkout::error::CheckoutError;
use tillhouse_checkout::ids::AttemptId;
use tillhouse_checkout::order::Order;
use tillhouse_checkout::ports::{ORDER_EVENT, PhaseKind, PhaseScope};
use tillhouse_checkout::unit::{OutboxMessage, QueuedMessage, UnitOfWork};

use super::outbox::Failure;
use super::report::PaymentReport;
use super::token::TokenError;
use super::{Payments, release, report};

/// Kind of the message that tells the merchant's plugin of an order.
const ORDER_NOTICE: &str = "orders.notify";

/// Tell the merchant's plugin that there is an order.
///
/// # Errors
/// Never for an order of ours.
pub(super) fn order_created(order: &Order) -> Result<OutboxMessage, serde_json::Error> {
    Ok(OutboxMessage {
        merchant: order.merchant.clone(),
        kind: ORDER_NOTICE.to_owned(),
        stream: Some(order.session.to_string()),
        dedupe: format!("{}:created", order.attempt),
        payload: serde_json::to_string(order)?,
        due: order.created,
    })
}

impl Payments {
    pub(super) async fn deliver(&self, queued: &QueuedMessage) -> Result<(), Failure> {
        let message = &queued.message;
        match message.kind.as_str() {
            report::KIND => self.deliver_report(message, queued.tries).await,
            release::KIND => self.deliver_release(message).await,
            ORDER_NOTICE => self.deliver_notice(message).await,
            ORDER_EVENT => Ok(self.announcer.deliver(message, self.checkout.clock.now()).await?),
            other => Err(Failure::Hopeless(format!("unknown kind {other}"))),
        }
    }

    /// Stripe keeps what it answered under a key, its own errors included, for 24 hours (protocol reference §7.4). So a report
    /// that may have been made is looked for first; one that was answered with an error of Stripe's own, and that is not there,
    /// is made under another key.
    async fn deliver_report(&self, message: &OutboxMessage, tries: u32) -> Result<(), Failure> {
        let report: PaymentReport = parse(message)?;
        if tries > 0
            && let Some(record) = self.tokens.find_record(&message.merchant, &report).await?
        {
            info!(attempt.id = message.dedupe, record, "payment was reported before");
            return Ok(());
        }
        let key_lives = self.checkout.clock.now() < message.due.after(report::KEY_LIFE);
        let first = if key_lives {
            report.clone()
        } else {
            report.under_new_key(tries)
        };
        let record = match self.tokens.report(&message.merchant, &first).await {
            Err(TokenError::Broken { .. }) => match self.tokens.find_record(&message.merchant, &report).await? {
                Some(record) => record,
                None => {
                    let again = report.under_new_key(tries + 1);
                    self.tokens.report(&message.merchant, &again).await?
                }
            },
            other => other?,
        };
        info!(attempt.id = message.dedupe, record, "payment reported");
        Ok(())
    }

    async fn deliver_release(&self, message: &OutboxMessage) -> Result<(), Failure> {
        let id: AttemptId = parse(message)?;
        let attempt = self.checkout.store.attempt(&id).await?;
        let attempt = attempt.ok_or_else(|| Failure::Hopeless(format!("there is no attempt {id}")))?;
        Ok(self.release(&attempt).await?)
    }

    async fn deliver_notice(&self, message: &OutboxMessage) -> Result<(), Failure> {
        let order: Order = parse(message)?;
        let scope = PhaseScope {
            merchant: order.merchant.clone(),
            session: order.session.clone(),
            kind: PhaseKind::Notify,
            now: self.checkout.clock.now(),
            currency: order.total.currency,
            locale: None,
        };
        let operation = Operation {
            id: message.dedupe.clone(),
            attempt: 1,
            idempotency_key: order.attempt.to_string(),
            reference: order.attempt.to_string(),
            now: scope.now,
        };
        let event = OrderEvent {
            order: order.id.to_string(),
            kind: "created".to_owned(),
            total: order.total,
        };
        let mut phase = self.checkout.decisions.open(scope).await.map_err(CheckoutError::from)?;
        phase
            .notify_order(&operation, &event)
            .await
            .map_err(CheckoutError::from)?;
        let unit = UnitOfWork {
            staged: phase.finish().staged,
            ..UnitOfWork::default()
        };
        Ok(self.checkout.store.commit(unit).await.map_err(CheckoutError::from)?)
    }
}

fn parse<T: serde::de::DeserializeOwned>(message: &OutboxMessage) -> Result<T, Failure> {
    serde_json::from_str(&message.payload).map_err(|error| Failure::Hopeless(format!("payload: {error}")))
}
