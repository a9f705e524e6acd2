//! The session of ACP 2026-01-30 (schemas `CheckoutSession` and `CheckoutSessionWithOrder`).

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::acp::release_definition::{RenderContext, body};
use crate::acp::rendering::{MessagePaths, OrderOfSession, StatusNames, shown_messages, status};
use crate::acp::shape::address::response_v2025_09_29::Address;
use crate::acp::shape::authentication_metadata::response_v2025_12_12::AuthenticationMetadata;
use crate::acp::shape::buyer::response_v2026_01_30::Buyer;
use crate::acp::shape::capabilities::response_v2026_01_30::Capabilities;
use crate::acp::shape::discounts::response_v2026_01_30::Discounts;
use crate::acp::shape::fulfillment_details::response_v2025_12_12::FulfillmentDetails;
use crate::acp::shape::fulfillment_group::response_v2026_01_30::FulfillmentGroup;
use crate::acp::shape::fulfillment_option::response_v2026_01_30::FulfillmentOption;
use crate::acp::shape::line_item::response_v2026_01_30::LineItem;
use crate::acp::shape::link::response_v2026_01_30::{self as link, Link};
use crate::acp::shape::message::response_v2026_01_30::Message;
use crate::acp::shape::order::response_v2026_01_30::Order;
use crate::acp::shape::payment_handler::response_v2026_01_30::PaymentHandler;
use crate::acp::shape::selected_fulfillment_option::response_v2026_01_30::{
    self as selected, SelectedFulfillmentOption,
};
use crate::acp::shape::total::response_v2026_01_30::{self as total, Total};
use crate::rendering::rfc3339;
use tillhouse_checkout::contact;
use tillhouse_checkout::session::Session;

const STATUS: StatusNames = StatusNames {
    escalated: "requires_escalation",
    pending_approval: "pending_approval",
    committing: "complete_in_progress",
    authenticating: "authentication_required",
    expired: "expired",
};

const PATHS: MessagePaths = MessagePaths {
    has_consents: false,
    ..MESSAGE_PATHS
};

/// The paths of this release and of 2026-04-17, which added marketing consents.
pub(crate) const MESSAGE_PATHS: MessagePaths = MessagePaths {
    quantity: "quantity",
    address: "$.fulfillment_details.address",
    choice: "$.selected_fulfillment_options",
    authentication: "$.authentication_result",
    has_groups: true,
    has_discounts: true,
    has_consents: true,
};

/// What 2026-04-17 did not change, or changed only the address or the payment handlers of.
#[derive(Debug, Serialize)]
pub(crate) struct SessionCore<'a, Address, Handler> {
    id: &'a str,
    protocol: ProtocolVersion,
    capabilities: Capabilities<Handler>,
    #[serde(skip_serializing_if = "Option::is_none")]
    buyer: Option<Buyer<'a>>,
    status: &'static str,
    currency: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    locale: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timezone: Option<&'a str>,
    line_items: Vec<LineItem<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fulfillment_details: Option<FulfillmentDetails<'a, Address>>,
    fulfillment_options: Vec<FulfillmentOption<'a, Address>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    selected_fulfillment_options: Vec<SelectedFulfillmentOption<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fulfillment_groups: Vec<FulfillmentGroup<'a, Address>>,
    totals: Vec<Total<'a>>,
    links: Vec<Link<'a>>,
    created_at: String,
    updated_at: String,
    expires_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    continue_url: Option<&'a str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    metadata: BTreeMap<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quote_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quote_expires_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    discounts: Option<Discounts<'a>>,
}

#[derive(Debug, Serialize)]
struct ProtocolVersion {
    version: &'static str,
}

#[derive(Debug, Serialize)]
struct CheckoutSession<'a> {
    #[serde(flatten)]
    core: SessionCore<'a, Address<'a>, PaymentHandler<'a>>,
    messages: Vec<Message<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authentication_metadata: Option<AuthenticationMetadata<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<Order<'a>>,
}

impl<'a, Address, Handler> SessionCore<'a, Address, Handler>
where
    Address: From<&'a contact::Address>,
    Handler: From<&'a crate::settings::PaymentHandler>,
{
    pub(crate) fn new(session: &'a Session, context: RenderContext<'a>, version: &'static str) -> Self {
        let (cart, quote) = (&session.cart, &session.quote);
        Self {
            id: session.id.as_str(),
            protocol: ProtocolVersion { version },
            capabilities: Capabilities::new(session, context.settings),
            buyer: cart.buyer.as_ref().and_then(Buyer::new),
            status: status(session, STATUS),
            currency: session.currency.lower(),
            locale: cart.locale.as_deref(),
            timezone: cart.time_zone.as_deref(),
            line_items: quote.lines.iter().map(|line| LineItem::new(session, line)).collect(),
            fulfillment_details: cart.recipient.as_ref().map(Into::into),
            fulfillment_options: quote.options.iter().map(Into::into).collect(),
            selected_fulfillment_options: selected::of_quote(quote),
            fulfillment_groups: cart.groups.iter().map(Into::into).collect(),
            totals: total::of_quote(quote),
            links: link::of_session(session, context.merchant),
            created_at: rfc3339(session.created),
            updated_at: rfc3339(session.updated),
            expires_at: rfc3339(session.expires),
            continue_url: quote.continue_url.as_deref(),
            metadata: session.shown_metadata().0,
            quote_id: cart.quote_id.as_deref(),
            quote_expires_at: cart.quote_id.as_ref().and(quote.expires).map(rfc3339),
            discounts: Discounts::of_session(session),
        }
    }
}

pub(crate) fn render(session: &Session, context: RenderContext<'_>) -> Vec<u8> {
    body(&CheckoutSession {
        core: SessionCore::new(session, context, super::RELEASE.date),
        messages: shown_messages(session, &PATHS),
        authentication_metadata: AuthenticationMetadata::of_session(session),
        order: OrderOfSession::of(session, context.request_kind).map(Into::into),
    })
}
