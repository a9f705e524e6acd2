//! Order events for the merchant's plugin: what the store has of the order, whole.

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use tillhouse_checkout::attempt::Attempt;
use tillhouse_checkout::decision::{OrderEvent, OrderPayment};
use tillhouse_checkout::order::{Order, OrderStatus};
use tillhouse_checkout::outbox::{MessageKind, OutboxMessage};
use tillhouse_checkout::payer::Payer;
use tillhouse_checkout::session::Session;
use tillhouse_checkout::time::Timestamp;

use super::Outbox;

/// The payload of a message that calls `orders.notify`: the order as it was committed with the message.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct PluginNotification {
    /// Kind of the event: `created`, `updated` or `canceled`.
    #[serde(default = "created")]
    event: String,
    /// The order. An earlier release of the host queued nothing but a new one.
    #[serde(flatten)]
    pub(super) order: Order,
}

fn created() -> String {
    "created".to_owned()
}

impl PluginNotification {
    /// What the plugin is told of a new order.
    pub(crate) fn of_new(order: &Order) -> Self {
        Self {
            event: created(),
            order: order.clone(),
        }
    }

    /// What the plugin is told of a change of the order.
    pub(crate) fn of_change(before: &Order, order: &Order) -> Self {
        let canceled = order.status() == OrderStatus::Canceled && before.status() != OrderStatus::Canceled;
        Self {
            event: if canceled { "canceled" } else { "updated" }.to_owned(),
            order: order.clone(),
        }
    }

    /// The message that calls `orders.notify` of the merchant's plugin, behind those of the order before it.
    ///
    /// # Errors
    /// When the order cannot be serialized, which cannot happen.
    pub(crate) fn message(&self, now: Timestamp) -> Result<OutboxMessage, serde_json::Error> {
        let order = &self.order;
        let revision = order.revision();
        let dedupe = match revision {
            1 => format!("{}:created", order.attempt),
            _ => format!("{}:{revision}", order.attempt),
        };
        Ok(OutboxMessage {
            destination: None,
            merchant: order.merchant.clone(),
            kind: MessageKind::NotifyPlugin,
            stream: Some(order.session.to_string()),
            session: Some(order.session.clone()),
            dedupe,
            payload: serde_json::to_string(self)?,
            due: now,
        })
    }

    /// Idempotency key of the call. That of a new order is the attempt's, as earlier releases of the host had it.
    pub(super) fn key(&self) -> String {
        match self.order.revision() {
            1 => self.order.attempt.to_string(),
            revision => format!("{}:{revision}", self.order.attempt),
        }
    }
}

impl Outbox {
    /// The event. A completed session and its attempt do not change any more, so that every delivery sends the same.
    pub(super) async fn event(
        &self,
        notification: &PluginNotification,
        session: Session,
        attempt: Attempt,
    ) -> OrderEvent {
        let order = notification.order.clone().with_lines_of(&session.quote);
        OrderEvent {
            order: order.id.to_string(),
            kind: notification.event.clone(),
            revision: order.revision(),
            status: order.status().name().to_owned(),
            lines: order.lines(),
            fulfillments: order.progress.fulfillments,
            adjustments: order.progress.adjustments,
            cart: session.cart,
            quote: session.quote,
            total: order.total,
            payment: self.payment(&attempt).await,
            billing: attempt.billing,
            attributions: session.attributions,
            consents: session.consents,
        }
    }

    async fn payment(&self, attempt: &Attempt) -> OrderPayment {
        OrderPayment {
            processor: self.processor_of(attempt).await,
            reference: attempt.reference.clone(),
            processor_reference: attempt.processor_reference().map(ToString::to_string),
            amount: attempt.amount,
            // A charge that is only authorized is never approved.
            captured: true,
        }
    }

    /// The name of the processor that made the charge; empty if nothing was due. The id of its plugin, if the merchant has another
    /// processor by now or the plugin does not answer: a name must not delay the delivery.
    async fn processor_of(&self, attempt: &Attempt) -> String {
        let Some(destination) = attempt.history.destination.as_deref() else {
            return match &attempt.payer {
                Payer::Elsewhere { provider } => provider.clone(),
                Payer::Token(_) | Payer::NothingDue {} => String::new(),
            };
        };
        let processor = &self.context.processor;
        if processor.destination(&attempt.merchant).as_deref() == Some(destination)
            && let Ok(profile) = processor.profile(&attempt.merchant).await
        {
            return profile.processor;
        }
        let plugin = destination.split_once(' ').map_or(destination, |(plugin, _)| plugin);
        plugin.to_owned()
    }
}
