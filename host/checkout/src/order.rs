//! Orders: the result of a completed checkout, and its later changes.

use serde::{Deserialize, Serialize};

use super::ids::{AttemptId, MerchantId, OrderId, SessionId};
use super::money::Money;
use super::time::Timestamp;

/// The order of a completed session. It is stored once and never changes; changes are [`OrderChange`]s.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Id from `orders.identify`, unique for the merchant.
    pub id: OrderId,
    /// Order number for people; `None` if the shop has none beside the id.
    pub number: Option<String>,
    /// Page of the order for the buyer: an absolute http or https URL.
    pub permalink: String,
    /// Merchant that sold the order.
    pub merchant: MerchantId,
    /// Session that the order came from.
    pub session: SessionId,
    /// Payment attempt that paid the order.
    pub attempt: AttemptId,
    /// Amount charged; zero if nothing was due. Refunds do not change it.
    pub total: Money,
    /// When the order was committed.
    pub created: Timestamp,
}

/// Status of an order: `Order.status` of ACP 2026-04-17. Earlier releases have other names for some.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderStatus {
    /// The merchant has to review the order first.
    ManualReview,
    /// Paid and accepted: the first status of every order of this host.
    Confirmed,
    /// The order is being prepared.
    Processing,
    /// Everything has been shipped.
    Shipped,
    /// Everything has been delivered.
    Completed,
    /// Nothing of it will be delivered.
    Canceled,
}

/// A refund of an order, whole or in part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderRefund {
    /// Id of the refund, the same in every event that contains it.
    pub id: String,
    /// Amount refunded, tax included.
    pub amount: Money,
    /// When the refund was made.
    pub at: Timestamp,
    /// Reason, as text for the buyer.
    pub reason: Option<String>,
}

/// A change of an order. It holds the full state after the change, as order events of ACP do, not the difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderChange {
    /// Id, unique among the changes of the order: the same change is announced only once.
    pub id: String,
    /// Status of the order after the change.
    pub status: OrderStatus,
    /// Every refund so far, oldest first.
    pub refunds: Vec<OrderRefund>,
}
