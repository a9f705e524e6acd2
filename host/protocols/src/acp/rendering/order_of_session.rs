//! The order of a session, while it is being paid and after.

use crate::rendering::RequestKind;
use tillhouse_checkout::order::Order;
use tillhouse_checkout::session::Session;

/// The order that a session shows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OrderOfSession<'a> {
    pub(crate) id: &'a str,
    pub(crate) permalink: &'a str,
    pub(crate) session: &'a Session,
    /// The order, once it is paid.
    pub(crate) paid: Option<&'a Order>,
}

impl<'a> OrderOfSession<'a> {
    /// The order of a session: once it is paid, and in the response of complete before that (schema `CheckoutSessionWithOrder`).
    pub(crate) fn of(session: &'a Session, request_kind: RequestKind) -> Option<Self> {
        let paid = session.order();
        let (id, permalink) = session.order_identity()?;
        (paid.is_some() || request_kind == RequestKind::Payment).then_some(Self {
            id,
            permalink,
            session,
            paid,
        })
    }

    /// An order that is paid, of the session that it came from.
    pub(crate) fn paid(session: &'a Session, order: &'a Order) -> Self {
        Self {
            id: order.id.as_str(),
            permalink: &order.permalink,
            session,
            paid: Some(order),
        }
    }
}
