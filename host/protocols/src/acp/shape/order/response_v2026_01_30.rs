//! The order of a session (schema `Order`), with its number, its status and whom to ask.

use serde::Serialize;

use crate::acp::rendering::OrderOfSession;
use crate::acp::shape::estimated_delivery::response_v2026_01_30::EstimatedDelivery;
use crate::acp::shape::order::response_v2025_09_29;
use crate::acp::shape::order_confirmation::response_v2026_01_30::OrderConfirmation;
use crate::acp::shape::support_info::response_v2026_01_30::SupportInfo;
use tillhouse_checkout::order::{self, OrderStatus};

#[derive(Debug, Serialize)]
pub(crate) struct Order<'a> {
    #[serde(flatten)]
    facts: OrderFacts<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmation: Option<OrderConfirmation<'a>>,
}

/// What 2026-04-17 did not change.
#[derive(Debug, Serialize)]
pub(crate) struct OrderFacts<'a> {
    #[serde(flatten)]
    identity: response_v2025_09_29::Order<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    order_number: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    estimated_delivery: Option<EstimatedDelivery>,
    #[serde(skip_serializing_if = "Option::is_none")]
    support: Option<SupportInfo<'a>>,
}

impl<'a> From<OrderOfSession<'a>> for Order<'a> {
    fn from(order: OrderOfSession<'a>) -> Self {
        let confirmation = order.paid.map(|paid| &paid.progress.confirmation);
        Self {
            facts: order.into(),
            status: order.paid.and_then(status),
            confirmation: confirmation.and_then(OrderConfirmation::new),
        }
    }
}

/// The status. The schema has none for an order that is not paid, that is reviewed or that is canceled.
fn status(order: &order::Order) -> Option<&'static str> {
    match order.status() {
        OrderStatus::Confirmed => Some("confirmed"),
        OrderStatus::Processing => Some("processing"),
        OrderStatus::Shipped => Some("shipped"),
        OrderStatus::Completed => Some("delivered"),
        OrderStatus::ManualReview | OrderStatus::Canceled => None,
    }
}

impl<'a> From<OrderOfSession<'a>> for OrderFacts<'a> {
    fn from(order: OrderOfSession<'a>) -> Self {
        let quote = &order.session.quote;
        Self {
            identity: order.into(),
            order_number: order.paid.and_then(|paid| paid.number.as_deref()),
            estimated_delivery: EstimatedDelivery::of_quote(quote),
            support: quote.support.as_ref().map(Into::into),
        }
    }
}
