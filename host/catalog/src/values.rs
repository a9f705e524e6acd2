//! Readers of single values: of cells, and of the parts of compound cells.

pub(crate) mod date;
pub(crate) mod entries;
mod link;
pub(crate) mod measure;
pub(crate) mod money;

pub(crate) use date::{dates, day_or_moment, times};
pub(crate) use link::{image, link};
pub(crate) use measure::{in_range, length, weight_grams};
pub(crate) use money::money;

use super::problem::{Fault, shown};
use super::rule::Rule;

/// `true` or `false`, in any case; `yes`, `no`, `1` and `0` too.
pub(crate) fn boolean(text: &str) -> Result<bool, Fault> {
    let is = |words: [&str; 3]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is(["true", "yes", "1"]) {
        Ok(true)
    } else if is(["false", "no", "0"]) {
        Ok(false)
    } else {
        let message = format!("is {}, not true or false", shown(text));
        Err(Fault::new(Rule::NotBoolean, message, "write true or false"))
    }
}

/// A whole number from 0.
pub(crate) fn whole(text: &str, to: u64) -> Result<u64, Fault> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse::<u64>().ok().filter(|number| digits && *number <= to);
    number.ok_or_else(|| {
        let range = if to == u64::MAX {
            String::new()
        } else {
            format!(" to {to}")
        };
        let message = format!("is {}, not a whole number from 0{range}", shown(text));
        Fault::new(
            Rule::NotWhole,
            message,
            "write digits only, without sign, decimals or separators",
        )
    })
}

/// A decimal number scaled by a power of ten; `None` if that would lose digits.
pub(crate) fn decimal(text: &str, exponent: u32) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    let missing = exponent.checked_sub(u32::try_from(fraction.len()).ok()?)?;
    let digits = whole.bytes().chain(fraction.bytes());
    let value = digits.into_iter().try_fold(0_i64, |value, digit| {
        value.checked_mul(10)?.checked_add(i64::from(digit - b'0'))
    })?;
    value.checked_mul(10_i64.checked_pow(missing)?)
}
