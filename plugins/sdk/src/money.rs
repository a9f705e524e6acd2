//! Money: an amount with its currency.

use crate::amount::{Amount, OutOfRange};
pub use crate::bindings::tillhouse::host::types::Money;

/// Error: two sums of money cannot be added or compared.
///
/// ```
/// use tillhouse_plugin::money::{Money, MoneyError};
/// # use tillhouse_plugin::prelude::Amount;
///
/// let (dollars, euros) = (Money::new(Amount::ZERO, "USD"), Money::new(Amount::ZERO, "EUR"));
/// assert!(matches!(dollars.plus(&euros), Err(MoneyError::Currencies(..))));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MoneyError {
    /// The result exceeds 2^53 - 1 minor units.
    OutOfRange,
    /// The currencies, given here, differ.
    Currencies(String, String),
}

impl core::fmt::Display for MoneyError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::OutOfRange => OutOfRange.fmt(f),
            Self::Currencies(one, other) => write!(f, "currencies differ: {one} and {other}"),
        }
    }
}

impl core::error::Error for MoneyError {}

impl From<OutOfRange> for MoneyError {
    fn from(_: OutOfRange) -> Self {
        Self::OutOfRange
    }
}

impl Money {
    /// Creates money from an amount and an ISO 4217 currency code in upper case.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let money = Money::new(Amount::new(4598)?, "USD");
    /// assert_eq!((money.minor, money.currency.as_str()), (4598, "USD"));
    /// # Ok::<(), Failure>(())
    /// ```
    #[must_use]
    pub fn new(amount: Amount, currency: &str) -> Self {
        Self {
            minor: amount.minor(),
            currency: currency.into(),
        }
    }

    /// Returns the amount without its currency.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// assert_eq!(Money { minor: 500, currency: "JPY".into() }.amount().unwrap().minor(), 500);
    /// ```
    ///
    /// # Errors
    /// [`MoneyError::OutOfRange`] if it exceeds 2^53 - 1.
    pub fn amount(&self) -> Result<Amount, MoneyError> {
        Ok(Amount::new(self.minor)?)
    }

    /// Returns the amount if it is in the given currency.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let price = Money { minor: 500, currency: "JPY".into() };
    /// assert!(price.amount_in("JPY").is_ok() && price.amount_in("USD").is_err());
    /// ```
    ///
    /// # Errors
    /// [`MoneyError::Currencies`] for another currency, [`MoneyError::OutOfRange`] above 2^53 - 1.
    pub fn amount_in(&self, currency: &str) -> Result<Amount, MoneyError> {
        if self.currency == currency {
            self.amount()
        } else {
            Err(MoneyError::Currencies(self.currency.clone(), currency.into()))
        }
    }

    /// Adds money of the same currency.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let five = Money { minor: 500, currency: "USD".into() };
    /// assert_eq!(five.plus(&five).unwrap().minor, 1000);
    /// ```
    ///
    /// # Errors
    /// [`MoneyError`] if the currencies differ or the result exceeds 2^53 - 1.
    pub fn plus(&self, other: &Self) -> Result<Self, MoneyError> {
        Ok(Self::new(
            self.amount()?.plus(other.amount_in(&self.currency)?)?,
            &self.currency,
        ))
    }

    /// Subtracts money of the same currency; the result may be negative.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let five = Money { minor: 500, currency: "USD".into() };
    /// assert_eq!(five.minus(&five).unwrap().minor, 0);
    /// ```
    ///
    /// # Errors
    /// [`MoneyError`] if the currencies differ or the result exceeds 2^53 - 1.
    pub fn minus(&self, other: &Self) -> Result<Self, MoneyError> {
        Ok(Self::new(
            self.amount()?.minus(other.amount_in(&self.currency)?)?,
            &self.currency,
        ))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn currencies_do_not_mix() {
        let dollars = Money::new(Amount::new(100).unwrap(), "USD");
        let euros = Money::new(Amount::new(100).unwrap(), "EUR");
        assert_eq!(dollars.plus(&dollars).unwrap().minor, 200);
        assert_eq!(
            dollars.plus(&euros),
            Err(MoneyError::Currencies("EUR".into(), "USD".into()))
        );
        assert_eq!(
            Money {
                minor: i64::MAX,
                currency: "USD".into()
            }
            .minus(&dollars),
            Err(MoneyError::OutOfRange)
        );
    }
}
