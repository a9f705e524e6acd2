//! A request of `delegate_payment` (schema `DelegatePaymentRequest`). Later releases changed two limits only ([`Limits`]).

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::acp::shape::address::request_v2025_09_29::Address;
use crate::delegation::{
    Action, Delegation, Funding, MethodKind, NumberKind, RequestedAllowance, check_metadata, digits, made_check,
    metadata_signals, refuse_card_number, signal,
};
use crate::fields::SecretText;
use crate::json::{BodyError, JsonValue, Nulls, read};
use tillhouse_checkout::contact;
use tillhouse_checkout::credential::CardDisplay;
use tillhouse_checkout::decision::{CardCheck, RiskSignal};
use tillhouse_checkout::money::Amount;
use tillhouse_checkout::vault::{CardExpiry, DelegatedCard};

/// In what the releases differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// The most digits of `iin`.
    pub(crate) longest_iin: usize,
    /// Whether there must be a risk signal.
    pub(crate) needs_risk_signals: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct DelegatePaymentRequest {
    payment_method: PaymentMethodCard,
    allowance: RequestedAllowance,
    billing_address: Option<Address>,
    risk_signals: Vec<WireRiskSignal>,
    metadata: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct PaymentMethodCard {
    #[serde(rename = "type")]
    _kind: MethodKind,
    card_number_type: NumberKind,
    number: SecretText,
    exp_month: SecretText,
    exp_year: SecretText,
    name: Option<SecretText>,
    cvc: Option<SecretText>,
    cryptogram: Option<SecretText>,
    eci_value: Option<SecretText>,
    checks_performed: Option<Vec<Check>>,
    iin: Option<String>,
    display_card_funding_type: Funding,
    display_wallet_type: Option<String>,
    display_brand: Option<String>,
    display_last4: Option<String>,
    metadata: BTreeMap<String, String>,
    #[serde(rename = "virtual")]
    is_virtual: Option<bool>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Check {
    Avs,
    Cvv,
    Ani,
    Auth0,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct WireRiskSignal {
    #[serde(rename = "type")]
    kind: RiskKind,
    score: i64,
    action: Action,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RiskKind {
    CardTesting,
}

/// What a request asks for, and of whom.
pub(crate) struct RequestedDelegation {
    pub(crate) delegation: Delegation,
    /// The merchant's id at the vault, as its payment handler advertises it.
    pub(crate) merchant_id: String,
    /// Echoed in the response.
    pub(crate) metadata: BTreeMap<String, String>,
}

pub(crate) fn delegation(body: &JsonValue, limits: Limits) -> Result<RequestedDelegation, BodyError> {
    let request: DelegatePaymentRequest = read(body, Nulls::Refused)?;
    if limits.needs_risk_signals && request.risk_signals.is_empty() {
        return Err(BodyError::invalid("must have at least one entry").in_field("risk_signals"));
    }
    check_metadata(&request.metadata)?;
    let billing = request.billing_address.map(billing).transpose();
    let billing = billing.map_err(|error| error.in_field("billing_address"))?;
    let method = request.payment_method;
    check_metadata(&method.metadata).map_err(|error| error.in_field("payment_method"))?;
    let mut signals: Vec<RiskSignal> = request.risk_signals.iter().map(risk_signal).collect();
    signals.extend(method.described());
    let checks = method
        .checks_performed
        .iter()
        .flatten()
        .map(|check| performed(*check))
        .collect();
    let merchant_id = request.allowance.merchant_id().to_owned();
    let allowance = request.allowance.granted(|minor, _| Amount::new(minor));
    let delegation = Delegation {
        card: card(method, limits).map_err(|error| error.in_field("payment_method"))?,
        allowance: allowance.map_err(|error| error.in_field("allowance"))?,
        billing,
        checks,
        signals,
    };
    Ok(RequestedDelegation {
        delegation,
        merchant_id,
        metadata: request.metadata,
    })
}

fn card(method: PaymentMethodCard, limits: Limits) -> Result<DelegatedCard, BodyError> {
    if method.iin.as_ref().is_some_and(|iin| iin.len() > limits.longest_iin) {
        let message = format!("must not be longer than {} digits", limits.longest_iin);
        return Err(BodyError::invalid(message).in_field("iin"));
    }
    let two_digits = digits(&method.exp_month, 2).and_then(|month| u8::try_from(month).ok());
    let four_digits = digits(&method.exp_year, 4);
    Ok(DelegatedCard {
        kind: method.card_number_type.into(),
        number: method.number.0,
        expiry: Some(CardExpiry {
            month: two_digits
                .ok_or_else(|| BodyError::invalid("must be two digits, 01 to 12").in_field("exp_month"))?,
            year: four_digits.ok_or_else(|| BodyError::invalid("must be four digits").in_field("exp_year"))?,
        }),
        holder: method.name.map(|name| name.0),
        security_code: method.cvc.map(|code| code.0),
        cryptogram: method.cryptogram.map(|value| value.0),
        eci: method.eci_value.map(|eci| eci.0),
        display: CardDisplay {
            brand: method.display_brand,
            last4: method.display_last4,
            funding: Some(method.display_card_funding_type.name().to_owned()),
            iin: method.iin,
            wallet: method.display_wallet_type,
            ..CardDisplay::default()
        },
    })
}

impl PaymentMethodCard {
    /// What the agent says of the card beyond its display: signals of its source, for the merchant's risk rules.
    fn described(&self) -> impl Iterator<Item = RiskSignal> + '_ {
        let is_virtual = self.is_virtual.map(|it| signal("virtual", Some(it.to_string()), None));
        is_virtual.into_iter().chain(metadata_signals(&self.metadata))
    }
}

fn performed(check: Check) -> CardCheck {
    made_check(match check {
        Check::Avs => "avs",
        Check::Cvv => "cvc",
        Check::Ani => "ani",
        Check::Auth0 => "auth0",
    })
}

fn risk_signal(told: &WireRiskSignal) -> RiskSignal {
    let kind = match told.kind {
        RiskKind::CardTesting => "card_testing",
    };
    signal(kind, Some(told.score.to_string()), Some(told.action.name()))
}

/// The limits of the schema `Address`, in characters.
fn billing(address: Address) -> Result<contact::Address, BodyError> {
    let address = contact::Address::from(address);
    for (field, text, most) in [
        ("name", &address.name, 256),
        ("line_one", &address.line_one, 60),
        ("line_two", &address.line_two, 60),
        ("city", &address.city, 60),
        ("country", &address.country, 2),
        ("postal_code", &address.postal_code, 20),
    ] {
        if text.chars().count() > most {
            return Err(BodyError::invalid(format!("must not be longer than {most} characters")).in_field(field));
        }
        refuse_card_number(text).map_err(|error| error.in_field(field))?;
    }
    refuse_card_number(&address.region).map_err(|error| error.in_field("state"))?;
    Ok(address)
}
