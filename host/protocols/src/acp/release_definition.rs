//! What a release of ACP is made of.

use crate::error_response::RequestFields;
use crate::idempotency::KeyRules;
use crate::json::{BodyError, JsonValue};
use crate::rendering::RequestKind;
use crate::settings::{AcpSettings, MerchantSettings};
use tillhouse_checkout::cart::CartEdit;
use tillhouse_checkout::intent_trace::IntentTrace;
use tillhouse_checkout::order_snapshot::OrderSnapshot;
use tillhouse_checkout::session::Session;

use super::carts::CartDefinition;
use super::delegate_payment::DelegationRules;
use super::{Completion, Creation};

/// A release: its rules, and the parsers and serializers of its bodies.
#[derive(Debug)]
pub(crate) struct ReleaseDefinition {
    /// The date by which the header names the release.
    pub(crate) date: &'static str,
    pub(crate) key_rules: KeyRules,
    /// `JSONPath`s of the request fields, for error responses.
    pub(crate) fields: RequestFields,
    pub(crate) read_create: fn(&JsonValue) -> Result<Creation, BodyError>,
    pub(crate) read_update: fn(&JsonValue) -> Result<CartEdit, BodyError>,
    pub(crate) read_complete: fn(&JsonValue, &AcpSettings) -> Result<Completion, BodyError>,
    /// Reads the body of cancel, if the request has one.
    pub(crate) read_cancel: fn(Option<&JsonValue>) -> Result<Option<IntentTrace>, BodyError>,
    /// Renders a session as a response body.
    pub(crate) render: fn(&Session, RenderContext<'_>) -> Vec<u8>,
    /// The carts of the release; `None` if it has none.
    pub(crate) carts: Option<CartDefinition>,
    /// How an agent delegates a card.
    pub(crate) delegation: DelegationRules,
    /// Renders an order event as a webhook body.
    pub(crate) order_event: fn(&OrderSnapshot<'_>) -> Vec<u8>,
}

/// What a response shows beside the session.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RenderContext<'a> {
    pub(crate) merchant: &'a MerchantSettings,
    pub(crate) settings: &'a AcpSettings,
    pub(crate) request_kind: RequestKind,
}

/// Serialize a wire type. It cannot fail, because wire types contain only strings, numbers and lists.
pub(crate) fn body(shape: &impl serde::Serialize) -> Vec<u8> {
    serde_json::to_vec(shape).unwrap_or_default()
}
