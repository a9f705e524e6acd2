//! Amounts in Adyen's units, which are the minor units of ISO 4217 but for a few currencies
//! (<https://docs.adyen.com/development-resources/currency-codes>).

use serde::{Deserialize, Serialize};
use tillhouse_plugin::prelude::*;

/// Currencies that Adyen counts in hundredths, and ISO 4217 in whole units.
const HUNDREDTHS: [&str; 2] = ["CLP", "ISK"];

/// Currencies that Adyen counts in whole units, and ISO 4217 in hundredths.
const WHOLE: [&str; 2] = ["CVE", "IDR"];

/// Currencies that are not on Adyen's list, and whose minor unit is not a hundredth: any guess may be wrong by a factor of a hundred.
const UNLISTED: [&str; 4] = ["BIF", "CLF", "UYI", "UYW"];

/// Amount in Adyen's API, in Adyen's units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Amount {
    pub(crate) currency: String,
    pub(crate) value: i64,
}

impl Amount {
    /// Converts an amount exactly.
    ///
    /// # Errors
    /// `Rejected` if Adyen has no units for the currency, or its unit is coarser than the amount: no other amount is charged instead.
    pub(crate) fn of(money: &Money) -> Result<Self, Failure> {
        let currency = money.currency.to_ascii_uppercase();
        let value = match currency.as_str() {
            code if UNLISTED.contains(&code) => None,
            code if HUNDREDTHS.contains(&code) => money.minor.checked_mul(100),
            code if WHOLE.contains(&code) => (money.minor % 100 == 0).then_some(money.minor / 100),
            _ => Some(money.minor),
        };
        let why = || {
            format!(
                "Adyen cannot be told an amount of {} minor units of {currency}",
                money.minor
            )
        };
        match value {
            Some(value) => Ok(Self { currency, value }),
            None => Err(Failure::rejected("unsupported", Subject::payment(), why())),
        }
    }

    /// Converts to the contract's units; `None` if the amount is between two of them.
    pub(crate) fn money(&self) -> Option<Money> {
        let currency = self.currency.to_ascii_uppercase();
        let minor = match currency.as_str() {
            code if HUNDREDTHS.contains(&code) => (self.value % 100 == 0).then_some(self.value / 100),
            code if WHOLE.contains(&code) => self.value.checked_mul(100),
            _ => Some(self.value),
        };
        minor.map(|minor| Money { minor, currency })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn money(minor: i64, currency: &str) -> Money {
        Money {
            minor,
            currency: currency.into(),
        }
    }

    #[test]
    fn amounts_are_in_the_units_of_adyen() {
        for (minor, currency, value) in [
            (38_666, "usd", 38_666),
            (500, "JPY", 500),
            (1_250, "KWD", 1_250),
            (5, "ISK", 500),
            (990, "CLP", 99_000),
            (1_200, "CVE", 12),
            (150_000, "IDR", 1_500),
        ] {
            let amount = Amount::of(&money(minor, currency)).unwrap();
            assert_eq!(amount.value, value, "{currency}");
            assert_eq!(amount.currency, currency.to_ascii_uppercase());
            assert_eq!(amount.money().unwrap(), money(minor, &currency.to_ascii_uppercase()));
        }
    }

    #[test]
    fn an_amount_that_cannot_be_written_exactly_is_refused() {
        for (minor, currency) in [(1_250, "CVE"), (99, "IDR"), (i64::MAX, "ISK"), (5, "BIF"), (5, "UYW")] {
            let refused = Amount::of(&money(minor, currency));
            assert!(matches!(refused, Err(Failure::Rejected(_))), "{minor} {currency}");
        }
    }

    #[test]
    fn an_amount_of_adyen_between_two_minor_units_is_none() {
        let between = Amount {
            currency: "ISK".into(),
            value: 150,
        };
        assert_eq!(between.money(), None);
    }
}
