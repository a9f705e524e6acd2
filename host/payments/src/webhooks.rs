//! Outgoing webhooks: order events for the targets that an operator has configured, each of a kind (`kind`).
//!
//! An event is frozen when the order is committed: its id and its bytes are the same however often it is sent. Only timestamp and
//! signature are made for each try, so that a target of ACP can refuse an old one (`sign`).
//!
//! Ordered per checkout session and target: a target that is down delays its own later events of the same session, and nothing
//! else.

mod delivery;
mod kind;
mod sign;
mod target;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;

use tillhouse_checkout::ids::MerchantId;
use tillhouse_checkout::order::Order;
use tillhouse_checkout::order_snapshot::{OrderEventType, OrderSnapshot};
use tillhouse_checkout::outbox::OutboxMessage;
use tillhouse_checkout::ports::{DeliveryError, OrderEventPublisher};
use tillhouse_checkout::session::Session;
use tillhouse_checkout::time::Timestamp;
use tillhouse_egress::Client;

use delivery::OrderEventDelivery;
pub use kind::{BodyEncoding, Render, RenderForAdyen, RenderForStripe, TargetKind};
pub use target::Target;

/// Names the first event of an order; every later event is named after its revision.
const CREATED: &str = "created";

/// Makes and sends the order events of a host.
#[derive(Debug)]
pub struct Webhooks {
    client: Client,
    targets: BTreeMap<MerchantId, Vec<Target>>,
}

impl Webhooks {
    /// Webhooks to these targets. The names of one merchant's targets are unique.
    #[must_use]
    pub const fn new(client: Client, targets: BTreeMap<MerchantId, Vec<Target>>) -> Self {
        Self { client, targets }
    }

    fn targets(&self, merchant: &MerchantId) -> &[Target] {
        self.targets.get(merchant).map_or(&[], Vec::as_slice)
    }

    fn messages(&self, snapshot: &OrderSnapshot<'_>, change: &str, now: Timestamp) -> Vec<OutboxMessage> {
        let targets = self.targets(&snapshot.order.merchant).iter();
        targets
            .flat_map(|target| OrderEventDelivery::about(target, snapshot, change))
            .map(|delivery| delivery.message(snapshot.order, now))
            .collect()
    }
}

#[async_trait]
impl OrderEventPublisher for Webhooks {
    fn order_created(&self, session: &Session, order: &Order, now: Timestamp) -> Vec<OutboxMessage> {
        let snapshot = OrderSnapshot {
            event: OrderEventType::Created,
            session,
            order,
        };
        self.messages(&snapshot, CREATED, now)
    }

    fn order_updated(&self, session: &Session, before: &Order, order: &Order, now: Timestamp) -> Vec<OutboxMessage> {
        let snapshot = OrderSnapshot {
            event: OrderEventType::Updated { before },
            session,
            order,
        };
        self.messages(&snapshot, &format!("revision:{}", order.revision()), now)
    }

    async fn deliver(&self, message: &OutboxMessage, now: Timestamp, timeout: Duration) -> Result<(), DeliveryError> {
        let delivery = OrderEventDelivery::of(message)?;
        let mut targets = self.targets(&message.merchant).iter();
        let target = targets.find(|target| target.name == delivery.target).ok_or_else(|| {
            DeliveryError::Permanent(format!(
                "merchant {} has no webhook {} any more; configure it again and replay the message, or leave it",
                message.merchant, delivery.target
            ))
        })?;
        target.send(&self.client, &delivery, now, timeout).await
    }
}
