//! The session of ACP 2025-09-29 (schemas `CheckoutSession` and `CheckoutSessionWithOrder`).

use serde::Serialize;

use crate::acp::release_definition::{RenderContext, body};
use crate::acp::rendering::{MessagePaths, OrderOfSession, StatusNames, shown_messages, status};
use crate::acp::shape::address::response_v2025_09_29::Address;
use crate::acp::shape::buyer::response_v2025_09_29::Buyer;
use crate::acp::shape::fulfillment_option::response_v2025_09_29::FulfillmentOption;
use crate::acp::shape::line_item::response_v2025_09_29::LineItem;
use crate::acp::shape::link::response_v2025_09_29::{self as link, Link};
use crate::acp::shape::message::response_v2025_09_29::Message;
use crate::acp::shape::order::response_v2025_09_29::Order;
use crate::acp::shape::payment_provider::response_v2025_09_29::PaymentProvider;
use crate::acp::shape::total::response_v2025_09_29::{self as total, Total};
use crate::rendering::RequestKind;
use tillhouse_checkout::session::Session;

/// The release has five statuses. What it has no status for is shown as the nearest one that says what an agent may do next.
const STATUS: StatusNames = StatusNames {
    escalated: "not_ready_for_payment",
    pending_approval: "not_ready_for_payment",
    committing: "in_progress",
    // Only an agent of another release is asked for an authentication. This one sees an error `requires_3ds`.
    authenticating: "not_ready_for_payment",
    expired: "canceled",
};

const PATHS: MessagePaths = MessagePaths {
    quantity: "item.quantity",
    address: "$.fulfillment_address",
    choice: "$.fulfillment_option_id",
    authentication: "$.payment_data",
    has_groups: false,
    has_discounts: false,
    has_consents: false,
};

#[derive(Debug, Serialize)]
struct CheckoutSession<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    buyer: Option<Buyer<'a>>,
    payment_provider: PaymentProvider,
    status: &'static str,
    currency: String,
    line_items: Vec<LineItem<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fulfillment_address: Option<Address<'a>>,
    fulfillment_options: Vec<FulfillmentOption<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fulfillment_option_id: Option<&'a str>,
    totals: Vec<Total<'a>>,
    messages: Vec<Message<'a>>,
    links: Vec<Link<'a>>,
    /// In the response of complete only: `CheckoutSessionWithOrder` has it, `CheckoutSession` does not allow it.
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<Order<'a>>,
}

pub(crate) fn render(session: &Session, context: RenderContext<'_>) -> Vec<u8> {
    let quote = &session.quote;
    let order = OrderOfSession::of(session, context.request_kind);
    body(&CheckoutSession {
        id: session.id.as_str(),
        buyer: session.cart.buyer.as_ref().and_then(Buyer::new),
        payment_provider: PaymentProvider::new(context.settings),
        status: status(session, STATUS),
        currency: session.currency.lower(),
        line_items: quote.lines.iter().map(Into::into).collect(),
        fulfillment_address: session.cart.destination().map(Into::into),
        fulfillment_options: quote.options.iter().map(Into::into).collect(),
        fulfillment_option_id: quote.selected_option().map(|option| option.id.as_str()),
        totals: total::of_quote(quote),
        messages: shown_messages(session, &PATHS),
        links: link::of_session(session, context.merchant),
        order: order
            .filter(|_| context.request_kind == RequestKind::Payment)
            .map(Into::into),
    })
}
