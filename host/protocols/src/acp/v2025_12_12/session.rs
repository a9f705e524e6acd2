//! The session of ACP 2025-12-12 (schemas `CheckoutSession` and `CheckoutSessionWithOrder`).

use serde::Serialize;

use crate::acp::release_definition::{RenderContext, body};
use crate::acp::rendering::{MessagePaths, OrderOfSession, StatusNames, shown_messages, status};
use crate::acp::shape::address::response_v2025_09_29::Address;
use crate::acp::shape::authentication_metadata::response_v2025_12_12::AuthenticationMetadata;
use crate::acp::shape::buyer::response_v2025_09_29::Buyer;
use crate::acp::shape::fulfillment_details::response_v2025_12_12::FulfillmentDetails;
use crate::acp::shape::fulfillment_option::response_v2025_09_29::FulfillmentOption;
use crate::acp::shape::line_item::response_v2025_12_12::LineItem;
use crate::acp::shape::link::response_v2025_09_29::Link;
use crate::acp::shape::link::response_v2025_12_12 as link;
use crate::acp::shape::message::response_v2025_09_29::Message;
use crate::acp::shape::order::response_v2025_09_29::Order;
use crate::acp::shape::payment_provider::response_v2025_12_12::PaymentProvider;
use crate::acp::shape::selected_fulfillment_option::response_v2025_12_12::{
    self as selected, SelectedFulfillmentOption,
};
use crate::acp::shape::total::response_v2025_09_29::{self as total, Total};
use tillhouse_checkout::session::Session;

/// The release has no status for a session that is left to the buyer or to the merchant, and none for an expired one.
const STATUS: StatusNames = StatusNames {
    escalated: "not_ready_for_payment",
    pending_approval: "not_ready_for_payment",
    committing: "in_progress",
    authenticating: "authentication_required",
    expired: "canceled",
};

const PATHS: MessagePaths = MessagePaths {
    quantity: "item.quantity",
    address: "$.fulfillment_details.address",
    choice: "$.selected_fulfillment_options",
    authentication: "$.authentication_result",
    has_groups: false,
    has_discounts: false,
    has_consents: false,
};

/// What 2026-01-16 did not change.
#[derive(Debug, Serialize)]
pub(crate) struct SessionCore<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    buyer: Option<Buyer<'a>>,
    status: &'static str,
    currency: String,
    line_items: Vec<LineItem<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fulfillment_details: Option<FulfillmentDetails<'a, Address<'a>>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    selected_fulfillment_options: Vec<SelectedFulfillmentOption<'a>>,
    totals: Vec<Total<'a>>,
    messages: Vec<Message<'a>>,
    links: Vec<Link<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authentication_metadata: Option<AuthenticationMetadata<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<Order<'a>>,
}

#[derive(Debug, Serialize)]
struct CheckoutSession<'a> {
    #[serde(flatten)]
    core: SessionCore<'a>,
    payment_provider: PaymentProvider<'a>,
    fulfillment_options: Vec<FulfillmentOption<'a>>,
}

impl<'a> SessionCore<'a> {
    pub(crate) fn new(session: &'a Session, context: RenderContext<'a>) -> Self {
        let quote = &session.quote;
        Self {
            id: session.id.as_str(),
            buyer: session.cart.buyer.as_ref().and_then(Buyer::new),
            status: status(session, STATUS),
            currency: session.currency.lower(),
            line_items: quote.lines.iter().map(Into::into).collect(),
            fulfillment_details: session.cart.recipient.as_ref().map(Into::into),
            selected_fulfillment_options: selected::of_quote(quote),
            totals: total::of_quote(quote),
            messages: shown_messages(session, &PATHS),
            links: link::of_session(session, context.merchant),
            authentication_metadata: AuthenticationMetadata::of_session(session),
            order: OrderOfSession::of(session, context.request_kind).map(Into::into),
        }
    }
}

pub(crate) fn render(session: &Session, context: RenderContext<'_>) -> Vec<u8> {
    body(&CheckoutSession {
        core: SessionCore::new(session, context),
        payment_provider: PaymentProvider::new(context.settings),
        fulfillment_options: session.quote.options.iter().map(Into::into).collect(),
    })
}
