//! The order of a session (schema `Order`): its id and its page.

use serde::Serialize;

use crate::acp::rendering::OrderOfSession;

#[derive(Debug, Serialize)]
pub(crate) struct Order<'a> {
    id: &'a str,
    checkout_session_id: &'a str,
    permalink_url: &'a str,
}

impl<'a> From<OrderOfSession<'a>> for Order<'a> {
    fn from(order: OrderOfSession<'a>) -> Self {
        Self {
            id: order.id,
            checkout_session_id: order.session.id.as_str(),
            permalink_url: order.permalink,
        }
    }
}
