//! The session of ACP 2026-01-16 (schemas `CheckoutSession` and `CheckoutSessionWithOrder`).

use serde::Serialize;

use crate::acp::release_definition::{RenderContext, body};
use crate::acp::shape::authentication_provider::response_v2026_01_16::AuthenticationProvider;
use crate::acp::shape::fulfillment_option::response_v2026_01_16::FulfillmentOption;
use crate::acp::shape::payment_provider::response_v2026_01_16::PaymentProvider;
use crate::acp::v2025_12_12::session::SessionCore;
use tillhouse_checkout::session::Session;

#[derive(Debug, Serialize)]
struct CheckoutSession<'a> {
    #[serde(flatten)]
    core: SessionCore<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_provider: Option<PaymentProvider<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authentication_provider: Option<AuthenticationProvider<'a>>,
    fulfillment_options: Vec<FulfillmentOption<'a>>,
}

pub(crate) fn render(session: &Session, context: RenderContext<'_>) -> Vec<u8> {
    body(&CheckoutSession {
        core: SessionCore::new(session, context),
        payment_provider: PaymentProvider::new(context.settings),
        authentication_provider: AuthenticationProvider::new(context.settings),
        fulfillment_options: session.quote.options.iter().map(Into::into).collect(),
    })
}
