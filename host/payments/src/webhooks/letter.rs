//! One event for one target, frozen.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::target::Target;
use tillhouse_checkout::order::Order;
use tillhouse_checkout::ports::{ORDER_EVENT, Undelivered};
use tillhouse_checkout::snapshot::OrderSnapshot;
use tillhouse_checkout::time::Timestamp;
use tillhouse_checkout::unit::OutboxMessage;

/// Bytes of a hash that make an event's id: enough for ids never to collide.
const ID_BYTES: usize = 16;

/// What lies in the outbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Letter {
    /// The target, by its name.
    pub(super) target: String,
    /// The event's id, which the target tells repeats by.
    pub(super) event: String,
    /// The body as it is sent.
    pub(super) body: String,
}

impl Letter {
    /// The event for a target.
    pub(super) fn about(target: &Target, snapshot: &OrderSnapshot<'_>, change: &str) -> Self {
        let body = (target.render)(snapshot);
        Self {
            target: target.name.clone(),
            event: event_id(snapshot.order, change, &target.name),
            // JSON is UTF-8.
            body: String::from_utf8_lossy(&body).into_owned(),
        }
    }

    /// The message that carries it.
    pub(super) fn message(&self, order: &Order, now: Timestamp) -> OutboxMessage {
        OutboxMessage {
            merchant: order.merchant.clone(),
            kind: ORDER_EVENT.to_owned(),
            stream: Some(format!("{}:{}", order.session, self.target)),
            dedupe: self.event.clone(),
            // Three strings: writing them cannot fail.
            payload: serde_json::to_string(self).unwrap_or_default(),
            due: now,
        }
    }

    /// The letter in a message.
    pub(super) fn of(message: &OutboxMessage) -> Result<Self, Undelivered> {
        serde_json::from_str(&message.payload).map_err(|error| Undelivered::Never(format!("payload: {error}")))
    }
}

/// The same event of the same order has the same id, whichever host makes it and however often.
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
