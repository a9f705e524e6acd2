//! Prices: a number and its currency.

use tillhouse_checkout::money::{Amount, Currency, Money};

use super::decimal;
use crate::problem::{Fault, shown};
use crate::rule::Rule;

/// `15.00 USD`: a decimal number with at most the digits of the currency's minor unit, and the currency.
pub(crate) fn money(text: &str) -> Result<Money, Fault> {
    let (number, code) = text.split_once(char::is_whitespace).ok_or_else(|| malformed(text))?;
    let currency = Currency::new(code.trim_start()).map_err(|_| malformed(text))?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) {
        return Err(malformed(text));
    }
    let exponent = currency.exponent();
    let decimals = fraction.trim_end_matches('0').len();
    if decimals > exponent as usize {
        let message = format!("has {}; {currency} has {exponent}", counted(decimals));
        let help = match exponent {
            0 => "write a whole number".to_owned(),
            exponent => format!("write at most {exponent}"),
        };
        return Err(Fault::new(Rule::MoneyDecimals, message, help));
    }
    let amount = decimal(number, exponent).and_then(|minor| Amount::new(minor).ok());
    match amount {
        Some(amount) => Ok(Money { amount, currency }),
        None => Err(Fault::new(
            Rule::MoneyLimit,
            "is larger than 2^53 - 1 minor units",
            "give less",
        )),
    }
}

fn counted(decimals: usize) -> String {
    match decimals {
        1 => "1 decimal".to_owned(),
        decimals => format!("{decimals} decimals"),
    }
}

fn malformed(text: &str) -> Fault {
    let message = format!("is {}, not a number and a currency", shown(text));
    let help = if text.contains(',') {
        "write it as 15.00 USD, with a point before the decimals and without other separators"
    } else {
        "write it as 15.00 USD, without a sign"
    };
    Fault::new(Rule::MoneyForm, message, help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_keeps_every_digit_or_refuses() {
        let minor = |text: &str| money(text).map(|money| money.amount.minor()).ok();
        assert_eq!(minor("15.00 USD"), Some(1500));
        assert_eq!(minor("15 usd"), Some(1500));
        assert_eq!(minor("15  USD"), Some(1500));
        assert_eq!(minor("500 JPY"), Some(500));
        assert_eq!(minor("500.00 JPY"), Some(500));
        assert_eq!(minor("1.234 KWD"), Some(1234));
        for (wrong, rule) in [
            ("15.00", Rule::MoneyForm),
            ("15,00 USD", Rule::MoneyForm),
            ("1,500.00 USD", Rule::MoneyForm),
            ("-1 USD", Rule::MoneyForm),
            (".5 USD", Rule::MoneyForm),
            ("USD 15", Rule::MoneyForm),
            ("1e3 USD", Rule::MoneyForm),
            ("1.5.0 USD", Rule::MoneyForm),
            ("15.00 US Dollar", Rule::MoneyForm),
            ("1.2345 KWD", Rule::MoneyDecimals),
            ("1.005 USD", Rule::MoneyDecimals),
            ("1.5 JPY", Rule::MoneyDecimals),
            ("999999999999999.99 USD", Rule::MoneyLimit),
            ("99999999999999999 USD", Rule::MoneyLimit),
            ("9999999999999999999999.5 USD", Rule::MoneyLimit),
        ] {
            assert_eq!(money(wrong).unwrap_err().rule, rule, "{wrong}");
        }
    }
}
