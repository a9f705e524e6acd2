//! A notice of the merchant's own system about orders, as a plugin reads it.

use super::processor_event::WebhookReply;
use crate::ids::OrderId;
use crate::order::OrderChangeKind;

/// A change of one order, as the merchant's own system reports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportedOrderChange {
    /// Id that the sender gave the change: it is applied once.
    pub id: String,
    /// Order that the notice names; it may not have been sold here.
    pub order: OrderId,
    /// Fulfillment, adjustment or status that is changed.
    pub what: OrderChangeKind,
}

/// A notice about orders as the plugin read it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrderNotice {
    /// Changes in it, in the order in which they took place.
    pub changes: Vec<ReportedOrderChange>,
    /// Response that the sender expects; `None` for an empty one with status 200.
    pub reply: Option<WebhookReply>,
}
