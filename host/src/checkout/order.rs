//! An order: what a completed checkout leaves behind.

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
