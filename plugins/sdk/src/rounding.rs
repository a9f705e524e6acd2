//! Rounding modes for fractions of a minor unit.

use core::str::FromStr;

/// Rounding mode for fractions of a minor unit.
///
/// ```
/// use tillhouse_plugin::prelude::*;
///
/// let (half, five_percent) = (Amount::new(50)?, Rate::percent("5").unwrap());
/// assert_eq!(half.at_rounded(five_percent, Rounding::HalfUp)?.minor(), 3, "2.5");
/// assert_eq!(half.at_rounded(five_percent, Rounding::HalfEven)?.minor(), 2);
/// assert_eq!(half.at_rounded(five_percent, Rounding::Down)?.minor(), 2);
/// assert_eq!("half-even".parse(), Ok(Rounding::HalfEven));
/// # Ok::<(), OutOfRange>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rounding {
    /// To the nearest unit, halves up (towards positive infinity): `half-up`.
    #[default]
    HalfUp,
    /// To the nearest unit, halves to the even neighbor (banker's rounding): `half-even`.
    HalfEven,
    /// Towards zero (truncation): `down`.
    Down,
}

/// Error: the text is not a rounding mode.
///
/// ```
/// use tillhouse_plugin::rounding::{NotARounding, Rounding};
///
/// assert_eq!("up".parse::<Rounding>(), Err(NotARounding));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotARounding;

impl core::fmt::Display for NotARounding {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("expected half-up, half-even or down")
    }
}

impl core::error::Error for NotARounding {}

/// Parses the name that configurations use, such as `half-up`.
impl FromStr for Rounding {
    type Err = NotARounding;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "half-up" => Ok(Self::HalfUp),
            "half-even" => Ok(Self::HalfEven),
            "down" => Ok(Self::Down),
            _ => Err(NotARounding),
        }
    }
}

impl Rounding {
    /// Divides `number` by `parts`, which must be positive, and rounds the quotient.
    pub(crate) const fn whole(self, number: i128, parts: i128) -> i128 {
        let (floor, rest) = (number.div_euclid(parts), number.rem_euclid(parts));
        let up = match self {
            Self::HalfUp => rest * 2 >= parts,
            Self::HalfEven => rest * 2 > parts || (rest * 2 == parts && floor % 2 != 0),
            Self::Down => floor < 0 && rest > 0,
        };
        if up { floor + 1 } else { floor }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_half_goes_where_the_rounding_says_on_both_sides_of_zero() {
        for (number, half_up, half_even, down) in [
            (25, 3, 2, 2),
            (35, 4, 4, 3),
            (26, 3, 3, 2),
            (24, 2, 2, 2),
            (-25, -2, -2, -2),
            (-35, -3, -4, -3),
            (-26, -3, -3, -2),
            (30, 3, 3, 3),
            (-30, -3, -3, -3),
        ] {
            let rounded = [Rounding::HalfUp, Rounding::HalfEven, Rounding::Down].map(|it| it.whole(number, 10));
            assert_eq!(rounded, [half_up, half_even, down], "{number} tenths");
        }
    }
}
