//! ACP's `delegate_payment`, as a payment service provider serves it: an agent delegates a card, and gets a shared payment token for one
//! checkout (`openapi.delegate_payment.yaml`). The token is one of Stripe's, so that a seller resolves it like any other.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::json;

use super::delegation_error::{key_required, malformed, unusable};
use super::granted_token::VaultedCard;
use super::issue::Issue;
use super::ledger::Ledger;
use super::units;
use crate::acp_error::AcpError;
use crate::answer::JsonAnswer;
use crate::card::{CredentialKind, has_card_shape};
use crate::money::{Amount, Currency};

/// The releases of ACP that are served.
pub(super) const RELEASES: [&str; 5] = ["2025-09-29", "2025-12-12", "2026-01-16", "2026-01-30", "2026-04-17"];
/// The release that wants no risk signal, and an idempotency key.
const NEWEST: &str = "2026-04-17";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    payment_method: PaymentMethod,
    allowance: Allowance,
    #[serde(rename = "billing_address")]
    _billing_address: Option<IgnoredAny>,
    risk_signals: Vec<RiskSignal>,
    metadata: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PaymentMethod {
    r#type: String,
    card_number_type: String,
    number: String,
    exp_month: String,
    exp_year: String,
    #[serde(rename = "display_card_funding_type")]
    _funding: String,
    #[serde(rename = "metadata")]
    _metadata: BTreeMap<String, String>,
    #[serde(rename = "name")]
    _name: Option<String>,
    cvc: Option<String>,
    #[serde(rename = "cryptogram")]
    _cryptogram: Option<String>,
    #[serde(rename = "eci_value")]
    _eci_value: Option<String>,
    #[serde(rename = "checks_performed")]
    _checks_performed: Option<Vec<String>>,
    #[serde(rename = "iin")]
    _iin: Option<String>,
    #[serde(rename = "display_wallet_type")]
    _wallet: Option<String>,
    #[serde(rename = "display_brand")]
    _brand: Option<String>,
    #[serde(rename = "display_last4")]
    _last4: Option<String>,
    #[serde(rename = "virtual")]
    _virtual: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Allowance {
    reason: String,
    max_amount: i64,
    currency: String,
    checkout_session_id: String,
    merchant_id: String,
    expires_at: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RiskSignal {
    #[serde(rename = "type")]
    _type: String,
    #[serde(rename = "score")]
    _score: i64,
    action: String,
}

/// Issues a token for the card in a body. `key` is the idempotency key of the request.
///
/// # Errors
/// The first member that is missing, malformed or unknown. No message quotes the card.
pub(super) fn delegate(
    ledger: &mut Ledger,
    body: &[u8],
    release: &str,
    key: Option<&str>,
    now: i64,
) -> Result<JsonAnswer, AcpError> {
    if release == NEWEST && key.is_none() {
        return Err(key_required());
    }
    let body = parse(body)?;
    if release != NEWEST && body.risk_signals.is_empty() {
        return Err(malformed("$.risk_signals", "must have an entry"));
    }
    if body.risk_signals.iter().any(|signal| signal.action == "blocked") {
        return Err(unusable("$.risk_signals", "the agent's own signals block this card"));
    }
    let card = card(&body.payment_method)?;
    let token = ledger.issue(issue(card, &body.allowance, now)?, now);
    let mut metadata = body.metadata;
    metadata.insert("merchant_id".to_owned(), body.allowance.merchant_id);
    metadata.insert("checkout_session_id".to_owned(), body.allowance.checkout_session_id);
    metadata.extend(key.map(|key| ("idempotency_key".to_owned(), key.to_owned())));
    let created = Timestamp::from_second(now).unwrap_or_default().to_string();
    let answer = json!({"id": token.get("id"), "created": created, "metadata": metadata});
    Ok(JsonAnswer::new(StatusCode::CREATED, answer))
}

fn card(method: &PaymentMethod) -> Result<VaultedCard, AcpError> {
    if method.r#type != "card" {
        return Err(malformed("$.payment_method.type", "must be card"));
    }
    let credential = match method.card_number_type.as_str() {
        "fpan" | "network_token" => CredentialKind::Dpan,
        _ => {
            let path = "$.payment_method.card_number_type";
            return Err(malformed(path, "must be fpan or network_token"));
        }
    };
    if !has_card_shape(&method.number) {
        return Err(unusable("$.payment_method.number", "must be 12 to 19 digits"));
    }
    let is_code = |code: &String| matches!(code.len(), 3 | 4) && code.bytes().all(|byte| byte.is_ascii_digit());
    if !method.cvc.as_ref().is_none_or(is_code) {
        return Err(unusable("$.payment_method.cvc", "must be 3 or 4 digits"));
    }
    let month = method
        .exp_month
        .parse()
        .ok()
        .filter(|month: &u8| (1..=12).contains(month));
    let year = method
        .exp_year
        .parse()
        .ok()
        .filter(|year: &u16| (2000..=2999).contains(year));
    Ok(VaultedCard {
        number: method.number.clone(),
        exp_month: month.ok_or_else(|| unusable("$.payment_method.exp_month", "must be 01 to 12"))?,
        exp_year: year.ok_or_else(|| unusable("$.payment_method.exp_year", "must have four digits"))?,
        credential,
    })
}

/// The token for a card, with the limits of the allowance.
fn issue(card: VaultedCard, allowance: &Allowance, now: i64) -> Result<Issue, AcpError> {
    let of_allowance = |field: &str, message: &str| malformed(&format!("$.allowance.{field}"), message);
    if allowance.reason != "one_time" {
        return Err(of_allowance("reason", "must be one_time"));
    }
    let is_lower = allowance.currency.bytes().all(|byte| byte.is_ascii_lowercase());
    let currency = Currency::parse(&allowance.currency).filter(|_| is_lower);
    let currency = currency.ok_or_else(|| of_allowance("currency", "must be an ISO 4217 code in lower case"))?;
    let expires: Option<Timestamp> = allowance.expires_at.parse().ok();
    let expires = expires.ok_or_else(|| of_allowance("expires_at", "must be a time in RFC 3339 format"))?;
    if expires.as_second() <= now {
        return Err(unusable("$.allowance.expires_at", "must be in the future"));
    }
    if allowance.max_amount <= 0 {
        return Err(unusable("$.allowance.max_amount", "must be more than 0"));
    }
    Ok(Issue {
        card,
        max_amount: units::of_minor(&Amount::new(allowance.max_amount, &currency)).value,
        currency,
        expires_at: Some(expires.as_second()),
    })
}

fn parse(body: &[u8]) -> Result<Body, AcpError> {
    // The parser's own message may quote a value.
    serde_json::from_slice(body).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        malformed(
            "$",
            format!("the body does not fit the schema: line {line}, column {column}"),
        )
    })
}
