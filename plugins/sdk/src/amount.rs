//! Amounts in minor units with checked arithmetic.

use tillhouse_amounts::{
    MAX,
    rounding::{Rule, Scope},
    spread::spread,
    tax::{self, Taxable},
};

/// Error: the absolute value of an amount exceeds 2^53 - 1.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// assert_eq!(Amount::MAX.plus(Amount::new(1)?), Err(OutOfRange));
/// // `?` turns it into a rejection: the order is too large.
/// assert!(matches!(Failure::from(OutOfRange), Failure::Rejected(_)));
/// # Ok::<(), Failure>(())
/// ```
#[doc(inline)]
pub use tillhouse_amounts::OutOfRange;

use crate::{
    rate::Rate,
    rounding::Rounding,
    types::{Failure, Rejection, Subject},
};

/// An amount in minor units of the context's currency.
///
/// The absolute value is at most 2^53 - 1: the contract's limit, and the largest integer that every JSON parser represents
/// exactly. All arithmetic is checked, so no value can exceed the limit.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// let price = Amount::new(2500)?;
/// let off = price.at(Rate::percent("10").unwrap())?;
/// assert_eq!(price.minus(off)?.times(3_u32)?.minor(), 6750);
/// # Ok::<(), Failure>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(i64);

/// Rejects the operation with `maximum_exceeded`: only a very large order can cause the overflow.
impl From<OutOfRange> for Failure {
    fn from(error: OutOfRange) -> Self {
        Self::Rejected(Rejection {
            code: "maximum_exceeded".into(),
            message: format!("{error}: reduce the quantity"),
            about: Subject::session(),
            extensions: Vec::new(),
        })
    }
}

impl Amount {
    /// Zero minor units, in any currency.
    pub const ZERO: Self = Self(0);
    /// Largest amount: 2^53 - 1 minor units.
    pub const MAX: Self = Self(MAX);

    /// Creates an amount from minor units.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// assert_eq!(Amount::new(4598)?.minor(), 4598);
    /// assert_eq!(Amount::new(i64::MAX), Err(OutOfRange));
    /// # Ok::<(), Failure>(())
    /// ```
    ///
    /// # Errors
    /// [`OutOfRange`] if the result exceeds 2^53 - 1.
    pub const fn new(minor: i64) -> Result<Self, OutOfRange> {
        if minor > Self::MAX.0 || minor < -Self::MAX.0 {
            Err(OutOfRange)
        } else {
            Ok(Self(minor))
        }
    }

    /// Returns the amount in minor units, such as cents.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// assert_eq!(Amount::ZERO.minor(), 0);
    /// ```
    #[must_use]
    pub const fn minor(self) -> i64 {
        self.0
    }

    /// Adds two amounts.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// assert_eq!(Amount::new(2500)?.plus(Amount::new(599)?)?.minor(), 3099);
    /// # Ok::<(), Failure>(())
    /// ```
    ///
    /// # Errors
    /// [`OutOfRange`] if the result exceeds 2^53 - 1.
    pub fn plus(self, other: Self) -> Result<Self, OutOfRange> {
        Self::new(self.0 + other.0)
    }

    /// Subtracts an amount; the result may be negative.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let left = Amount::new(500)?.minus(Amount::new(700)?)?;
    /// assert_eq!(left.max(Amount::ZERO), Amount::ZERO);
    /// # Ok::<(), Failure>(())
    /// ```
    ///
    /// # Errors
    /// [`OutOfRange`] if the result exceeds 2^53 - 1.
    pub fn minus(self, other: Self) -> Result<Self, OutOfRange> {
        Self::new(self.0 - other.0)
    }

    /// Multiplies a unit price by a quantity.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// assert_eq!(Amount::new(2500)?.times(2_u32)?.minor(), 5000);
    /// # Ok::<(), Failure>(())
    /// ```
    ///
    /// # Errors
    /// [`OutOfRange`] if the result exceeds 2^53 - 1.
    pub fn times(self, quantity: impl Into<u64>) -> Result<Self, OutOfRange> {
        Self::narrow(i128::from(self.0) * i128::from(quantity.into()))
    }

    /// Applies a rate, rounding half up.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let tax = Amount::new(1000)?.at(Rate::percent("7.25").unwrap())?;
    /// assert_eq!(tax.minor(), 73, "72.5");
    /// # Ok::<(), Failure>(())
    /// ```
    ///
    /// # Errors
    /// [`OutOfRange`] if the result exceeds 2^53 - 1.
    pub fn at(self, rate: Rate) -> Result<Self, OutOfRange> {
        self.at_rounded(rate, Rounding::HalfUp)
    }

    /// Applies a rate with the given rounding mode.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let rate = Rate::percent("7.25").unwrap();
    /// assert_eq!(Amount::new(1000)?.at_rounded(rate, Rounding::HalfEven)?.minor(), 72, "72.5");
    /// # Ok::<(), Failure>(())
    /// ```
    ///
    /// # Errors
    /// [`OutOfRange`] if the result exceeds 2^53 - 1.
    pub fn at_rounded(self, rate: Rate, rounding: Rounding) -> Result<Self, OutOfRange> {
        let exact = i128::from(self.0) * i128::from(rate.ppm());
        Self::narrow(rounding.divide(exact, i128::from(Rate::WHOLE.ppm())))
    }

    /// Returns the tax in an amount that includes it: `amount × rate / (1 + rate)`, rounded.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let gross = Amount::new(999)?;
    /// let tax = gross.tax_within(Rate::percent("19").unwrap(), Rounding::HalfUp)?;
    /// assert_eq!((tax.minor(), gross.minus(tax)?.minor()), (160, 839));
    /// # Ok::<(), Failure>(())
    /// ```
    ///
    /// # Errors
    /// [`OutOfRange`] if the result exceeds 2^53 - 1.
    pub fn tax_within(self, rate: Rate, rounding: Rounding) -> Result<Self, OutOfRange> {
        let taxable = Taxable {
            amount: self.0,
            tax_included: true,
            rates: vec![(0, rate.ppm())],
        };
        let once = Rule {
            mode: rounding,
            scope: Scope::Line,
        };
        let taxes = tax::taxes(once, &[taxable], &[], &[])?;
        Self::sum(taxes.items.into_iter().flatten())
    }

    /// Sums amounts that the contract passes as plain integers.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let prices = [2500, 1500];
    /// assert_eq!(Amount::sum(prices)?.minor(), 4000);
    /// # Ok::<(), Failure>(())
    /// ```
    ///
    /// # Errors
    /// [`OutOfRange`] if the sum exceeds 2^53 - 1.
    pub fn sum(minors: impl IntoIterator<Item = i64>) -> Result<Self, OutOfRange> {
        tillhouse_amounts::sum(minors).map(Self)
    }

    /// Allocates the amount in proportion to weights, by the largest-remainder method; the shares add up exactly.
    ///
    /// If remainders are equal, the earlier share gets the extra unit. A weight below zero counts as zero; if no weight is
    /// positive, all shares are zero.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let thirds = [Amount::new(1)?, Amount::new(1)?, Amount::new(1)?];
    /// let shares: Vec<i64> = Amount::new(100)?.spread(&thirds).iter().map(|share| share.minor()).collect();
    /// assert_eq!(shares, [34, 33, 33]);
    /// # Ok::<(), Failure>(())
    /// ```
    #[must_use]
    pub fn spread(self, weights: &[Self]) -> Vec<Self> {
        let weights: Vec<i64> = weights.iter().map(|weight| weight.0).collect();
        let shares = spread(self.0.abs(), &weights).into_iter();
        shares.map(|share| Self(share * self.0.signum())).collect()
    }

    fn narrow(wide: i128) -> Result<Self, OutOfRange> {
        i64::try_from(wide).map_err(|_| OutOfRange).and_then(Self::new)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn of(minor: i64) -> Amount {
        Amount::new(minor).unwrap()
    }

    #[test]
    fn nothing_beyond_the_bound_can_be_made() {
        assert_eq!(Amount::new(1 << 53), Err(OutOfRange));
        assert_eq!(Amount::new(i64::MIN), Err(OutOfRange));
        assert_eq!(Amount::MAX.plus(of(1)), Err(OutOfRange));
        assert_eq!(of(-1).minus(Amount::MAX), Err(OutOfRange));
        assert_eq!(Amount::MAX.times(u64::MAX), Err(OutOfRange));
        assert_eq!(Amount::sum([i64::MAX, 1]), Err(OutOfRange));
    }

    #[test]
    fn a_rate_rounds_half_up() {
        let rate = Rate::percent("8.5").unwrap();
        assert_eq!(of(34_900).at(rate), Ok(of(2_967)), "2966.5");
        assert_eq!(of(10).at(Rate::percent("5").unwrap()), Ok(of(1)), "0.5");
        assert_eq!(of(10).at(Rate::percent("4.9").unwrap()), Ok(of(0)), "0.49");
    }

    #[test]
    fn shares_of_a_negative_amount_add_up_too() {
        let weights = [of(1), of(1), of(1)];
        assert_eq!(of(-100).spread(&weights), [of(-34), of(-33), of(-33)]);
    }

    #[test]
    fn the_tax_in_a_gross_amount_is_rounded_as_the_plugin_says() {
        let (gross, rate) = (of(2_997), Rate::percent("19").unwrap());
        let within = |rounding| gross.tax_within(rate, rounding).unwrap().minor();
        assert_eq!(
            [within(Rounding::HalfUp), within(Rounding::Down), within(Rounding::Up)],
            [479, 478, 479],
            "478.5"
        );
        assert_eq!(of(10).tax_within(Rate::ZERO, Rounding::Up), Ok(Amount::ZERO));
    }
}
