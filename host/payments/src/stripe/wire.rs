//! Stripe's objects, as far as they are read. Unknown fields are ignored, as Stripe asks of its clients.

use serde::{Deserialize, Deserializer};

use crate::report::{PaymentReport, ReportedOutcome};
use crate::token::{GrantedToken, TokenError};
use tillhouse_checkout::credential::{CardDisplay, Credential};
use tillhouse_checkout::ids::TokenId;
use tillhouse_checkout::money::{Amount, Currency};
use tillhouse_checkout::secret::Secret;
use tillhouse_checkout::time::Timestamp;

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
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The sample of Stripe's guide, with values for its optional fields.
    const RESOLVED: &str = r#"{
        "id": "spt_123", "object": "shared_payment.granted_token", "created": 1, "livemode": true,
        "deactivated_at": null, "deactivated_reason": null, "shared_metadata": {},
        "payment_method_details": {"type": "card", "card": {
            "credentials": {"type": "agentic_token", "agentic_token": {
                "number": "4242424242424242", "exp_month": "09", "exp_year": "2029",
                "cryptogram": {"value": "AbC=", "type": "TAVV", "eci": "07"}}},
            "brand": "visa", "country": "US", "exp_month": 9, "exp_year": 2029, "funding": "credit", "last4": "5627"}},
        "usage_details": {"amount_captured": {"value": 1000, "currency": "usd"}},
        "usage_limits": {"currency": "usd", "expires_at": 1234567890, "max_amount": 10000},
        "agent_details": {"name": "Agent", "network_business_profile": "profile_1234"}}"#;

    #[test]
    fn a_resolved_token_becomes_slots_and_a_display() {
        let credential = credential(RESOLVED.as_bytes()).unwrap();
        assert_eq!(credential.kind, "agentic_token");
        assert_eq!(credential.display.last4.as_deref(), Some("5627"));
        let names: Vec<_> = credential.slots.iter().map(|(name, _)| *name).collect();
        assert_eq!(
            names,
            [
                "number",
                "exp-month",
                "exp-year",
                "cryptogram",
                "cryptogram-type",
                "eci"
            ]
        );
        assert_eq!(credential.slot("number").map(Secret::reveal), Some("4242424242424242"));
        assert!(!format!("{credential:?}").contains("4242424242424242"));
    }

    #[test]
    fn the_credentials_are_also_found_where_the_prose_puts_them() {
        let moved = r#"{"id": "spt_1", "payment_method_details": {
            "credentials": {"type": "dpan", "dpan": {"number": "4242424242424242"}}}}"#;
        assert_eq!(credential(moved.as_bytes()).unwrap().kind, "dpan");
    }

    #[test]
    fn limits_and_use_are_read() {
        let token = granted_token(RESOLVED.as_bytes()).unwrap();
        assert_eq!(token.max_amount.map(Amount::minor), Some(10000));
        assert_eq!(token.captured.minor(), 1000);
        assert_eq!(token.expires.map(Timestamp::seconds), Some(1_234_567_890));
        assert_eq!(token.agent_profile.as_deref(), Some("profile_1234"));
    }

    #[test]
    fn an_answer_that_does_not_parse_is_not_quoted() {
        let error = credential(br#"{"id": 4242424242424242}"#).unwrap_err();
        assert!(!error.to_string().contains("4242"), "{error}");
    }
}
