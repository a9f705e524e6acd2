//! The order event of a new order: what the store has of it, whole.

#[cfg(test)]
mod tests;

use tillhouse_checkout::attempt::Attempt;
use tillhouse_checkout::decision::{OrderEvent, OrderPayment};
use tillhouse_checkout::order::Order;
use tillhouse_checkout::session::Session;

use super::Outbox;

impl Outbox {
    /// The event `created`. A completed session and its attempt do not change any more, so that every delivery sends the same.
    pub(super) async fn created(&self, order: &Order, session: Session, attempt: Attempt) -> OrderEvent {
        OrderEvent {
            order: order.id.to_string(),
            kind: "created".to_owned(),
            revision: 1,
            status: "confirmed".to_owned(),
            fulfillments: Vec::new(),
            adjustments: Vec::new(),
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
            return String::new();
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
