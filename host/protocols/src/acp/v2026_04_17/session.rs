//! The session of ACP 2026-04-17 (schemas `CheckoutSession` and `CheckoutSessionWithOrder`).

use serde::Serialize;

use crate::acp::release_definition::{RenderContext, body};
use crate::acp::rendering::{OrderOfSession, shown_messages};
use crate::acp::shape::address::response_v2026_04_17::Address;
use crate::acp::shape::authentication_metadata::response_v2026_04_17::AuthenticationMetadata;
use crate::acp::shape::marketing_consent::response_v2026_04_17::MarketingConsentOption;
use crate::acp::shape::message::response_v2026_04_17::Message;
use crate::acp::shape::order::response_v2026_04_17::Order;
use crate::acp::shape::payment_handler::response_v2026_04_17::PaymentHandler;
use crate::acp::v2026_01_30::session::MESSAGE_PATHS;
use crate::acp::v2026_01_30::session::SessionCore;
use tillhouse_checkout::session::Session;

#[derive(Debug, Serialize)]
struct CheckoutSession<'a> {
    #[serde(flatten)]
    core: SessionCore<'a, Address<'a>, PaymentHandler<'a>>,
    messages: Vec<Message<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authentication_metadata: Option<AuthenticationMetadata<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    marketing_consent_options: Vec<MarketingConsentOption<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<Order<'a>>,
}

pub(crate) fn render(session: &Session, context: RenderContext<'_>) -> Vec<u8> {
    body(&CheckoutSession {
        core: SessionCore::new(session, context, super::RELEASE.date),
        messages: shown_messages(session, &MESSAGE_PATHS),
        authentication_metadata: AuthenticationMetadata::of_session(session),
        marketing_consent_options: session.quote.consents.iter().map(Into::into).collect(),
        order: OrderOfSession::of(session, context.request_kind).map(Into::into),
    })
}
