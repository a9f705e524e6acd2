//! Amounts in minor units, with their currencies.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An ISO 4217 code in lower case, as Stripe and the acquirer write it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Currency(String);

impl Currency {
    /// Reads three ASCII letters of any case; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == 3 && text.bytes().all(|b| b.is_ascii_alphabetic())).then(|| Self(text.to_ascii_lowercase()))
    }

    /// The currency code `usd`, US dollars.
    #[must_use]
    pub fn usd() -> Self {
        Self("usd".to_owned())
    }

    /// The code in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A value in minor units of one currency, the form of every amount in a payment record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amount {
    /// Value in minor units (cents).
    pub value: i64,
    /// Currency of the value.
    pub currency: Currency,
}

impl Amount {
    /// `value` minor units of `currency`.
    #[must_use]
    pub fn new(value: i64, currency: &Currency) -> Self {
        Self {
            value,
            currency: currency.clone(),
        }
    }

    /// An amount of `value` US cents.
    #[must_use]
    pub fn usd(value: i64) -> Self {
        Self {
            value,
            currency: Currency::usd(),
        }
    }
}

/// The largest amount that the acquirer accepts, in minor units.
pub(crate) const MAX_AMOUNT: i64 = 99_999_999;
