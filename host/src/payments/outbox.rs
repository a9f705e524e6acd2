//! The outbox worker: what the host owes to others after a commit, at least once.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use crate::checkout::decision::{Operation, OrderEvent};
use crate::checkout::error::CheckoutError;
use crate::checkout::ids::AttemptId;
use crate::checkout::order::Order;
use crate::checkout::ports::{PhaseKind, PhaseScope, StoreError};
use crate::checkout::unit::{OutboxMessage, QueuedMessage, UnitOfWork};

use super::report::PaymentReport;
use super::token::TokenError;
use super::{Payments, release, report};

/// Kind of the message that tells the merchant's plugin of an order.
const ORDER_NOTICE: &str = "orders.notify";

/// Messages handled in one go.
const BATCH: usize = 64;

/// A message is tried for this long, then set aside for a person.
const PATIENCE: Duration = Duration::from_secs(3 * 24 * 3600);

/// A report is repeated only while Stripe remembers its key, which is for 24 hours: a later one could be a second record.
const REPORT_PATIENCE: Duration = Duration::from_secs(23 * 3600);

/// First pause after a failure; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_secs(2);

/// Longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(3600);

/// Why a message was not delivered.
#[derive(Debug, thiserror::Error)]
enum Failure {
    /// It will never be.
    #[error("{0}")]
    Hopeless(String),
    /// Perhaps later.
    #[error(transparent)]
    Later(#[from] CheckoutError),
    /// Perhaps later.
    #[error(transparent)]
    Token(TokenError),
}

/// Tell the merchant's plugin that there is an order.
///
/// # Errors
/// Never for an order of ours.
pub(super) fn order_created(order: &Order) -> Result<OutboxMessage, serde_json::Error> {
    Ok(OutboxMessage {
        merchant: order.merchant.clone(),
        kind: ORDER_NOTICE.to_owned(),
        dedupe: format!("{}:created", order.attempt),
        payload: serde_json::to_string(order)?,
        due: order.created,
    })
}

impl Payments {
    /// Deliver what is due until told to stop.
    pub async fn deliver_forever(self: Arc<Self>, stop: CancellationToken) {
        loop {
            while self.deliver_due(&stop).await == BATCH {}
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.outbox_wake.notified() => {}
                () = tokio::time::sleep(self.timings.outbox_tick) => {}
            }
        }
    }

    /// Remove what has expired, until told to stop.
    pub async fn sweep_forever(self: Arc<Self>, stop: CancellationToken) {
        loop {
            match self.checkout.store.forget_expired(self.checkout.clock.now()).await {
                Ok(0) => {}
                Ok(count) => info!(count, "removed expired idempotency records"),
                Err(error) => error!(%error, "expired idempotency records could not be removed"),
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(self.timings.sweep) => {}
            }
        }
    }

    /// Deliver what is due now; how many messages moved on: were delivered, put off, or set aside.
    pub async fn deliver_due(&self, stop: &CancellationToken) -> usize {
        let due = match self.checkout.store.due_messages(self.checkout.clock.now(), BATCH).await {
            Ok(due) => due,
            Err(error) => {
                error!(%error, "the outbox could not be read");
                return 0;
            }
        };
        let mut moved = 0;
        for queued in due {
            if stop.is_cancelled() {
                break;
            }
            let outcome = self.deliver(&queued.message).await;
            match self.settle_message(&queued, outcome).await {
                Ok(()) => moved += 1,
                Err(error) => error!(%error, kind = queued.message.kind, "the outbox could not be written"),
            }
        }
        moved
    }

    async fn deliver(&self, message: &OutboxMessage) -> Result<(), Failure> {
        match message.kind.as_str() {
            report::KIND => self.deliver_report(message).await,
            release::KIND => self.deliver_release(message).await,
            ORDER_NOTICE => self.deliver_notice(message).await,
            other => Err(Failure::Hopeless(format!("unknown kind {other}"))),
        }
    }

    async fn deliver_report(&self, message: &OutboxMessage) -> Result<(), Failure> {
        let report: PaymentReport = parse(message)?;
        match self.tokens.report(&message.merchant, &report).await {
            Ok(record) => {
                info!(attempt.id = message.dedupe, record, "payment reported");
                Ok(())
            }
            Err(TokenError::Refused { status, code, message }) => {
                Err(Failure::Hopeless(format!("refused with {status} {code}: {message}")))
            }
            Err(other) => Err(Failure::Token(other)),
        }
    }

    async fn deliver_release(&self, message: &OutboxMessage) -> Result<(), Failure> {
        let id: AttemptId = parse(message)?;
        let attempt = self.checkout.store.attempt(&id).await.map_err(CheckoutError::from)?;
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

    async fn settle_message(&self, queued: &QueuedMessage, outcome: Result<(), Failure>) -> Result<(), StoreError> {
        let now = self.checkout.clock.now();
        let store = &self.checkout.store;
        let kind = queued.message.kind.as_str();
        match outcome {
            Ok(()) => store.delivered(queued.id, now).await,
            Err(Failure::Hopeless(reason)) => {
                error!(
                    kind,
                    dedupe = queued.message.dedupe,
                    reason,
                    "a message cannot be delivered"
                );
                store.bury(queued.id, now, &reason).await
            }
            Err(error) if now > queued.message.due.after(patience(kind)) => {
                error!(kind, dedupe = queued.message.dedupe, %error, "a message was not delivered in its time");
                store.bury(queued.id, now, &error.to_string()).await
            }
            Err(error) => {
                warn!(kind, dedupe = queued.message.dedupe, %error, tries = queued.tries + 1, "a message will be tried again");
                store
                    .postpone(queued.id, now.after(pause(queued.tries)), &error.to_string())
                    .await
            }
        }
    }
}

fn patience(kind: &str) -> Duration {
    if kind == report::KIND {
        REPORT_PATIENCE
    } else {
        PATIENCE
    }
}

fn pause(tries: u32) -> Duration {
    FIRST_PAUSE
        .saturating_mul(2_u32.saturating_pow(tries))
        .min(LONGEST_PAUSE)
}

fn parse<T: serde::de::DeserializeOwned>(message: &OutboxMessage) -> Result<T, Failure> {
    serde_json::from_str(&message.payload).map_err(|error| Failure::Hopeless(format!("payload: {error}")))
}
