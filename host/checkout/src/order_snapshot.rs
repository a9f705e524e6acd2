//! The order as it is rendered into an order event.

use super::order::Order;
use super::session::Session;

/// Kind of an order event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderEventType<'a> {
    /// The order was created.
    Created,
    /// The order has changed since.
    Updated {
        /// The revision that was changed.
        before: &'a Order,
    },
}

/// Current state of an order, with the session that it came from.
#[derive(Clone, Copy, Debug)]
pub struct OrderSnapshot<'a> {
    /// Kind of the event that carries the snapshot.
    pub event: OrderEventType<'a>,
    /// Session that the order came from.
    pub session: &'a Session,
    /// The order, as it is committed with the event.
    pub order: &'a Order,
}
