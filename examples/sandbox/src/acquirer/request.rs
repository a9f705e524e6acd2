//! The request bodies that the acquirer accepts.

use serde_json::Value;

use super::error::AcquirerError;
use super::fields::Fields;
use crate::authentication::Proof;
use crate::card::{TestCard, has_card_shape, last4};
use crate::money::{Amount, Currency};

/// Maximum length of references and statement texts.
const MAX_TEXT: usize = 255;

/// Body of `POST /v1/charges`, validated.
pub(crate) struct ChargeRequest {
    pub(crate) amount: Amount,
    pub(crate) reference: String,
    pub(crate) capture: bool,
    pub(crate) card: &'static TestCard,
    pub(crate) last4: String,
    /// Last month in which the card is valid, as (year, month).
    pub(crate) good_through: (i64, i64),
    /// Whether the request has a network cryptogram.
    pub(crate) cryptogram: bool,
    /// Proof of a 3-D Secure authentication, if the request has one.
    pub(crate) proof: Option<Proof>,
}

impl ChargeRequest {
    /// # Errors
    /// The first field that is missing or malformed, by its dotted path.
    pub(crate) fn read(body: &Value) -> Result<Self, AcquirerError> {
        let fields = Fields::of(body)?;
        let currency = Currency::parse(fields.string("currency")?)
            .ok_or_else(|| fields.invalid("currency", "must be a three-letter ISO 4217 code in lower case."))?;
        let reference = text(&fields, "reference")?.ok_or_else(|| fields.invalid("reference", "is required."))?;
        text(&fields, "statement")?;
        let card = fields.object("card")?;
        let number = card.string("number")?;
        if !has_card_shape(number) {
            return Err(card.invalid("number", "must be 12 to 19 digits."));
        }
        let known = TestCard::by_number(number)
            .ok_or_else(|| card.invalid("number", "is not one of the sandbox's test cards."))?;
        for name in ["cryptogram_type", "eci"] {
            card.optional_string(name)?;
        }
        let amount = Amount {
            value: fields.amount("amount")?,
            currency,
        };
        Ok(Self {
            proof: proof(&fields, &card, known, &amount)?,
            amount,
            reference,
            capture: fields.boolean("capture", true)?,
            card: known,
            last4: last4(number),
            good_through: (year(&card)?, month(&card)?),
            cryptogram: card.optional_string("cryptogram")?.is_some(),
        })
    }
}

/// The proof, whose authentication value is the card's cryptogram.
fn proof(
    fields: &Fields<'_>,
    card: &Fields<'_>,
    known: &'static TestCard,
    amount: &Amount,
) -> Result<Option<Proof>, AcquirerError> {
    let Some(authentication) = fields.optional_object("authentication")? else {
        return Ok(None);
    };
    Ok(Some(Proof {
        card: known,
        amount: amount.clone(),
        cryptogram: card.string("cryptogram")?.to_owned(),
        eci: authentication.string("eci")?.to_owned(),
        transaction_id: authentication.string("transaction_id")?.to_owned(),
        version: authentication.string("version")?.to_owned(),
    }))
}

/// Body of `POST /v1/charges/{id}/refunds`, validated.
pub(crate) struct RefundRequest {
    pub(crate) amount: i64,
    pub(crate) reference: String,
    pub(crate) reason: Option<String>,
}

impl RefundRequest {
    pub(crate) fn read(body: &Value) -> Result<Self, AcquirerError> {
        let fields = Fields::of(body)?;
        let reference = text(&fields, "reference")?.ok_or_else(|| fields.invalid("reference", "is required."))?;
        Ok(Self {
            amount: fields.amount("amount")?,
            reference,
            reason: text(&fields, "reason")?,
        })
    }
}

/// The reference in the body of `POST /v1/charges/cancel`.
pub(crate) fn canceled_reference(body: &Value) -> Result<String, AcquirerError> {
    let fields = Fields::of(body)?;
    text(&fields, "reference")?.ok_or_else(|| fields.invalid("reference", "is required."))
}

/// The amount in the body of `POST /v1/charges/{id}/capture`; `None` captures all of it.
pub(crate) fn capture_amount(body: &Value) -> Result<Option<i64>, AcquirerError> {
    Fields::of(body)?.optional_amount("amount")
}

fn text(fields: &Fields<'_>, name: &str) -> Result<Option<String>, AcquirerError> {
    match fields.optional_string(name)? {
        Some(text) if text.chars().count() > MAX_TEXT => {
            Err(fields.invalid(name, format!("may be at most {MAX_TEXT} characters long.")))
        }
        other => Ok(other.map(str::to_owned)),
    }
}

fn month(card: &Fields<'_>) -> Result<i64, AcquirerError> {
    let month = card
        .string("exp_month")?
        .parse()
        .ok()
        .filter(|month| (1..=12).contains(month));
    month.ok_or_else(|| card.invalid("exp_month", "must be a string from \"1\" to \"12\"."))
}

/// Two digits are a year of this century.
fn year(card: &Fields<'_>) -> Result<i64, AcquirerError> {
    let text = card.string("exp_year")?;
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    match (text.len(), text.parse::<i64>()) {
        (2, Ok(year)) if digits => Ok(2000 + year),
        (4, Ok(year)) if digits => Ok(year),
        _ => Err(card.invalid("exp_year", "must be a string of two or four digits.")),
    }
}
