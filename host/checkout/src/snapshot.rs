//! What others are told of an order.

use super::order::{Order, OrderRefund, OrderStatus};
use super::session::Session;

/// What there is to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderNews {
    /// There is an order.
    Created,
    /// It has changed.
    Updated,
}

/// An order as it stands, with the checkout that it came from.
#[derive(Clone, Copy, Debug)]
pub struct OrderSnapshot<'a> {
    /// Why it is told.
    pub news: OrderNews,
    /// The checkout.
    pub session: &'a Session,
    /// The order.
    pub order: &'a Order,
    /// How far it has come.
    pub status: OrderStatus,
    /// Every refund so far, oldest first.
    pub refunds: &'a [OrderRefund],
}
