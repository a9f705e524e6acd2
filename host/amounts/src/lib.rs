//! The arithmetic of a quote, in checked integers of minor units.
//!
//! The host computes every sum of a quote with it, and the SDK composes whole quotes with the same code, so that the two cannot
//! disagree. Nothing here knows of plugins, records or stores. No crate is below it.
//!
//! - [`rounding`]: how a fraction becomes a whole minor unit, and how often.
//! - [`spread`]: divides an amount by weights, by the largest-remainder method.
//! - [`discount`]: takes discounts off lines, the order and fulfillment options.
//! - [`tax`]: computes taxes from rates, on amounts without tax and of amounts that include it.

pub mod discount;
pub mod rounding;
pub mod spread;
pub mod tax;

/// The largest amount: 2^53 - 1 minor units, the largest integer that every JSON parser represents exactly.
pub const MAX: i64 = (1 << 53) - 1;

/// 100 % in parts per million.
pub const WHOLE: u32 = 1_000_000;

/// Error: an amount is larger than [`MAX`] minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfRange;

impl core::fmt::Display for OutOfRange {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("amount exceeds 9007199254740991 minor units")
    }
}

impl core::error::Error for OutOfRange {}

/// Sum of amounts.
///
/// # Errors
/// [`OutOfRange`] if the sum exceeds [`MAX`].
pub fn sum(amounts: impl IntoIterator<Item = i64>) -> Result<i64, OutOfRange> {
    narrow(amounts.into_iter().map(i128::from).sum())
}

/// An intermediate result as an amount.
pub(crate) fn narrow(wide: i128) -> Result<i64, OutOfRange> {
    match i64::try_from(wide) {
        Ok(amount) if (-MAX..=MAX).contains(&amount) => Ok(amount),
        _ => Err(OutOfRange),
    }
}
