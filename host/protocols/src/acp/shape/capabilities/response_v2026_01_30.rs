//! What the merchant can do in a session (schemas `Capabilities`, `Payment`, `InterventionCapabilities` and `ExtensionDeclaration`).

use serde::Serialize;

use crate::acp::shape::discounts::response_v2026_01_30::declaration;
use crate::settings::{AcpSettings, PaymentHandler};
use tillhouse_checkout::session::Session;

/// With payment handlers in the shape of the release.
#[derive(Debug, Serialize)]
pub(crate) struct Capabilities<Handler> {
    payment: Payment<Handler>,
    interventions: InterventionCapabilities,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    extensions: Vec<ExtensionDeclaration>,
}

#[derive(Debug, Serialize)]
struct Payment<Handler> {
    handlers: Vec<Handler>,
}

#[derive(Debug, Serialize)]
struct InterventionCapabilities {
    supported: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    enforcement: Option<&'static str>,
}

/// An active extension, and the members that it adds to the schemas.
#[derive(Debug, Serialize)]
pub(crate) struct ExtensionDeclaration {
    pub(crate) name: &'static str,
    pub(crate) extends: &'static [&'static str],
    pub(crate) schema: &'static str,
    pub(crate) spec: &'static str,
}

impl<Handler> Capabilities<Handler> {
    pub(crate) fn new<'a>(session: &Session, settings: &'a AcpSettings) -> Self
    where
        Handler: From<&'a PaymentHandler>,
    {
        Self {
            payment: Payment {
                handlers: settings.handlers.iter().map(Into::into).collect(),
            },
            interventions: InterventionCapabilities::new(session, settings),
            extensions: declaration(session).into_iter().collect(),
        }
    }
}

impl InterventionCapabilities {
    /// The interventions that both sides support: 3-D Secure, if a payment handler of the merchant takes its result. It is asked for if
    /// the issuer or the risk rules want it.
    fn new(session: &Session, settings: &AcpSettings) -> Self {
        let is_supported = settings.takes_authentications() && session.agent.can_authenticate();
        Self {
            supported: is_supported.then_some("3ds").into_iter().collect(),
            enforcement: is_supported.then_some("conditional"),
        }
    }
}
