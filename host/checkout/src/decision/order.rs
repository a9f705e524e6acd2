//! The identity of an order, and the order events that a plugin is notified of.

use serde::{Deserialize, Serialize};

use crate::money::Money;

/// Identity of an order: the answer of `orders.identify`, given before the payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderIdentity {
    /// Order id, unique for the merchant, 1 to 128 bytes.
    pub id: String,
    /// Order number for people, e.g. `1001`; `None` if the shop has none beside the id.
    pub number: Option<String>,
    /// Page of the order for the buyer: an absolute http or https URL.
    pub permalink: String,
}

/// An order event, as sent to `orders.notify`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderEvent {
    /// Id of the order.
    pub order: String,
    /// Kind of event: `created`; the contract also reserves `canceled`.
    pub kind: String,
    /// Grand total that was charged.
    pub total: Money,
}
