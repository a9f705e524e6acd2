//! An order in a unit of work: the order, and what it replaces.

use super::Order;

/// A new or changed order.
#[derive(Clone, Debug)]
pub struct OrderWrite {
    /// The order as it is to be stored.
    pub order: Order,
    /// The revision that it replaces; `None` for a new order.
    pub replaces: Option<u64>,
}

impl OrderWrite {
    /// An order that was just placed.
    #[must_use]
    pub const fn new(order: Order) -> Self {
        Self { order, replaces: None }
    }

    /// The next revision of an order.
    #[must_use]
    pub const fn next(before: &Order, order: Order) -> Self {
        Self {
            order,
            replaces: Some(before.progress.revision),
        }
    }
}
