//! The units in which Stripe counts each currency (<https://docs.stripe.com/currencies>). The sandbox has a table of its own, because
//! it is the other side of what a host computes.

use super::error::StripeError;
use crate::money::{Amount, Currency};

/// Counted in whole units, though ISO 4217 has hundredths. All other currencies on Stripe's list have no decimals there either.
const WHOLE: [&str; 1] = ["mga"];
/// Without decimals, and counted in hundredths nevertheless.
const HUNDREDS: [&str; 2] = ["isk", "ugx"];
/// Counted in thousandths whose last digit is 0.
const THREE_DECIMAL: [&str; 5] = ["bhd", "jod", "kwd", "omr", "tnd"];

/// The largest amount: eight digits, twelve in rupiah.
fn most(currency: &Currency) -> i64 {
    if currency.as_str() == "idr" {
        999_999_999_999
    } else {
        99_999_999
    }
}

/// What an amount of this currency must be a multiple of.
fn step(currency: &Currency) -> i64 {
    let code = currency.as_str();
    if HUNDREDS.contains(&code) {
        100
    } else if THREE_DECIMAL.contains(&code) {
        10
    } else {
        1
    }
}

/// Checks an amount as Stripe does, by the name of its parameter.
///
/// # Errors
/// An amount below 1 or too large; for a currency without decimals or with three, an amount between two steps.
pub(super) fn check(name: &str, value: i64, currency: &Currency) -> Result<(), StripeError> {
    let (most, step) = (most(currency), step(currency));
    if !(1..=most).contains(&value) {
        let message = format!("{name} must be between 1 and {most} in {currency}, got {value}.");
        return Err(StripeError::parameter("parameter_invalid_integer", name, message));
    }
    if value % step != 0 {
        let message = format!("Invalid amount. Amounts in {currency} must be evenly divisible by {step}, got {value}.");
        let code = match step {
            100 => "invalid_charge_amount_no_decimal_compatible",
            _ => "parameter_invalid_integer",
        };
        return Err(StripeError::parameter(code, name, message));
    }
    Ok(())
}

/// An amount in minor units of ISO 4217, as ACP has them, in Stripe's units; rounded up, so that a token's limit is enough.
pub(crate) fn of_minor(amount: &Amount) -> Amount {
    let code = amount.currency.as_str();
    let value = if HUNDREDS.contains(&code) {
        amount.value.saturating_mul(100)
    } else if WHOLE.contains(&code) {
        amount.value.saturating_add(99) / 100
    } else {
        amount.value
    };
    Amount::new(value, &amount.currency)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn amounts_of_acp_become_amounts_of_stripe() {
        for (code, minor, units) in [
            ("usd", 1000, 1000),
            ("jpy", 500, 500),
            ("mga", 500_000, 5000),
            ("mga", 500_001, 5001),
            ("isk", 5000, 500_000),
            ("ugx", 5, 500),
            ("kwd", 12_340, 12_340),
        ] {
            let currency = Currency::parse(code).unwrap();
            assert_eq!(of_minor(&Amount::new(minor, &currency)), Amount::new(units, &currency));
        }
    }

    #[test]
    fn an_amount_is_a_multiple_of_its_currencys_step_and_not_too_large() {
        for (code, value, valid) in [
            ("usd", 1, true),
            ("usd", 0, false),
            ("usd", 100_000_000, false),
            ("idr", 100_000_000, true),
            ("isk", 500, true),
            ("isk", 550, false),
            ("kwd", 5120, true),
            ("kwd", 5124, false),
            ("mga", 51, true),
        ] {
            let currency = Currency::parse(code).unwrap();
            assert_eq!(check("amount", value, &currency).is_ok(), valid, "{value} {code}");
        }
    }
}
