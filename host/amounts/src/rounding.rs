//! How a fraction becomes a whole minor unit, and how often.

use core::fmt;
use core::str::FromStr;

/// What happens to a fraction of a minor unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Rounding {
    /// To the nearest unit, halves up (towards positive infinity): `half-up`.
    #[default]
    HalfUp,
    /// To the nearest unit, halves to the even neighbor (banker's rounding): `half-even`.
    HalfEven,
    /// Towards zero (truncation): `down`.
    Down,
    /// Away from zero: `up`.
    Up,
}

/// How often a sum is rounded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Each line, option and fee by itself: `line`. The sum depends on how a cart is split into lines.
    #[default]
    Line,
    /// Once for each rate of each jurisdiction: `rate`.
    Rate,
    /// Once for the whole cart: `cart`.
    Cart,
}

/// A rounding rule: the mode, and the scope in which it is applied once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Rule {
    /// What happens to a fraction.
    pub mode: Rounding,
    /// How often a sum is rounded.
    pub scope: Scope,
}

/// Error: the text is not the name of a rounding mode or of a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownName(&'static str);

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}", self.0)
    }
}

impl core::error::Error for UnknownName {}

impl Rounding {
    /// Every mode, in the order of the contract.
    pub const ALL: [Self; 4] = [Self::HalfUp, Self::HalfEven, Self::Down, Self::Up];

    /// Name in the contract and in configurations: `half-up`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::HalfUp => "half-up",
            Self::HalfEven => "half-even",
            Self::Down => "down",
            Self::Up => "up",
        }
    }

    /// Divides `number` by `parts`, which must be positive, and rounds the quotient.
    #[must_use]
    pub const fn divide(self, number: i128, parts: i128) -> i128 {
        let (floor, rest) = (number.div_euclid(parts), number.rem_euclid(parts));
        let up = match self {
            // Without a doubled remainder, which could overflow.
            Self::HalfUp => rest >= parts - rest,
            Self::HalfEven => rest > parts - rest || (rest == parts - rest && floor % 2 != 0),
            Self::Down => floor < 0 && rest > 0,
            Self::Up => floor >= 0 && rest > 0,
        };
        if up { floor + 1 } else { floor }
    }
}

impl Scope {
    /// Every scope, from the narrowest to the widest.
    pub const ALL: [Self; 3] = [Self::Line, Self::Rate, Self::Cart];

    /// Name in the contract and in configurations: `line`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Line => "line",
            Self::Rate => "rate",
            Self::Cart => "cart",
        }
    }
}

impl FromStr for Rounding {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let named = Self::ALL.into_iter().find(|mode| mode.name() == text);
        named.ok_or(UnknownName("half-up, half-even, down or up"))
    }
}

impl FromStr for Scope {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let named = Self::ALL.into_iter().find(|scope| scope.name() == text);
        named.ok_or(UnknownName("line, rate or cart"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_half_goes_where_the_rounding_says_on_both_sides_of_zero() {
        for (number, expected) in [
            (25, [3, 2, 2, 3]),
            (35, [4, 4, 3, 4]),
            (26, [3, 3, 2, 3]),
            (24, [2, 2, 2, 3]),
            (-25, [-2, -2, -2, -3]),
            (-35, [-3, -4, -3, -4]),
            (-26, [-3, -3, -2, -3]),
            (30, [3, 3, 3, 3]),
            (-30, [-3, -3, -3, -3]),
        ] {
            assert_eq!(
                Rounding::ALL.map(|mode| mode.divide(number, 10)),
                expected,
                "{number} tenths"
            );
        }
    }

    #[test]
    fn names_are_read_back_and_others_are_refused() {
        for mode in Rounding::ALL {
            assert_eq!(mode.name().parse(), Ok(mode));
        }
        for scope in Scope::ALL {
            assert_eq!(scope.name().parse(), Ok(scope));
        }
        assert_eq!(
            "nearest".parse::<Rounding>().unwrap_err().to_string(),
            "expected half-up, half-even, down or up"
        );
        assert_eq!(
            "order".parse::<Scope>().unwrap_err().to_string(),
            "expected line, rate or cart"
        );
    }
}
