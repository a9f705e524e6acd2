//! Stripe's objects, as far as they are read. Unknown fields are ignored, as Stripe asks of its clients.

#[cfg(test)]
mod tests;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::report::{PaymentReport, ReportedOutcome};
use crate::token::{GrantedToken, TokenError};
use tillhouse_checkout::credential::{CardDisplay, Credential};
use tillhouse_checkout::ids::TokenId;
use tillhouse_checkout::money::{Amount, Currency};
use tillhouse_checkout::secret::Secret;
use tillhouse_checkout::time::Timestamp;

/// Digits of an issuer's number (ISO/IEC 7812). A longer one could be a card's.
const MAX_IIN: usize = 8;

#[derive(Deserialize)]
struct Token {
    id: String,
    #[serde(default)]
    livemode: bool,
    deactivated_at: Option<u64>,
    deactivated_reason: Option<String>,
    payment_method_details: Option<Details>,
    usage_details: Option<UsageDetails>,
    usage_limits: Option<UsageLimits>,
    agent_details: Option<AgentDetails>,
}

#[derive(Deserialize)]
struct Details {
    card: Option<Card>,
    /// Credentials where the prose of Stripe's guide puts them; its JSON sample puts them on the card.
    credentials: Option<Credentials>,
}

#[derive(Deserialize)]
struct Card {
    credentials: Option<Credentials>,
    brand: Option<String>,
    country: Option<String>,
    exp_month: Option<u8>,
    exp_year: Option<u16>,
    funding: Option<String>,
    last4: Option<String>,
    #[serde(default, deserialize_with = "text_or_type")]
    fingerprint: Option<String>,
    #[serde(default, deserialize_with = "text_or_type")]
    iin: Option<String>,
    #[serde(default, deserialize_with = "text_or_type")]
    wallet: Option<String>,
}

#[derive(Deserialize)]
struct Credentials {
    #[serde(rename = "type")]
    kind: String,
    dpan: Option<NetworkToken>,
    agentic_token: Option<NetworkToken>,
}

#[derive(Deserialize)]
struct NetworkToken {
    number: Option<Hidden>,
    exp_month: Option<Hidden>,
    exp_year: Option<Hidden>,
    cryptogram: Option<Cryptogram>,
    encrypted: Option<Encrypted>,
}

#[derive(Deserialize)]
struct Cryptogram {
    value: Hidden,
    #[serde(rename = "type")]
    kind: Hidden,
    eci: Option<Hidden>,
}

#[derive(Deserialize)]
struct Encrypted {
    encryption_type: Hidden,
    encryption_block: Hidden,
    encryption_block_fields: Option<Hidden>,
    key_id: Option<Hidden>,
}

/// A string that is read from Stripe's response into memory that is wiped, and nowhere else.
struct Hidden(Secret);

impl<'de> Deserialize<'de> for Hidden {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Secret::new(text)))
    }
}

#[derive(Deserialize)]
struct UsageDetails {
    amount_captured: Option<Captured>,
}

#[derive(Deserialize)]
struct Captured {
    value: i64,
}

#[derive(Deserialize)]
struct UsageLimits {
    currency: Option<String>,
    expires_at: Option<u64>,
    max_amount: Option<i64>,
}

#[derive(Deserialize)]
struct AgentDetails {
    network_business_profile: Option<String>,
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

#[derive(Deserialize)]
struct ListedRecord {
    id: String,
    #[serde(default)]
    created: u64,
    processor_details: Option<ProcessorDetails>,
    amount_guaranteed: Option<Recorded>,
    amount_failed: Option<Recorded>,
    amount_canceled: Option<Recorded>,
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
    pub(super) fn find(&self, report: &PaymentReport) -> Option<String> {
        let is_it = |record: &&ListedRecord| {
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
            reference == Some(report.reference.as_str()) && value == Some(report.amount.amount.minor())
        };
        self.data.iter().find(is_it).map(|record| record.id.clone())
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
    // The parser's message may quote what it read, and what it read may be a card: say where, not what.
    serde_json::from_slice(body).map_err(|error| TokenError::Unavailable {
        detail: format!(
            "Stripe's answer does not parse at line {}, column {}",
            error.line(),
            error.column()
        ),
        retry_after: None,
    })
}

pub(super) fn granted_token(body: &[u8]) -> Result<GrantedToken, TokenError> {
    let token: Token = read(body)?;
    let unusable = |what: &str| TokenError::Unavailable {
        detail: format!("Stripe's token has no usable {what}"),
        retry_after: None,
    };
    let limits = token.usage_limits;
    let (currency, expires, most) = limits.map_or((None, None, None), |limits| {
        (limits.currency, limits.expires_at, limits.max_amount)
    });
    let captured = token
        .usage_details
        .and_then(|usage| usage.amount_captured)
        .map_or(0, |captured| captured.value);
    let deactivated = match (token.deactivated_at, token.deactivated_reason) {
        (None, None) => None,
        (_, Some(reason)) => Some(reason),
        (Some(_), None) => Some("deactivated".to_owned()),
    };
    Ok(GrantedToken {
        id: TokenId::new(token.id),
        livemode: token.livemode,
        deactivated,
        expires: expires.map(|seconds| Timestamp(seconds.saturating_mul(1000))),
        currency: currency
            .map(|code| Currency::new(&code))
            .transpose()
            .map_err(|_| unusable("currency"))?,
        max_amount: most.map(Amount::new).transpose().map_err(|_| unusable("limit"))?,
        captured: Amount::new(captured).map_err(|_| unusable("captured amount"))?,
        card: token
            .payment_method_details
            .and_then(|details| details.card)
            .map(display)
            .unwrap_or_default(),
        agent_profile: token.agent_details.and_then(|agent| agent.network_business_profile),
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

/// A text, or the type of an object. Stripe documents these members in preview only, and they are only shown: in any other form they
/// are left out, and prevent no payment.
fn text_or_type<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => Some(text),
        Value::Object(object) => object.get("type").and_then(Value::as_str).map(str::to_owned),
        _ => None,
    })
}

pub(super) fn credential(body: &[u8]) -> Result<Credential, TokenError> {
    let token: Token = read(body)?;
    let none = || TokenError::Refused {
        status: 200,
        code: "no_credentials".to_owned(),
        message: "Stripe resolved the token and gave no card credentials".to_owned(),
    };
    let details = token.payment_method_details.ok_or_else(none)?;
    let Details { card, credentials } = details;
    let mut card = card;
    let on_card = card.as_mut().and_then(|card| card.credentials.take());
    let credentials = on_card.or(credentials).ok_or_else(none)?;
    let network = match credentials.kind.as_str() {
        "dpan" => credentials.dpan,
        "agentic_token" => credentials.agentic_token,
        _ => credentials.dpan.or(credentials.agentic_token),
    };
    let mut slots = Vec::new();
    let mut put = |slot: &'static str, value: Option<Hidden>| slots.extend(value.map(|Hidden(secret)| (slot, secret)));
    let network = network.ok_or_else(none)?;
    put("number", network.number);
    put("exp-month", network.exp_month);
    put("exp-year", network.exp_year);
    if let Some(cryptogram) = network.cryptogram {
        put("cryptogram", Some(cryptogram.value));
        put("cryptogram-type", Some(cryptogram.kind));
        put("eci", cryptogram.eci);
    }
    if let Some(encrypted) = network.encrypted {
        put("encryption-type", Some(encrypted.encryption_type));
        put("encrypted-block", Some(encrypted.encryption_block));
        put("encrypted-block-fields", encrypted.encryption_block_fields);
        put("encryption-key-id", encrypted.key_id);
    }
    Ok(Credential {
        kind: credentials.kind,
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
