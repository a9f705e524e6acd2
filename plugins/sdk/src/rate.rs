//! Rates, such as tax and discount percentages.

use core::str::FromStr;

use tillhouse_amounts::WHOLE;

/// A rate in parts per million: 72500 is 7.25 %.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// let rate: Rate = "7.25".parse().unwrap();
/// assert_eq!((rate.ppm(), rate < Rate::WHOLE), (72_500, true));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rate(u32);

/// Error: the text is not a percentage.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// use tillhouse_plugin::rate::NotAPercentage;
///
/// assert_eq!("7,25".parse::<Rate>(), Err(NotAPercentage));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAPercentage;

impl core::fmt::Display for NotAPercentage {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("expected a percentage with at most four decimals, such as 7.25")
    }
}

impl core::error::Error for NotAPercentage {}

impl Rate {
    /// 0 %, or 0 parts per million.
    pub const ZERO: Self = Self(0);
    /// 100 %, or 1,000,000 parts per million.
    pub const WHOLE: Self = Self(WHOLE);

    /// Creates a rate from parts per million.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// assert_eq!(Rate::from_ppm(72_500), Rate::percent("7.25").unwrap());
    /// ```
    #[must_use]
    pub const fn from_ppm(ppm: u32) -> Self {
        Self(ppm)
    }

    /// Returns the rate in parts per million.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// assert_eq!(Rate::WHOLE.ppm(), 1_000_000);
    /// ```
    #[must_use]
    pub const fn ppm(self) -> u32 {
        self.0
    }

    /// Parses a percentage exactly: `7.25` is 72500 parts per million. No sign, no exponent, at most four decimals.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// assert_eq!(Rate::percent("9.975").unwrap().ppm(), 99_750);
    /// assert!(Rate::percent("9.975%").is_err());
    /// ```
    ///
    /// # Errors
    /// [`NotAPercentage`] for any other text.
    pub fn percent(text: &str) -> Result<Self, NotAPercentage> {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !digits(decimals) || decimals.len() > 4 {
            return Err(NotAPercentage);
        }
        let scale = [10_000, 1_000, 100, 10, 1]
            .get(decimals.len())
            .copied()
            .ok_or(NotAPercentage)?;
        let whole: u32 = whole.parse().map_err(|_| NotAPercentage)?;
        let fraction: u32 = decimals.parse().map_err(|_| NotAPercentage)?;
        whole
            .checked_mul(10_000)
            .and_then(|ppm| ppm.checked_add(fraction * scale))
            .map(Self)
            .ok_or(NotAPercentage)
    }
}

/// Parses a percentage like [`Rate::percent`].
impl FromStr for Rate {
    type Err = NotAPercentage;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::percent(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_read_exactly() {
        for (text, ppm) in [
            ("0", 0),
            ("7.25", 72_500),
            ("6.875", 68_750),
            ("4.2252", 42_252),
            ("100", 1_000_000),
        ] {
            assert_eq!(Rate::percent(text), Ok(Rate(ppm)), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "", ".", "7.", ".5", "-1", "+1", "1e2", "7,25", "7.25%", "1.00001", " 1", "9999999",
        ] {
            assert_eq!(Rate::percent(text), Err(NotAPercentage), "{text:?}");
        }
    }
}
