//! Telling others of orders: webhooks.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;

use crate::order::{Order, OrderChange};
use crate::session::Session;
use crate::time::Timestamp;
use crate::unit::OutboxMessage;

/// Kind of the messages that an [`Announcer`] makes and delivers.
pub const ORDER_EVENT: &str = "acp.order_event";

/// Why a message was not delivered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Undelivered {
    /// It will never be.
    #[error("{0}")]
    Never(String),
    /// Perhaps later.
    #[error("{reason}")]
    Later {
        /// What happened.
        reason: String,
        /// How long the other side asks to be left alone.
        retry_after: Option<Duration>,
    },
}

/// Who is told of orders, and how.
///
/// Messages are made before the commit and committed with what they tell of, so that there is neither an order that nobody is
/// told of nor an event without an order. Each is frozen: its id and its bytes are the same however often it is sent.
#[async_trait]
pub trait Announcer: Send + Sync + fmt::Debug {
    /// The messages for a new order, one for everybody who is to be told.
    fn order_created(&self, session: &Session, order: &Order, now: Timestamp) -> Vec<OutboxMessage>;

    /// The messages for a change of an order.
    fn order_updated(
        &self,
        session: &Session,
        order: &Order,
        change: &OrderChange,
        now: Timestamp,
    ) -> Vec<OutboxMessage>;

    /// Send one of them, once.
    async fn deliver(&self, message: &OutboxMessage, now: Timestamp) -> Result<(), Undelivered>;
}
