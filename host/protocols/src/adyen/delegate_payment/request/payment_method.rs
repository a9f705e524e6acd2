//! The card of a request (`payment_method`).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::Deserializer;

use super::flat;
use crate::adyen::shape::bounded_text::BoundedText;
use crate::delegation::{Funding, MethodKind, NumberKind, check_metadata, digits, made_check, refuse_card_number};
use crate::fields::{Lines, Metadata, SecretText};
use crate::json::BodyError;
use tillhouse_checkout::credential::CardDisplay;
use tillhouse_checkout::decision::CardCheck;
use tillhouse_checkout::secret::Secret;
use tillhouse_checkout::vault::{CardExpiry, DelegatedCard};

/// Digits of `iin`: fewer than in the newer releases of ACP.
const IIN_DIGITS: usize = 6;
/// Most entries of `checks_performed`.
const MOST_CHECKS: usize = 20;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(super) struct PaymentMethod {
    #[serde(rename = "type")]
    _kind: MethodKind,
    card_number_type: NumberKind,
    number: SecretText,
    exp_month: Option<SecretText>,
    exp_year: Option<SecretText>,
    #[serde(default, deserialize_with = "holder")]
    name: Option<Secret>,
    cvc: Option<SecretText>,
    cryptogram: Option<SecretText>,
    eci_value: Option<SecretText>,
    /// Examples only, so that others are taken as they are named.
    checks_performed: Option<Vec<BoundedText<1, 64>>>,
    iin: Option<String>,
    display_card_funding_type: Option<Funding>,
    display_wallet_type: Option<String>,
    display_brand: Option<String>,
    display_last4: Option<String>,
    metadata: Metadata,
}

/// The name on a card may have any characters of a text, line breaks too.
fn holder<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Secret>, D::Error> {
    let Lines(name) = Lines::deserialize(from)?;
    Ok(Some(Secret::new(name)))
}

/// The card, and what is said of it.
pub(super) struct DescribedCard {
    pub(super) card: DelegatedCard,
    pub(super) checks: Vec<CardCheck>,
    pub(super) metadata: BTreeMap<String, String>,
}

impl PaymentMethod {
    pub(super) fn read(self) -> Result<DescribedCard, BodyError> {
        let metadata = flat(self.metadata);
        check_metadata(&metadata)?;
        let checks = checks(self.checks_performed.unwrap_or_default());
        let checks = checks.map_err(|error| error.in_field("checks_performed"))?;
        if self.iin.as_ref().is_some_and(|iin| iin.len() != IIN_DIGITS) {
            return Err(BodyError::invalid(format!("must be {IIN_DIGITS} digits")).in_field("iin"));
        }
        let card = DelegatedCard {
            kind: self.card_number_type.into(),
            number: self.number.0,
            expiry: expiry(self.exp_month.as_ref(), self.exp_year.as_ref())?,
            holder: self.name,
            security_code: self.cvc.map(|code| code.0),
            cryptogram: self.cryptogram.map(|value| value.0),
            eci: self.eci_value.map(|eci| eci.0),
            display: CardDisplay {
                brand: self.display_brand,
                last4: self.display_last4,
                funding: self.display_card_funding_type.map(|funding| funding.name().to_owned()),
                iin: self.iin,
                wallet: self.display_wallet_type,
                ..CardDisplay::default()
            },
        };
        Ok(DescribedCard { card, checks, metadata })
    }
}

/// Month and year, which belong together. The document gives four digits for the year only.
fn expiry(month: Option<&SecretText>, year: Option<&SecretText>) -> Result<Option<CardExpiry>, BodyError> {
    let (month, year) = match (month, year) {
        (None, None) => return Ok(None),
        (Some(month), Some(year)) => (month, year),
        (None, Some(_)) => return Err(BodyError::missing("exp_month")),
        (Some(_), None) => return Err(BodyError::missing("exp_year")),
    };
    let month = digits(month, 2).or_else(|| digits(month, 1));
    let month = month.and_then(|month| u8::try_from(month).ok());
    let month = month.ok_or_else(|| BodyError::invalid("must be 01 to 12").in_field("exp_month"))?;
    let year = digits(year, 4).ok_or_else(|| BodyError::invalid("must be four digits").in_field("exp_year"))?;
    Ok(Some(CardExpiry { month, year }))
}

/// That checks were made; their results are not told.
fn checks(performed: Vec<BoundedText<1, 64>>) -> Result<Vec<CardCheck>, BodyError> {
    if performed.len() > MOST_CHECKS {
        return Err(BodyError::invalid(format!(
            "must not have more than {MOST_CHECKS} entries"
        )));
    }
    let performed = performed.into_iter().enumerate();
    let read = performed.map(|(at, BoundedText(kind))| {
        refuse_card_number(&kind).map_err(|error| error.at_index(at))?;
        Ok(made_check(if kind == "cvv" { "cvc" } else { &kind }))
    });
    read.collect()
}
