//! The body of a delegation, member by member, so that an error names the member.

use jiff::Timestamp;
use serde_json::Value;

use super::error::VaultError;
use crate::card::{TestCard, has_card_shape, last4};
use crate::money::{Amount, Currency, MAX_AMOUNT};

/// A delegated card with what it may be used for.
#[derive(Debug)]
pub(super) struct Delegation {
    pub(super) card: Option<&'static TestCard>,
    pub(super) last4: String,
    pub(super) good_through: Option<(i64, i64)>,
    pub(super) max_amount: Amount,
    pub(super) checkout_session_id: String,
    pub(super) merchant_id: String,
    pub(super) expires_at: Timestamp,
}

impl Delegation {
    /// # Errors
    /// The first member that is missing, malformed or refused.
    pub(super) fn read(body: &[u8], now: i64) -> Result<Self, VaultError> {
        let body: Value =
            serde_json::from_slice(body).map_err(|_| VaultError::invalid("$", "is not a JSON object."))?;
        for name in ["line_one", "city", "country", "postal_code", "name"] {
            text(&body, &format!("billing_address.{name}"))?;
        }
        object(&body, "metadata")?;
        risk(&body)?;
        let method = card(&body)?;
        allowance(&body, method, now)
    }
}

/// Number, known test card and last month of the card.
type ReadCard = (Option<&'static TestCard>, String, Option<(i64, i64)>);

fn card(body: &Value) -> Result<ReadCard, VaultError> {
    one_of(body, "payment_method.type", &["card"])?;
    one_of(body, "payment_method.card_number_type", &["fpan", "network_token"])?;
    object(body, "payment_method.metadata")?;
    let number = text(body, "payment_method.number")?;
    if !has_card_shape(number) || !passes_luhn(number) {
        return Err(VaultError::invalid(
            "payment_method.number",
            "must be a card number of 12 to 19 digits.",
        ));
    }
    let is_code = |code: &&str| matches!(code.len(), 3 | 4) && code.bytes().all(|byte| byte.is_ascii_digit());
    if optional_text(body, "payment_method.cvc")?.is_some_and(|code| !is_code(&code)) {
        return Err(VaultError::invalid("payment_method.cvc", "must be 3 or 4 digits."));
    }
    Ok((TestCard::by_number(number), last4(number), good_through(body)?))
}

fn good_through(body: &Value) -> Result<Option<(i64, i64)>, VaultError> {
    let part = |path: &str, digits: usize, allowed: std::ops::RangeInclusive<i64>, rule: &str| {
        let Some(text) = optional_text(body, path)? else {
            return Ok(None);
        };
        let number = text.parse().ok().filter(|number| allowed.contains(number));
        let number = number.filter(|_| text.len() == digits);
        number.map(Some).ok_or_else(|| VaultError::invalid(path, rule))
    };
    let month = part("payment_method.exp_month", 2, 1..=12, "must be 01 to 12.")?;
    let year = part("payment_method.exp_year", 4, 2000..=2999, "must have four digits.")?;
    Ok(year.zip(month))
}

fn allowance(body: &Value, method: ReadCard, now: i64) -> Result<Delegation, VaultError> {
    one_of(body, "allowance.reason", &["one_time"])?;
    let (card, last4, good_through) = method;
    if good_through.is_some_and(|month| month < crate::clock::year_and_month(now)) {
        return Err(VaultError::invalid(
            "payment_method.exp_year",
            "is over: the card has expired.",
        ));
    }
    let value = body.pointer("/allowance/max_amount").and_then(Value::as_i64);
    let value = value.filter(|value| (1..=MAX_AMOUNT).contains(value));
    let value = value.ok_or_else(|| VaultError::invalid("allowance.max_amount", "must be a whole number above 0."))?;
    let currency = Currency::parse(text(body, "allowance.currency")?);
    let currency = currency.ok_or_else(|| VaultError::invalid("allowance.currency", "must be an ISO 4217 code."))?;
    let expires_at: Option<Timestamp> = text(body, "allowance.expires_at")?.parse().ok();
    let expires_at =
        expires_at.ok_or_else(|| VaultError::invalid("allowance.expires_at", "must be a time in RFC 3339 format."))?;
    if expires_at.as_second() <= now {
        return Err(VaultError::invalid("allowance.expires_at", "must be in the future."));
    }
    Ok(Delegation {
        card,
        last4,
        good_through,
        max_amount: Amount { value, currency },
        checkout_session_id: text(body, "allowance.checkout_session_id")?.to_owned(),
        merchant_id: text(body, "allowance.merchant_id")?.to_owned(),
        expires_at,
    })
}

/// One object of signals; the card is not vaulted if they block it.
fn risk(body: &Value) -> Result<(), VaultError> {
    text(body, "risk_signals.type")?;
    if !body.pointer("/risk_signals/score").is_some_and(Value::is_i64) {
        return Err(VaultError::invalid("risk_signals.score", "must be a whole number."));
    }
    let action = one_of(body, "risk_signals.action", &["blocked", "manual_review", "authorized"])?;
    if action == "blocked" {
        return Err(VaultError::invalid("risk_signals.action", "blocks this card."));
    }
    Ok(())
}

/// A member by its dotted path; null counts as absent.
fn member<'a>(body: &'a Value, path: &str) -> Option<&'a Value> {
    let pointer = format!("/{}", path.replace('.', "/"));
    body.pointer(&pointer).filter(|value| !value.is_null())
}

fn optional_text<'a>(body: &'a Value, path: &str) -> Result<Option<&'a str>, VaultError> {
    match member(body, path) {
        None => Ok(None),
        Some(Value::String(text)) if !text.is_empty() => Ok(Some(text)),
        Some(_) => Err(VaultError::invalid(path, "must be a text that is not empty.")),
    }
}

fn text<'a>(body: &'a Value, path: &str) -> Result<&'a str, VaultError> {
    optional_text(body, path)?.ok_or_else(|| VaultError::invalid(path, "is required."))
}

fn one_of<'a>(body: &'a Value, path: &str, allowed: &[&str]) -> Result<&'a str, VaultError> {
    let value = text(body, path)?;
    let rule = || format!("must be one of: {}.", allowed.join(", "));
    if allowed.contains(&value) {
        Ok(value)
    } else {
        Err(VaultError::invalid(path, &rule()))
    }
}

fn object(body: &Value, path: &str) -> Result<(), VaultError> {
    match member(body, path) {
        Some(Value::Object(_)) => Ok(()),
        _ => Err(VaultError::invalid(path, "must be an object.")),
    }
}

/// The check digit of ISO/IEC 7812-1.
fn passes_luhn(number: &str) -> bool {
    let digits = number.bytes().rev().map(|byte| u32::from(byte - b'0'));
    let weighed = digits.enumerate().map(|(index, digit)| match (index % 2, digit) {
        (0, digit) => digit,
        (_, digit) if digit > 4 => 2 * digit - 9,
        (_, digit) => 2 * digit,
    });
    weighed.sum::<u32>() % 10 == 0
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::card::TEST_CARDS;

    /// The time 2026-01-01T00:00:00Z, before the examples of Adyen expire.
    const NOW: i64 = 1_767_225_600;

    fn body() -> Value {
        json!({
            "payment_method": {
                "type": "card", "card_number_type": "fpan", "number": "4111111111111111", "exp_month": "03",
                "exp_year": "2030", "name": "Simon Hopper", "cvc": "737", "metadata": {},
            },
            "allowance": {
                "reason": "one_time", "max_amount": 5000, "currency": "USD", "checkout_session_id": "cs_1",
                "merchant_id": "ADYEN_MERCHANT_ACCOUNT", "expires_at": "2026-05-01T12:00:00Z",
            },
            "billing_address": {
                "name": "Simon Hopper", "line_one": "123 Market St", "city": "San Francisco", "state": "CA",
                "country": "US", "postal_code": "94103",
            },
            "risk_signals": {"type": "platform_score", "score": 10, "action": "authorized"},
            "metadata": {},
        })
    }

    fn refused(body: &Value) -> String {
        let error = Delegation::read(body.to_string().as_bytes(), NOW).unwrap_err();
        error.into_answer().body["param"].as_str().unwrap().to_owned()
    }

    #[test]
    fn a_complete_body_is_read() {
        let read = Delegation::read(body().to_string().as_bytes(), NOW).unwrap();
        assert_eq!((read.max_amount, read.last4.as_str()), (Amount::usd(5_000), "1111"));
        assert_eq!(read.good_through, Some((2030, 3)));
    }

    #[test]
    fn each_required_member_is_named_when_it_is_absent() {
        let required = [
            "payment_method.type",
            "payment_method.card_number_type",
            "payment_method.number",
            "payment_method.metadata",
            "allowance.reason",
            "allowance.max_amount",
            "allowance.currency",
            "allowance.checkout_session_id",
            "allowance.merchant_id",
            "allowance.expires_at",
            "billing_address.name",
            "billing_address.line_one",
            "billing_address.city",
            "billing_address.country",
            "billing_address.postal_code",
            "risk_signals.type",
            "risk_signals.score",
            "risk_signals.action",
            "metadata",
        ];
        for path in required {
            let mut body = body();
            *body.pointer_mut(&format!("/{}", path.replace('.', "/"))).unwrap() = Value::Null;
            assert_eq!(refused(&body), path);
        }
    }

    #[test]
    fn malformed_and_blocked_values_are_refused() {
        for (path, value) in [
            ("payment_method.number", json!("4111111111111112")),
            ("payment_method.number", json!("4111 1111 1111 1111")),
            ("payment_method.exp_month", json!("13")),
            ("payment_method.exp_year", json!("30")),
            ("payment_method.exp_year", json!("2020")),
            ("payment_method.cvc", json!("73")),
            ("allowance.max_amount", json!(0)),
            ("allowance.max_amount", json!(1.5)),
            ("allowance.reason", json!("recurring")),
            ("allowance.expires_at", json!("2025-05-01T12:00:00Z")),
            ("allowance.expires_at", json!("2026-05-01T12:00:00")),
            ("risk_signals.action", json!("blocked")),
        ] {
            let mut body = body();
            *body.pointer_mut(&format!("/{}", path.replace('.', "/"))).unwrap() = value;
            assert_eq!(refused(&body), path);
        }
    }

    #[test]
    fn test_cards_have_their_check_digit() {
        assert!(TEST_CARDS.iter().all(|card| passes_luhn(card.number)));
    }
}
