//! One order event for one webhook target, frozen.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::target::Target;
use tillhouse_checkout::order::Order;
use tillhouse_checkout::order_snapshot::OrderSnapshot;
use tillhouse_checkout::outbox::{MessageKind, OutboxMessage};
use tillhouse_checkout::ports::DeliveryError;
use tillhouse_checkout::time::Timestamp;

/// Bytes of the hash that make an event's id: 128 bits, so that ids do not collide.
const ID_BYTES: usize = 16;

/// The payload of an outbox message: what is sent, and to which target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct OrderEventDelivery {
    /// Name of the target.
    pub(super) target: String,
    /// Id of the event, by which the target recognises a repeated delivery.
    pub(super) event: String,
    /// Body, byte for byte as it is sent.
    pub(super) body: String,
}

impl OrderEventDelivery {
    /// The events that a change of an order is for this target; none if the target is not told of it.
    pub(super) fn about(target: &Target, snapshot: &OrderSnapshot<'_>, change: &str) -> Vec<Self> {
        let bodies = target.kind.bodies(snapshot).into_iter();
        let delivery = |(part, body): (Option<String>, Vec<u8>)| {
            let change = part.map_or_else(|| change.to_owned(), |part| format!("{change}:{part}"));
            Self {
                target: target.name.clone(),
                event: event_id(snapshot.order, &change, &target.name),
                // JSON and forms are UTF-8.
                body: String::from_utf8_lossy(&body).into_owned(),
            }
        };
        bodies.map(delivery).collect()
    }

    /// The outbox message that carries it.
    pub(super) fn message(&self, order: &Order, now: Timestamp) -> OutboxMessage {
        OutboxMessage {
            destination: Some(self.target.clone()),
            merchant: order.merchant.clone(),
            kind: MessageKind::OrderEvent,
            stream: Some(format!("{}:{}", order.session, self.target)),
            session: Some(order.session.clone()),
            dedupe: self.event.clone(),
            // Three strings: writing them cannot fail.
            payload: serde_json::to_string(self).unwrap_or_default(),
            due: now,
        }
    }

    /// Read the payload of an outbox message.
    pub(super) fn of(message: &OutboxMessage) -> Result<Self, DeliveryError> {
        serde_json::from_str(&message.payload).map_err(|error| DeliveryError::Permanent(format!("payload: {error}")))
    }
}

/// The same event of the same order has the same id, whichever host makes it and however often it does.
fn event_id(order: &Order, change: &str, target: &str) -> String {
    let mut hash = Sha256::new();
    for part in [
        order.merchant.as_str(),
        order.session.as_str(),
        order.id.as_str(),
        change,
        target,
    ] {
        hash.update(part.len().to_be_bytes());
        hash.update(part.as_bytes());
    }
    let digest = hex::encode(hash.finalize());
    format!("evt_{}", digest.get(..2 * ID_BYTES).unwrap_or(&digest))
}
