//! Webhooks to merchants' systems and agents: order events.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;

use super::delivery_error::DeliveryError;
use crate::order::Order;
use crate::outbox::OutboxMessage;
use crate::session::Session;
use crate::time::Timestamp;

/// Makes and delivers order events, one message per webhook target.
///
/// Messages are made before the commit and committed together with the change that they announce, so that there is neither an
/// order without its event nor an event without its order. A message is frozen: a retry sends the same id and the same bytes.
#[async_trait]
pub trait OrderEventPublisher: Send + Sync + fmt::Debug {
    /// The messages for a new order, one for each webhook target of the merchant that is told of new orders.
    fn order_created(&self, session: &Session, order: &Order, now: Timestamp) -> Vec<OutboxMessage>;

    /// The messages for a new revision of an order, made of `before`: one for each webhook target of the merchant that is told of such a
    /// change.
    fn order_updated(&self, session: &Session, before: &Order, order: &Order, now: Timestamp) -> Vec<OutboxMessage>;

    /// Send one of these messages once, and wait so long for the answer. The caller retries.
    async fn deliver(&self, message: &OutboxMessage, now: Timestamp, timeout: Duration) -> Result<(), DeliveryError>;
}
