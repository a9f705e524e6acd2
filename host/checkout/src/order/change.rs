//! Changes of an order, each with an id under which it is applied once.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::status::OrderStatus;
use crate::decision::{Adjustment, Fulfillment};
use crate::time::Timestamp;

/// Who reports a change. Each has ids of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeSource {
    /// An operator of the host.
    Operator,
    /// The merchant's own system, by a notice.
    Notice,
    /// A refund that this host has made.
    Refund,
    /// Another party that took the payment, by an event of it.
    Payer,
    /// The processor that charged for the host, by an event of it.
    Processor,
}

impl ChangeSource {
    /// The name in the store and for operators.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Notice => "notice",
            Self::Refund => "refund",
            Self::Payer => "payer",
            Self::Processor => "processor",
        }
    }
}

/// Confirmation of an order. What is `None` stays as it was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    /// Confirmation number for people.
    pub number: Option<String>,
    /// Number of the invoice.
    pub invoice: Option<String>,
    /// Absolute URL of the receipt.
    pub receipt_url: Option<String>,
    /// Whether the merchant has sent the buyer an email.
    pub email_sent: Option<bool>,
}

/// The part of an order that a change is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderChangeKind {
    /// A fulfillment is new or has changed. Of one that is known, members that are `None` or empty stay as they were, and events are
    /// added. A new one without lines has every unit that is in no other and not canceled.
    Fulfilled(Box<Fulfillment>),
    /// Fulfillments have reached the buyer.
    Delivered {
        /// Ids of the fulfillments; empty for all that are not delivered, failed or canceled.
        fulfillments: Vec<String>,
        /// Where, as text for the buyer.
        location: Option<String>,
    },
    /// An adjustment is new, or its status has changed. A new cancellation without lines has every unit that was not dispatched; a new
    /// return every unit that was.
    Adjusted(Box<Adjustment>),
    /// The order has this status now. `canceled` cancels every unit that was not dispatched.
    Status(OrderStatus),
    /// The order was confirmed.
    Confirmed(Confirmation),
}

impl OrderChangeKind {
    /// The name for operators.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Fulfilled(_) => "fulfilled",
            Self::Delivered { .. } => "delivered",
            Self::Adjusted(_) => "adjusted",
            Self::Status(_) => "status",
            Self::Confirmed(_) => "confirmed",
        }
    }
}

/// A change of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderChange {
    /// What reports the change.
    pub source: ChangeSource,
    /// Id, unique for the order among the changes of its source: the same change is applied once.
    pub id: String,
    /// When it took place.
    pub at: Timestamp,
    /// Fulfillment, adjustment or status that is changed.
    pub what: OrderChangeKind,
}

/// A change that was applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppliedChange {
    /// What reported the change.
    pub source: ChangeSource,
    /// Id of the change, unique for its source.
    pub id: String,
    /// First 16 hex digits of the SHA-256 of what changed: another change is not taken for this one.
    pub content: String,
    /// Revision of the order that it made.
    pub revision: u64,
    /// When it took place; `None` in what an earlier release of the host stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
}

impl OrderChange {
    /// Digest of what changed, without its time: a sender that repeats a change need not remember when it was made.
    pub(super) fn content(&self) -> String {
        let mut what = self.what.clone();
        match &mut what {
            OrderChangeKind::Fulfilled(fulfillment) => fulfillment.at = Timestamp(0),
            OrderChangeKind::Adjusted(adjustment) => adjustment.at = Timestamp(0),
            OrderChangeKind::Delivered { .. } | OrderChangeKind::Status(_) | OrderChangeKind::Confirmed(_) => {}
        }
        // Texts, numbers and lists: writing them cannot fail.
        let json = serde_json::to_vec(&what).unwrap_or_default();
        let digest = hex::encode(Sha256::digest(json));
        digest.get(..16).unwrap_or(&digest).to_owned()
    }
}
