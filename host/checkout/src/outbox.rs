//! The outbox: messages to other systems, committed with the change that they report and delivered at least once after it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ids::{MerchantId, SessionId};
use super::named_value::named_value;
use super::session::Session;
use super::time::Timestamp;

named_value! {
    /// What a message is, and so which part of the host delivers it.
    pub enum MessageKind {
        /// Reports the outcome of a payment to the issuer of its token.
        ReportPayment = "stripe.report_payment",
        /// Reports the refund of a payment to the issuer of its token.
        ReportRefund = "stripe.report_refund",
        /// Reports a dispute of a payment to the issuer of its token.
        ReportDispute = "stripe.report_dispute",
        /// Releases the stock and the discount codes that an ended attempt held.
        ReleaseReservation = "checkout.release",
        /// Calls `orders.notify` of the merchant's plugin.
        NotifyPlugin = "orders.notify",
        /// Calls `sessions.ended` of the merchant's plugin.
        SessionEnded = "sessions.ended",
        /// Sends an order event to a webhook target.
        OrderEvent = "acp.order_event",
    }
}

/// How urgent a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MessageClass {
    /// What the host owes: reports of payments, refunds and disputes, releases of stock, and what the merchant's plugin is told.
    Obligation,
    /// Order events for webhook targets.
    Event,
}

impl MessageKind {
    /// The class of messages of this kind.
    #[must_use]
    pub fn class(&self) -> MessageClass {
        match self {
            Self::OrderEvent => MessageClass::Event,
            _ => MessageClass::Obligation,
        }
    }
}

/// Messages of one merchant and kind to one destination. What happens to one lane does not hold up another.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DeliveryLane {
    /// Merchant that the messages are sent for.
    pub merchant: MerchantId,
    /// What the messages are.
    pub kind: MessageKind,
    /// The destination among those of the kind; `None` where the kind has one per merchant.
    pub destination: Option<String>,
}

impl DeliveryLane {
    /// The lane as one text. Its parts are separated by the character U+001F, which none of them contains.
    #[must_use]
    pub fn key(&self) -> String {
        let destination = self.destination.as_deref().unwrap_or_default();
        format!("{}\u{1f}{}\u{1f}{destination}", self.merchant, self.kind.as_str())
    }
}

/// A message to another system, delivered at least once after the commit that queued it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxMessage {
    /// Merchant that the message is sent for.
    pub merchant: MerchantId,
    /// What the message is.
    pub kind: MessageKind,
    /// Messages of one merchant, kind and stream are delivered in the order in which they were queued, one at a time. `None` for a message
    /// without an order.
    #[serde(default)]
    pub stream: Option<String>,
    /// Checkout session that it is about; `None` if an earlier release of the host queued it and it cannot be told.
    #[serde(default)]
    pub session: Option<SessionId>,
    /// The destination among those of the kind: the name of a webhook target. `None` where the kind has one per merchant.
    #[serde(default)]
    pub destination: Option<String>,
    /// Unique within the merchant and the kind: the same message is never queued twice.
    pub dedupe: String,
    /// Body as JSON; never changed after the commit.
    pub payload: String,
    /// When the first delivery is due.
    pub due: Timestamp,
}

impl OutboxMessage {
    /// The message that tells the merchant's plugin of the end of this session. It names the session only: what the agent wrote stays
    /// with it.
    #[must_use]
    pub fn session_ended(session: &Session) -> Self {
        Self {
            merchant: session.merchant.clone(),
            kind: MessageKind::SessionEnded,
            stream: None,
            session: Some(session.id.clone()),
            destination: None,
            dedupe: session.id.to_string(),
            payload: Value::from(session.id.as_str()).to_string(),
            due: session.updated,
        }
    }

    /// The lane that the message is delivered in.
    #[must_use]
    pub fn lane(&self) -> DeliveryLane {
        DeliveryLane {
            merchant: self.merchant.clone(),
            kind: self.kind.clone(),
            destination: self.destination.clone(),
        }
    }
}

/// A queued message that a worker has leased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuedMessage {
    /// Row of the message in the store.
    pub id: i64,
    /// The message as it was queued.
    pub message: OutboxMessage,
    /// Failed deliveries so far.
    pub tries: u32,
    /// Epoch of the lease; a write under another epoch has no effect.
    pub epoch: u64,
}

/// Whether a message is queued, delivered or dead-lettered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageState {
    /// Waits for its delivery or for a retry.
    Queued,
    /// The receiver has acknowledged it.
    Delivered,
    /// Dead-lettered: not retried unless an operator replays it.
    Dead,
}

impl MessageState {
    /// The name in the store.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
        }
    }

    /// The state with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Queued, Self::Delivered, Self::Dead]
            .into_iter()
            .find(|state| state.name() == name)
    }
}

/// A message of the outbox, as an operator sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MessageRecord {
    /// Row of the message in the store.
    pub id: i64,
    /// The message as it was queued.
    #[serde(flatten)]
    pub message: OutboxMessage,
    /// Whether the message is queued, delivered or dead-lettered.
    pub state: MessageState,
    /// Failed deliveries so far.
    pub tries: u32,
    /// When the next delivery is due; has no meaning unless the message is queued.
    pub next_try: Timestamp,
    /// Why the last delivery failed; `None` before the first failure.
    pub last_error: Option<String>,
    /// When the message was delivered or dead-lettered.
    pub ended: Option<Timestamp>,
}
