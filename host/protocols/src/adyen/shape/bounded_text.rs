//! Texts with the limits of the document.

use serde::Deserialize;
use serde::de::{Deserializer, Error};

use crate::fields::CurrencyCode;
use tillhouse_checkout::money::Currency;
use tillhouse_checkout::places;

/// A text of `MIN` to `MAX` characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BoundedText<const MIN: usize, const MAX: usize>(pub(crate) String);

impl<'de, const MIN: usize, const MAX: usize> Deserialize<'de> for BoundedText<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        if (MIN..=MAX).contains(&text.chars().count()) {
            return Ok(Self(text));
        }
        Err(D::Error::custom(match MIN {
            0 => format!("must not be longer than {MAX} characters"),
            _ => format!("must be {MIN} to {MAX} characters"),
        }))
    }
}

/// A name, a street or a city.
pub(crate) type ShortText = BoundedText<0, 256>;

/// The code of a currency that ISO 4217 assigns, in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AssignedCurrency(pub(crate) Currency);

impl<'de> Deserialize<'de> for AssignedCurrency {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let CurrencyCode(currency) = CurrencyCode::deserialize(from)?;
        currency
            .is_assigned()
            .then_some(Self(currency))
            .ok_or_else(|| D::Error::custom("must be the code of a currency (ISO 4217): USD"))
    }
}

/// The code of a country (ISO 3166-1 alpha-2), in any case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CountryCode(pub(crate) String);

impl<'de> Deserialize<'de> for CountryCode {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let is_code = text.chars().count() == 2 && text.parse::<places::Country>().is_ok();
        is_code
            .then_some(Self(text))
            .ok_or_else(|| D::Error::custom("must be the two letters of a country (ISO 3166-1): US"))
    }
}
