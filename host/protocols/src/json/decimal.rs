//! Exact decimal numbers, without the rounding of binary floats.

use std::fmt;

use zeroize::Zeroize;

/// An exact decimal number, normalised: `1.0`, `1` and `1e0` are equal, and so are `-0` and `0`.
///
/// Invariant: `digits` has no leading and no trailing zero; zero is the empty string with exponent 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Decimal {
    negative: bool,
    digits: String,
    exponent: i64,
}

impl Decimal {
    /// Overwrite the digits in memory with zeros.
    pub(crate) fn wipe(&mut self) {
        self.digits.zeroize();
    }

    /// Parse a JSON number; `None` if the text is not a number or its exponent does not fit in 64 bits.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (mantissa, power) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        if whole.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let power: i64 = power.strip_prefix('+').unwrap_or(power).parse().ok()?;
        let all = format!("{whole}{fraction}");
        let digits = all.trim_start_matches('0').trim_end_matches('0').to_owned();
        if digits.is_empty() {
            return Some(Self {
                negative: false,
                digits,
                exponent: 0,
            });
        }
        let dropped = all.len() - all.trim_end_matches('0').len();
        let exponent = power
            .checked_sub(i64::try_from(fraction.len()).ok()?)?
            .checked_add(i64::try_from(dropped).ok()?)?;
        Some(Self {
            negative,
            digits,
            exponent,
        })
    }

    /// The value, if it is a whole number that fits in 64 bits.
    pub(crate) fn whole(&self) -> Option<i64> {
        if self.digits.is_empty() {
            return Some(0);
        }
        let zeros = usize::try_from(self.exponent).ok().filter(|zeros| *zeros <= 18)?;
        let sign = if self.negative { "-" } else { "" };
        format!("{sign}{}{}", self.digits, "0".repeat(zeros)).parse().ok()
    }

    /// The binary float that is written as this number; `None` if the nearest one is written otherwise.
    pub(crate) fn float(&self) -> Option<f64> {
        let nearest: f64 = self.to_string().parse().ok()?;
        (Self::parse(&nearest.to_string()).as_ref() == Some(self)).then_some(nearest)
    }
}

impl fmt::Display for Decimal {
    /// The canonical text: `0`, `15e-1`, `-1e3`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.digits.is_empty() {
            return f.write_str("0");
        }
        let sign = if self.negative { "-" } else { "" };
        write!(f, "{sign}{}e{}", self.digits, self.exponent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_has_one_form_however_it_is_written() {
        for same in [
            ["1", "1.0", "1e0"],
            ["1000", "1e3", "1.000E+3"],
            ["0", "-0", "0.0e9"],
            ["0.5", "5e-1", "0.50"],
        ] {
            let forms: Vec<_> = same.iter().map(|text| Decimal::parse(text).unwrap()).collect();
            assert!(forms.iter().all(|form| *form == forms[0]), "{forms:?}");
        }
    }

    #[test]
    fn numbers_that_a_float_would_confuse_stay_apart() {
        assert_ne!(Decimal::parse("9007199254740993"), Decimal::parse("9007199254740992"));
        assert_ne!(Decimal::parse("1e400"), Decimal::parse("1e401"));
    }

    #[test]
    fn a_float_stands_for_numbers_that_it_can_give_back() {
        for exact in ["0.1", "-2.5", "1e19", "1.7976931348623157e308", "5e-324"] {
            assert_eq!(Decimal::parse(exact).unwrap().float(), exact.parse().ok(), "{exact}");
        }
        for changed in ["0.10000000000000000555", "18446744073709551617", "1e400", "1e-400"] {
            assert_eq!(Decimal::parse(changed).unwrap().float(), None, "{changed}");
        }
    }

    #[test]
    fn only_whole_numbers_are_whole() {
        assert_eq!(Decimal::parse("2.0").unwrap().whole(), Some(2));
        assert_eq!(Decimal::parse("-12e2").unwrap().whole(), Some(-1200));
        assert_eq!(Decimal::parse("1.5").unwrap().whole(), None);
        assert_eq!(Decimal::parse("1e30").unwrap().whole(), None);
        assert_eq!(Decimal::parse("1e99999999999999999999"), None);
    }
}
