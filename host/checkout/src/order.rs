//! An order: what a completed checkout leaves behind, and how it changes.

use serde::{Deserialize, Serialize};

use super::ids::{AttemptId, MerchantId, OrderId, SessionId};
use super::money::Money;
use super::time::Timestamp;

/// An order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Its id, from the plugin.
    pub id: OrderId,
    /// The number that people use.
    pub number: Option<String>,
    /// Where the buyer finds it.
    pub permalink: String,
    /// Whose it is.
    pub merchant: MerchantId,
    /// The checkout it came from.
    pub session: SessionId,
    /// The attempt that paid it.
    pub attempt: AttemptId,
    /// What was charged. Never changes after completion (ACP RFC orders §4.6).
    pub total: Money,
    /// When.
    pub created: Timestamp,
}

/// How far an order has come (ACP 2026-04-17 `Order.status`). Each release has its names for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderStatus {
    /// Somebody has to look at it first.
    ManualReview,
    /// Paid and accepted: what every order of this host begins as.
    Confirmed,
    /// Being prepared.
    Processing,
    /// Everything is on its way.
    Shipped,
    /// Everything has arrived.
    Completed,
    /// Nothing of it will be delivered.
    Canceled,
}

/// Money that was given back for an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderRefund {
    /// Its id; the same one every time it is told.
    pub id: String,
    /// How much, tax included.
    pub amount: Money,
    /// When.
    pub at: Timestamp,
    /// Why, for the buyer.
    pub reason: Option<String>,
}

/// A change of an order: how the whole order stands after it, never only what is different (ACP RFC orders).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderChange {
    /// Unique among the changes of the order: a change is told once.
    pub id: String,
    /// How far the order has come.
    pub status: OrderStatus,
    /// Every refund so far, oldest first.
    pub refunds: Vec<OrderRefund>,
}
