//! Money: currencies, and amounts that cannot overflow.

mod assigned_codes;

use std::fmt;

use serde::{Deserialize, Serialize};

/// The largest amount in minor units: 2^53 - 1, the largest integer that every JSON parser keeps exact.
pub const MAX_MINOR: i64 = (1 << 53) - 1;

/// Why a number is not a valid amount, or a text not a currency code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// A negative number. Carries it, in minor units.
    #[error("amount {0} is negative")]
    Negative(i64),
    /// A number of minor units larger than [`MAX_MINOR`].
    #[error("amount is larger than 2^53 - 1 minor units")]
    TooLarge,
    /// Text other than three ASCII letters.
    #[error("currency must be three letters (ISO 4217)")]
    Currency,
}

/// An amount in minor units, from 0 to 2^53 - 1. Protocols that show discounts as negative numbers add the sign themselves.
///
/// It has no `Display`: a number of minor units next to a currency code reads as a hundred times the money. Print [`Money`],
/// or name the unit and print [`Amount::minor`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct Amount(i64);

impl Amount {
    /// An amount of zero.
    pub const ZERO: Self = Self(0);

    /// An amount from minor units.
    ///
    /// # Errors
    /// If the number is negative or larger than [`MAX_MINOR`].
    pub const fn new(minor: i64) -> Result<Self, MoneyError> {
        if minor < 0 {
            Err(MoneyError::Negative(minor))
        } else if minor > MAX_MINOR {
            Err(MoneyError::TooLarge)
        } else {
            Ok(Self(minor))
        }
    }

    /// The amount in minor units: 4598 for 45.98 USD.
    #[must_use]
    pub const fn minor(self) -> i64 {
        self.0
    }

    /// Whether the amount is zero.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum of two amounts.
    ///
    /// # Errors
    /// If the sum is larger than [`MAX_MINOR`].
    pub const fn plus(self, other: Self) -> Result<Self, MoneyError> {
        // Two amounts below 2^53 cannot overflow an i64.
        Self::new(self.0 + other.0)
    }

    /// This amount less the other one.
    ///
    /// # Errors
    /// If the difference is negative.
    pub const fn minus(self, other: Self) -> Result<Self, MoneyError> {
        Self::new(self.0 - other.0)
    }

    /// The amount times a quantity.
    ///
    /// # Errors
    /// If the product is larger than [`MAX_MINOR`].
    pub fn times(self, quantity: u32) -> Result<Self, MoneyError> {
        self.0
            .checked_mul(i64::from(quantity))
            .ok_or(MoneyError::TooLarge)
            .and_then(Self::new)
    }

    /// The sum of any number of amounts; zero for none.
    ///
    /// # Errors
    /// If the sum is larger than [`MAX_MINOR`].
    pub fn sum(amounts: impl IntoIterator<Item = Self>) -> Result<Self, MoneyError> {
        amounts.into_iter().try_fold(Self::ZERO, Self::plus)
    }
}

impl TryFrom<i64> for Amount {
    type Error = MoneyError;

    fn try_from(minor: i64) -> Result<Self, MoneyError> {
        Self::new(minor)
    }
}

impl From<Amount> for i64 {
    fn from(amount: Amount) -> Self {
        amount.0
    }
}

/// An ISO 4217 alphabetic code. Kept in upper case; each protocol prints it in the case that it requires.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

impl Currency {
    /// A currency from three letters in any case. They are not looked up in the list of ISO 4217.
    ///
    /// # Errors
    /// If the text is anything but three ASCII letters.
    pub fn new(code: &str) -> Result<Self, MoneyError> {
        let bytes: [u8; 3] = code.as_bytes().try_into().map_err(|_| MoneyError::Currency)?;
        if bytes.iter().all(u8::is_ascii_alphabetic) {
            Ok(Self(bytes.map(|letter| letter.to_ascii_uppercase())))
        } else {
            Err(MoneyError::Currency)
        }
    }

    /// Whether ISO 4217 assigns the code to a currency.
    #[must_use]
    pub fn is_assigned(self) -> bool {
        let code = self.upper();
        assigned_codes::ASSIGNED
            .split_whitespace()
            .any(|assigned| assigned == code)
    }

    /// The code in upper case: `USD`.
    #[must_use]
    pub fn upper(self) -> String {
        self.0.iter().map(|letter| char::from(*letter)).collect()
    }

    /// The code in lower case: `usd`.
    #[must_use]
    pub fn lower(self) -> String {
        self.upper().to_ascii_lowercase()
    }

    /// How many decimal digits the minor unit has (ISO 4217): 2 for most, 0 for yen, 3 for dinars.
    #[must_use]
    pub fn exponent(self) -> u32 {
        match &self.0 {
            b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG" | b"RWF" | b"UGX"
            | b"UYI" | b"VND" | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            b"CLF" | b"UYW" => 4,
            _ => 2,
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.upper())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl TryFrom<String> for Currency {
    type Error = MoneyError;

    fn try_from(code: String) -> Result<Self, MoneyError> {
        Self::new(&code)
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.upper()
    }
}

/// An amount with its currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Amount in minor units of `currency`.
    pub amount: Amount,
    /// ISO 4217 currency of the amount.
    pub currency: Currency,
}

impl fmt::Display for Money {
    /// With the decimal places of the currency: `45.98 USD`, `500 JPY`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&decimals(self.amount.minor(), self.currency))
    }
}

/// An amount that a plugin or the processor stated, as text for the operator: `8.99 USD`, `-5.00 USD`.
///
/// It is not validated: it may be negative, and `currency` may be any text. If that is not a currency code, the text says
/// `minor units`.
#[must_use]
pub fn format_minor(minor: i64, currency: &str) -> String {
    match Currency::new(currency) {
        Ok(currency) => decimals(minor, currency),
        Err(_) => format!("{minor} minor units of {currency:?}"),
    }
}

fn decimals(minor: i64, currency: Currency) -> String {
    let (sign, minor) = (if minor < 0 { "-" } else { "" }, minor.unsigned_abs());
    match currency.exponent() {
        0 => format!("{sign}{minor} {currency}"),
        exponent => {
            let (unit, width) = (10_u64.pow(exponent), exponent as usize);
            format!("{sign}{}.{:0width$} {currency}", minor / unit, minor % unit)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_refuse_what_json_readers_would_round() {
        assert_eq!(Amount::new(MAX_MINOR).map(Amount::minor), Ok(MAX_MINOR));
        assert_eq!(Amount::new(MAX_MINOR + 1), Err(MoneyError::TooLarge));
        assert_eq!(Amount::new(-1), Err(MoneyError::Negative(-1)));
    }

    #[test]
    fn arithmetic_is_checked() {
        let most = Amount::new(MAX_MINOR).unwrap();
        assert_eq!(most.plus(Amount::new(1).unwrap()), Err(MoneyError::TooLarge));
        assert_eq!(most.times(u32::MAX), Err(MoneyError::TooLarge));
        assert_eq!(
            Amount::ZERO.minus(Amount::new(1).unwrap()),
            Err(MoneyError::Negative(-1))
        );
        assert_eq!(Amount::sum([most, most]), Err(MoneyError::TooLarge));
    }

    #[test]
    fn money_prints_in_the_exponent_of_its_currency() {
        let print = |minor, code| {
            Money {
                amount: Amount::new(minor).unwrap(),
                currency: Currency::new(code).unwrap(),
            }
            .to_string()
        };
        assert_eq!(print(4598, "usd"), "45.98 USD");
        assert_eq!(print(5, "USD"), "0.05 USD");
        assert_eq!(print(500, "JPY"), "500 JPY");
        assert_eq!(print(1234, "kwd"), "1.234 KWD");
    }

    #[test]
    fn what_others_say_of_an_amount_is_printed_in_the_exponent_of_its_currency() {
        for (minor, code, text) in [
            (899, "usd", "8.99 USD"),
            (1, "USD", "0.01 USD"),
            (-500, "usd", "-5.00 USD"),
            (-5, "usd", "-0.05 USD"),
            (5000, "isk", "5000 ISK"),
            (5000, "JPY", "5000 JPY"),
            (-5000, "jpy", "-5000 JPY"),
            (1, "kwd", "0.001 KWD"),
            (i64::MIN, "usd", "-92233720368547758.08 USD"),
            (899, "dollars", "899 minor units of \"dollars\""),
            (899, "", "899 minor units of \"\""),
        ] {
            assert_eq!(format_minor(minor, code), text);
        }
    }

    #[test]
    fn currencies_are_three_letters_in_any_case() {
        assert_eq!(Currency::new("eur").map(Currency::upper), Ok("EUR".to_owned()));
        for wrong in ["", "EU", "EURO", "E1R", "€"] {
            assert_eq!(Currency::new(wrong), Err(MoneyError::Currency), "{wrong}");
        }
    }
}
