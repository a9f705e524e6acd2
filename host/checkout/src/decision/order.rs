//! The identity of an order, and what happens to it.

use serde::{Deserialize, Serialize};

use crate::money::Money;

/// Answer of `orders.identify`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderIdentity {
    /// Unique with the merchant.
    pub id: String,
    /// The number that people use.
    pub number: Option<String>,
    /// Absolute URL.
    pub permalink: String,
}

/// Something that happened to an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderEvent {
    /// The order.
    pub order: String,
    /// `created`, `canceled`.
    pub kind: String,
    /// Grand total.
    pub total: Money,
}
