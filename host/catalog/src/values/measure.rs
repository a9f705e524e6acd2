//! Numbers with units, and numbers in a range.

use super::decimal;
use crate::problem::{Fault, shown};
use crate::rule::Rule;

/// The unit of a length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Length {
    Centimeters,
    Inches,
}

/// `1.5 kg`, `12 oz`: a weight in whole grams, rounded to the nearest.
pub(crate) fn weight_grams(text: &str) -> Result<u64, Fault> {
    let fault = || malformed(text, "lb, oz, g or kg", "write it as 1.5 kg");
    let (number, unit) = split(text).ok_or_else(fault)?;
    // Nanograms, in which pound and ounce are whole numbers by definition.
    let units = [
        ("g", 1_000_000_000_i128),
        ("kg", 1_000_000_000_000),
        ("lb", 453_592_370_000),
        ("oz", 28_349_523_125),
    ];
    let unit = units
        .iter()
        .find(|(name, _)| unit.eq_ignore_ascii_case(name))
        .ok_or_else(fault)?
        .1;
    let billionths = decimal(rounded_off(number), 9).ok_or_else(fault)?;
    let grams = (i128::from(billionths) * unit + 500_000_000_000_000_000) / 1_000_000_000_000_000_000;
    u64::try_from(grams).map_err(|_| fault())
}

/// `20 in`, `50.8 cm`: the unit of a length whose number is one.
pub(crate) fn length(text: &str) -> Result<Length, Fault> {
    let fault = || malformed(text, "cm or in", "write it as 20 in");
    let (number, unit) = split(text).ok_or_else(fault)?;
    decimal(rounded_off(number), 9).ok_or_else(fault)?;
    if unit.eq_ignore_ascii_case("cm") {
        Ok(Length::Centimeters)
    } else if unit.eq_ignore_ascii_case("in") {
        Ok(Length::Inches)
    } else {
        Err(fault())
    }
}

/// `4.7`: a number in a range, with both ends.
pub(crate) fn in_range(text: &str, from: u32, to: u32) -> Result<(), Fault> {
    let scaled = decimal(rounded_off(text), 9);
    let bounds = i64::from(from) * 1_000_000_000..=i64::from(to) * 1_000_000_000;
    if scaled.is_some_and(|number| bounds.contains(&number)) {
        return Ok(());
    }
    let message = format!("is {}, not a number from {from} to {to}", shown(text));
    let help = "write digits with a point before the decimals, without a sign or percent";
    Err(Fault::new(Rule::NotNumber, message, help))
}

fn malformed(text: &str, units: &str, help: &'static str) -> Fault {
    Fault::new(
        Rule::MeasureForm,
        format!("is {}, not a number and {units}", shown(text)),
        help,
    )
}

/// A number, and the unit after it.
pub(crate) fn split(text: &str) -> Option<(&str, &str)> {
    let (number, unit) = text.split_at(text.find(|letter: char| letter.is_ascii_alphabetic())?);
    Some((number.trim_end(), unit))
}

/// Truncates a number after nine decimals: a weight is kept in whole grams.
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

#[cfg(test)]
mod tests {
    use super::*;

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
    fn a_number_is_in_its_range_with_both_ends() {
        for good in ["0", "5", "4.7", "5.000", "0.123456789012"] {
            assert_eq!(in_range(good, 0, 5), Ok(()), "{good}");
        }
        for wrong in ["5.1", "-1", "4,7", "2 %", "five", "99999999999999999999"] {
            assert!(in_range(wrong, 0, 5).is_err(), "{wrong}");
        }
    }
}
