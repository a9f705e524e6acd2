//! Orders: the result of a completed checkout, and what has become of it since.
//!
//! An order is changed by [`Order::apply`] only, which makes the next revision of it. What can be derived is not stored: its status, how
//! many units of a line are still ordered, and how much of the payment has gone back.

mod adjusting;
mod after_sale;
mod apply;
mod balance;
mod change;
mod error;
mod fulfilling;
mod lines;
mod progress;
mod status;
#[cfg(test)]
mod tests;
mod write;

use serde::{Deserialize, Serialize};

use super::ids::{AttemptId, MerchantId, OrderId, SessionId};
use super::money::Money;
use super::time::Timestamp;

pub use after_sale::AfterSale;
pub use change::{AppliedChange, ChangeSource, Confirmation, OrderChange, OrderChangeKind};
pub use error::OrderError;
pub use lines::{OrderLine, OrderedLine};
pub use progress::OrderProgress;
pub use status::OrderStatus;
pub use write::OrderWrite;

/// The order of a completed session.
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
    /// What has become of it since.
    #[serde(default)]
    pub progress: OrderProgress,
}

impl Order {
    /// Starts with 1 and grows by one with every change.
    #[must_use]
    pub const fn revision(&self) -> u64 {
        self.progress.revision
    }
}
