//! Parsers for the formats of single cells.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use tillhouse_checkout::money::{Amount, Currency, Money};
use tillhouse_checkout::time::Timestamp;

/// `15.00 USD`: a decimal number with at most the digits of the currency's minor unit, and the currency.
pub(super) fn money(text: &str) -> Result<Money, String> {
    let expected = || "must be a number and a currency, as in 15.00 USD".to_owned();
    let (number, code) = text.split_once(char::is_whitespace).ok_or_else(expected)?;
    let currency = Currency::new(code.trim()).map_err(|_| expected())?;
    let exponent = currency.exponent();
    let minor = decimal(number, exponent).ok_or_else(|| {
        format!("must be a number with at most {exponent} decimals for {currency}, without sign or separators")
    })?;
    let amount = Amount::new(minor).map_err(|error| error.to_string())?;
    Ok(Money { amount, currency })
}

/// A decimal number scaled by a power of ten; `None` if that would lose digits.
fn decimal(text: &str, exponent: u32) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    let places = u32::try_from(fraction.len()).ok()?;
    let missing = exponent.checked_sub(places)?;
    let value: i64 = format!("{whole}{fraction}").parse().ok()?;
    value.checked_mul(10_i64.checked_pow(missing)?)
}

/// `1.5 kg`, `12 oz`: a weight in whole grams, rounded to the nearest.
pub(super) fn weight_grams(text: &str) -> Result<u64, String> {
    let expected = || "must be a number and lb, oz, g or kg, as in 1.5 kg".to_owned();
    let split = text.find(|c: char| c.is_ascii_alphabetic()).ok_or_else(expected)?;
    let (number, unit) = text.split_at(split);
    // Nanograms, in which pound and ounce are whole numbers by definition.
    let unit: i128 = match unit.trim().to_ascii_lowercase().as_str() {
        "g" => 1_000_000_000,
        "kg" => 1_000_000_000_000,
        "lb" => 453_592_370_000,
        "oz" => 28_349_523_125,
        _ => return Err(expected()),
    };
    let billionths = decimal(rounded_off(number.trim()), 9).ok_or_else(expected)?;
    let scaled = i128::from(billionths) * unit;
    let grams = (scaled + 500_000_000_000_000_000) / 1_000_000_000_000_000_000;
    u64::try_from(grams).map_err(|_| expected())
}

/// Truncates a number after nine decimals: a weight is stored in whole grams.
fn rounded_off(number: &str) -> &str {
    let Some((whole, fraction)) = number.split_once('.') else {
        return number;
    };
    let all_digits = fraction.bytes().all(|byte| byte.is_ascii_digit());
    match number.get(..whole.len() + 1 + 9) {
        Some(kept) if all_digits => kept,
        _ => number,
    }
}

/// `true` or `false`, in any case; `yes`, `no`, `1` and `0` too.
pub(super) fn boolean(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "1" => Ok(true),
        "false" | "no" | "0" => Ok(false),
        _ => Err("must be true or false".to_owned()),
    }
}

/// `start/end` in ISO 8601, end exclusive. A date without a time is the whole day in UTC.
pub(super) fn interval(text: &str) -> Result<(Timestamp, Timestamp), String> {
    let expected = || "must be two ISO 8601 dates, as in 2026-01-01T00:00:00Z/2026-02-01T00:00:00Z".to_owned();
    let (start, end) = text.split_once('/').ok_or_else(expected)?;
    let start = moment(start.trim(), 0).ok_or_else(expected)?;
    let end = moment(end.trim(), 1).ok_or_else(expected)?;
    if start < end {
        Ok((start, end))
    } else {
        Err("must end after it starts".to_owned())
    }
}

fn moment(text: &str, day_offset: i64) -> Option<Timestamp> {
    let stamp = if let Ok(stamp) = text.parse::<jiff::Timestamp>() {
        stamp
    } else if text.contains(['T', 't', ' ']) {
        let local: DateTime = text.parse().ok()?;
        local.to_zoned(TimeZone::UTC).ok()?.timestamp()
    } else {
        let date: Date = text.parse().ok()?;
        let date = if day_offset == 0 { date } else { date.tomorrow().ok()? };
        date.to_zoned(TimeZone::UTC).ok()?.timestamp()
    };
    u64::try_from(stamp.as_millisecond()).ok().map(Timestamp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_keeps_every_digit_or_refuses() {
        let minor = |text: &str| money(text).map(|money| money.amount.minor()).ok();
        assert_eq!(minor("15.00 USD"), Some(1500));
        assert_eq!(minor("15 usd"), Some(1500));
        assert_eq!(minor("500 JPY"), Some(500));
        assert_eq!(minor("500.00 JPY"), Some(500));
        assert_eq!(minor("1.2345 KWD"), None);
        for wrong in [
            "15.00",
            "15,00 USD",
            "-1 USD",
            "1.005 USD",
            ".5 USD",
            "USD 15",
            "1e3 USD",
            "99999999999999999 USD",
        ] {
            assert_eq!(minor(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn weights_become_whole_grams() {
        for (text, grams) in [
            ("1.5 kg", 1500),
            ("250g", 250),
            ("1 lb", 454),
            ("2.5 oz", 71),
            ("0.4 g", 0),
            ("10 lb", 4536),
            ("1.23456 kg", 1235),
            ("0.0004999 kg", 0),
            ("0.0005 kg", 1),
            ("2.20462262185 lb", 1000),
            ("1.234567890123456789 kg", 1235),
            ("1.50000000000000 kg", 1500),
            ("999999 kg", 999_999_000),
        ] {
            assert_eq!(weight_grams(text), Ok(grams), "{text}");
        }
        for wrong in [
            "1.5",
            "kg",
            "1 stone",
            "-1 kg",
            "1,5 kg",
            "0,5 kg",
            "1.2.3 kg",
            "1.2345678901x kg",
            "1.234567890123é kg",
            "9999999999999999999 kg",
        ] {
            assert!(weight_grams(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_date_alone_is_its_whole_day() {
        let (start, end) = interval("2026-01-01/2026-01-01").unwrap();
        assert_eq!(end.millis() - start.millis(), 24 * 3600 * 1000);
        assert!(interval("2026-01-02/2026-01-01").is_err());
        assert!(interval("2026-01-01").is_err());
    }
}
