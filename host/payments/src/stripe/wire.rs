//! Stripe's objects, as far as they are read. Unknown fields are ignored, as Stripe asks of its clients.

mod credentials;
mod risk;
#[cfg(test)]
mod tests;
mod usage;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use credentials::Credentials;
use usage::{ReadUsage, UsageDetails, UsageLimits};

use crate::report::{PaymentReport, ReportedOutcome};
use crate::token::{GrantedToken, TokenError};
use tillhouse_checkout::credential::{CardDisplay, Credential};
use tillhouse_checkout::ids::TokenId;
use tillhouse_checkout::party_units::Party;
use tillhouse_checkout::time::Timestamp;

/// Digits of an issuer's number (ISO/IEC 7812). A longer one could be a card's.
const MAX_IIN: usize = 8;

/// Bytes of what is only shown.
const LONGEST_SHOWN: usize = 256;

#[derive(Deserialize)]
struct Token {
    id: String,
    #[serde(default)]
    livemode: bool,
    deactivated_at: Option<u64>,
    deactivated_reason: Option<String>,
    #[serde(default, deserialize_with = "text_or_type")]
    next_action: Option<String>,
    payment_method_details: Option<Details>,
    usage_details: Option<UsageDetails>,
    usage_limits: Option<UsageLimits>,
    agent_details: Option<AgentDetails>,
    risk_details: Option<Value>,
}

#[derive(Deserialize)]
struct Details {
    #[serde(rename = "type")]
    kind: Option<String>,
    card: Option<Card>,
    /// Credentials where the prose of Stripe's guide puts them; its JSON sample puts them on the card.
    credentials: Option<Credentials>,
}

#[derive(Deserialize)]
struct Card {
    credentials: Option<Credentials>,
    #[serde(default, deserialize_with = "text_or_type")]
    brand: Option<String>,
    #[serde(default, deserialize_with = "text_or_type")]
    country: Option<String>,
    #[serde(default, deserialize_with = "number_or_text")]
    exp_month: Option<u8>,
    #[serde(default, deserialize_with = "number_or_text")]
    exp_year: Option<u16>,
    #[serde(default, deserialize_with = "text_or_type")]
    funding: Option<String>,
    #[serde(default, deserialize_with = "text_or_type")]
    last4: Option<String>,
    #[serde(default, deserialize_with = "text_or_type")]
    fingerprint: Option<String>,
    #[serde(default, deserialize_with = "text_or_type")]
    iin: Option<String>,
    #[serde(default, deserialize_with = "text_or_type")]
    wallet: Option<String>,
    checks: Option<Value>,
}

#[derive(Deserialize)]
struct AgentDetails {
    network_business_profile: Option<String>,
    #[serde(default, deserialize_with = "text_or_type")]
    name: Option<String>,
}

#[derive(Deserialize)]
struct Record {
    id: String,
}

/// A page of payment records.
#[derive(Deserialize)]
pub(super) struct Records {
    data: Vec<ListedRecord>,
    #[serde(default)]
    pub(super) has_more: bool,
}

/// A payment record, as far as it is compared.
#[derive(Deserialize)]
pub(super) struct ListedRecord {
    pub(super) id: String,
    #[serde(default)]
    created: u64,
    processor_details: Option<ProcessorDetails>,
    amount_guaranteed: Option<Recorded>,
    amount_failed: Option<Recorded>,
    amount_canceled: Option<Recorded>,
    amount_refunded: Option<Recorded>,
}

impl ListedRecord {
    /// What was refunded of the payment, in Stripe's units.
    pub(super) fn refunded(&self) -> i64 {
        self.amount_refunded.as_ref().map_or(0, |amount| amount.value)
    }
}

#[derive(Deserialize)]
struct Recorded {
    value: i64,
}

#[derive(Deserialize)]
struct ProcessorDetails {
    custom: Option<CustomProcessor>,
}

#[derive(Deserialize)]
struct CustomProcessor {
    payment_reference: Option<String>,
}

impl Records {
    /// The record of this very payment with this outcome.
    pub(super) fn take(&mut self, report: &PaymentReport) -> Option<ListedRecord> {
        let is_it = |record: &ListedRecord| {
            let custom = record
                .processor_details
                .as_ref()
                .and_then(|details| details.custom.as_ref());
            let reference = custom.and_then(|custom| custom.payment_reference.as_deref());
            let amount = match report.outcome {
                ReportedOutcome::Guaranteed => &record.amount_guaranteed,
                ReportedOutcome::Failed => &record.amount_failed,
                ReportedOutcome::Canceled => &record.amount_canceled,
            };
            let value = amount.as_ref().map(|amount| amount.value);
            let reported = Party::Stripe.amount(report.amount).ok();
            reference == Some(report.reference.as_str()) && value.is_some() && value == reported
        };
        let at = self.data.iter().position(is_it)?;
        Some(self.data.swap_remove(at))
    }

    /// Whether the oldest record of the page is older than this time.
    pub(super) fn ends_before(&self, then: Timestamp) -> bool {
        self.data.last().is_some_and(|record| record.created < then.seconds())
    }

    /// Id after which the next page begins; `None` on the last page.
    pub(super) fn last(&self) -> Option<String> {
        self.data.last().map(|record| record.id.clone())
    }
}

/// Reads a single payment record.
pub(super) fn record(body: &[u8]) -> Result<ListedRecord, TokenError> {
    read(body)
}

/// A page of payment records.
pub(super) fn records(body: &[u8]) -> Result<Records, TokenError> {
    read(body)
}

#[derive(Deserialize)]
struct Envelope {
    error: Problem,
}

#[derive(Deserialize)]
struct Problem {
    #[serde(rename = "type")]
    kind: Option<String>,
    code: Option<String>,
    message: Option<String>,
}

fn read<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, TokenError> {
    serde_json::from_slice(body).map_err(|error| unreadable(&error))
}

/// The parser's message may quote what it read, and what it read may be a card: say where, not what.
fn unreadable(error: &serde_json::Error) -> TokenError {
    TokenError::Unavailable {
        detail: format!(
            "Stripe's answer does not parse at line {}, column {}",
            error.line(),
            error.column()
        ),
        retry_after: None,
    }
}

pub(super) fn granted_token(body: &[u8]) -> Result<GrantedToken, TokenError> {
    let token: Token = read(body)?;
    let unusable = |what: &str| TokenError::Unavailable {
        detail: format!("Stripe's token has no usable {what}"),
        retry_after: None,
    };
    let usage = ReadUsage::of(token.usage_limits, token.usage_details).map_err(unusable)?;
    let deactivated = match (token.deactivated_at, token.deactivated_reason) {
        (None, None) => None,
        (_, Some(reason)) => Some(reason),
        (Some(_), None) => Some("deactivated".to_owned()),
    };
    let (method, card, credentials) = token.payment_method_details.map_or((None, None, None), |details| {
        (details.kind, details.card, details.credentials)
    });
    let on_card = card.as_ref().and_then(|card| card.credentials.as_ref());
    let forms = on_card
        .or(credentials.as_ref())
        .map(Credentials::forms)
        .unwrap_or_default();
    let checks = card.as_ref().and_then(|card| card.checks.as_ref());
    let (agent_profile, agent_name) = token
        .agent_details
        .map_or((None, None), |agent| (agent.network_business_profile, agent.name));
    Ok(GrantedToken {
        session: None,
        billing: None,
        id: TokenId::new(token.id),
        livemode: token.livemode,
        deactivated,
        next_action: token.next_action,
        expires: usage.expires,
        currency: usage.currency,
        max_amount: usage.most,
        captured: usage.captured,
        method,
        forms,
        signals: token.risk_details.as_ref().map(risk::signals).unwrap_or_default(),
        checks: checks.map(risk::checks).unwrap_or_default(),
        card: card.map(display).unwrap_or_default(),
        agent_profile,
        agent_name,
    })
}

fn display(card: Card) -> CardDisplay {
    CardDisplay {
        brand: card.brand,
        last4: card.last4,
        funding: card.funding,
        country: card.country,
        exp_month: card.exp_month,
        exp_year: card.exp_year,
        fingerprint: card.fingerprint,
        iin: card.iin.filter(|iin| iin.len() <= MAX_IIN),
        wallet: card.wallet,
    }
}

/// A text, or the type of an object. Stripe documents these members in preview only, and they are only shown: in any other form, or
/// too long, they are left out, and prevent no payment.
fn text_or_type<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = match Value::deserialize(deserializer)? {
        Value::String(text) => Some(text),
        Value::Object(object) => object.get("type").and_then(Value::as_str).map(str::to_owned),
        _ => None,
    };
    Ok(text.filter(|text| text.len() <= LONGEST_SHOWN))
}

/// A whole number, or a text of one; in any other form it is left out, because it is only shown.
fn number_or_text<'de, D: Deserializer<'de>, N: TryFrom<u64>>(deserializer: D) -> Result<Option<N>, D::Error> {
    let number = match Value::deserialize(deserializer)? {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    Ok(number.and_then(|number| N::try_from(number).ok()))
}

/// The credential of a resolved token.
///
/// # Errors
/// [`TokenError::NoCredential`] for an answer without a card that can be charged: another call would get the same.
pub(super) fn credential(body: &[u8]) -> Result<Credential, TokenError> {
    let token: Token = serde_json::from_slice(body).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => TokenError::NoCredential("the answer has another form than documented"),
        _ => unreadable(&error),
    })?;
    let details = token.payment_method_details;
    let Details { card, credentials, .. } = details.ok_or(TokenError::NoCredential("it has no payment method"))?;
    let mut card = card;
    let on_card = card.as_mut().and_then(|card| card.credentials.take());
    let credentials = on_card.or(credentials);
    let credentials = credentials.ok_or(TokenError::NoCredential("it has no credentials"))?;
    let kind = credentials.kind().to_owned();
    let slots = credentials.into_slots().map_err(TokenError::NoCredential)?;
    Ok(Credential {
        kind,
        display: card.map(display).unwrap_or_default(),
        slots,
    })
}

pub(super) fn record_id(body: &[u8]) -> Result<String, TokenError> {
    read::<Record>(body).map(|record| record.id)
}

/// Code and message of an error envelope.
pub(super) fn error(body: &[u8]) -> (String, String) {
    let problem = serde_json::from_slice::<Envelope>(body)
        .ok()
        .map(|envelope| envelope.error);
    problem.map_or_else(
        || ("unreadable".to_owned(), String::new()),
        |problem| {
            let code = problem.code.or(problem.kind).unwrap_or_default();
            (code, problem.message.unwrap_or_default())
        },
    )
}
