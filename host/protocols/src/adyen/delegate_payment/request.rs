//! A request of `delegate_payment` in Adyen's shape. Nothing here has `Debug`: a request has a card number.

mod billing_address;
mod payment_method;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::adyen::shape::bounded_text::BoundedText;
use crate::delegation::{
    Action, Delegation, RequestedAllowance, check_metadata, metadata_signals, refuse_card_number, signal,
};
use crate::fields::Metadata;
use crate::json::{BodyError, JsonValue, Nulls, read};
use billing_address::BillingAddress;
use payment_method::PaymentMethod;
use tillhouse_checkout::decision::RiskSignal;
use tillhouse_checkout::party_units::Party;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct DelegatePaymentRequest {
    payment_method: PaymentMethod,
    allowance: RequestedAllowance,
    billing_address: BillingAddress,
    risk_signals: RiskSignals,
    metadata: Metadata,
}

/// One assessment; in ACP there is a list of them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct RiskSignals {
    #[serde(rename = "type")]
    kind: BoundedText<1, 256>,
    score: i64,
    action: Action,
}

/// What a request asks for, and of whom.
pub(super) struct RequestedDelegation {
    pub(super) delegation: Delegation,
    /// An account of the merchant at Adyen.
    pub(super) merchant_id: String,
    /// Whether the agent's side blocks the card.
    pub(super) is_blocked: bool,
}

pub(super) fn delegation(body: &JsonValue) -> Result<RequestedDelegation, BodyError> {
    let request: DelegatePaymentRequest = read(body, Nulls::Refused)?;
    let metadata = flat(request.metadata);
    check_metadata(&metadata)?;
    let method = request.payment_method.read();
    let method = method.map_err(|error| error.in_field("payment_method"))?;
    let billing = request.billing_address.read();
    let billing = billing.map_err(|error| error.in_field("billing_address"))?;
    let assessed = risk_signal(&request.risk_signals).map_err(|error| error.in_field("risk_signals"))?;
    let mut signals = vec![assessed];
    signals.extend(metadata_signals(&method.metadata));
    signals.extend(metadata.into_iter().map(|(key, value)| {
        let kind = format!("delegation.metadata.{key}");
        signal(kind, Some(value), None)
    }));
    let merchant_id = request.allowance.merchant_id().to_owned();
    let granted = |amount, currency| Party::Adyen.granted(amount, currency);
    let allowance = request.allowance.granted(granted);
    let delegation = Delegation {
        card: method.card,
        allowance: allowance.map_err(|error| error.in_field("allowance"))?,
        billing: Some(billing),
        checks: method.checks,
        signals,
    };
    Ok(RequestedDelegation {
        delegation,
        merchant_id,
        is_blocked: request.risk_signals.action == Action::Blocked,
    })
}

fn risk_signal(signals: &RiskSignals) -> Result<RiskSignal, BodyError> {
    refuse_card_number(&signals.kind.0).map_err(|error| error.in_field("type"))?;
    let score = signals.score.to_string();
    Ok(signal(signals.kind.0.clone(), Some(score), Some(signals.action.name())))
}

/// Arbitrary metadata, each value as a text.
fn flat(Metadata(metadata): Metadata) -> BTreeMap<String, String> {
    let text = |value: Value| match value {
        Value::String(text) => text,
        value => value.to_string(),
    };
    metadata.0.into_iter().map(|(key, value)| (key, text(value))).collect()
}
