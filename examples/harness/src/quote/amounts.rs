//! Amounts of a line, option or fee, and how a test expects them.

/// Amounts after every discount, with and without tax.
///
/// ```no_run
/// # use tillhouse_harness::prelude::*;
/// # async fn test(env: Env) {
/// let line = env.quote(cart().line("tee", 3)).await.unwrap().line("line_1");
/// assert_eq!(line.gross, line.net + line.tax);
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amounts {
    /// Amount with tax: what the buyer pays for it.
    pub gross: i64,
    /// The same amount without tax.
    pub net: i64,
    /// Tax on the amount.
    pub tax: i64,
}

impl Amounts {
    pub(super) const fn new(net: i64, tax: i64) -> Self {
        Self {
            gross: net.saturating_add(tax),
            net,
            tax,
        }
    }
}

/// Expected amounts, to compare those of a quote with. See [`gross`] and [`net`].
///
/// ```
/// use tillhouse_harness::{prelude::*, quote::Amounts};
///
/// let line = Amounts { gross: 29_97, net: 25_18, tax: 4_79 };
/// let expected = gross(29_97).tax(4_79);
/// assert_eq!(line, expected);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExpectedAmounts {
    gross: Option<i64>,
    net: Option<i64>,
    tax: Option<i64>,
}

/// Expects this amount with tax. Net and tax are compared only if they are set.
///
/// ```
/// use tillhouse_harness::{prelude::*, quote::Amounts};
///
/// let line = Amounts { gross: 29_97, net: 25_18, tax: 4_79 };
/// assert_eq!(line, gross(29_97));
/// assert_ne!(line, gross(29_97).tax(4_78));
/// ```
#[must_use]
pub const fn gross(minor: i64) -> ExpectedAmounts {
    ExpectedAmounts {
        gross: Some(minor),
        net: None,
        tax: None,
    }
}

/// Expects this amount without tax. The tax is compared only if it is set.
///
/// ```
/// use tillhouse_harness::{prelude::*, quote::Amounts};
///
/// let line = Amounts { gross: 53_63, net: 50_00, tax: 3_63 };
/// assert_eq!(line, net(50_00).tax(3_63));
/// ```
#[must_use]
pub const fn net(minor: i64) -> ExpectedAmounts {
    ExpectedAmounts {
        gross: None,
        net: Some(minor),
        tax: None,
    }
}

impl ExpectedAmounts {
    /// Also expects this amount without tax.
    ///
    /// ```
    /// use tillhouse_harness::{prelude::*, quote::Amounts};
    ///
    /// assert_eq!(Amounts { gross: 10_00, net: 8_40, tax: 1_60 }, gross(10_00).net(8_40));
    /// ```
    #[must_use]
    pub const fn net(self, minor: i64) -> Self {
        Self {
            net: Some(minor),
            ..self
        }
    }

    /// Also expects this tax.
    ///
    /// ```
    /// use tillhouse_harness::{prelude::*, quote::Amounts};
    ///
    /// assert_eq!(Amounts { gross: 10_00, net: 10_00, tax: 0 }, gross(10_00).tax(0));
    /// ```
    #[must_use]
    pub const fn tax(self, minor: i64) -> Self {
        Self {
            tax: Some(minor),
            ..self
        }
    }
}

impl PartialEq<ExpectedAmounts> for Amounts {
    fn eq(&self, other: &ExpectedAmounts) -> bool {
        let is = |expected: Option<i64>, found| expected.is_none_or(|expected| expected == found);
        is(other.gross, self.gross) && is(other.net, self.net) && is(other.tax, self.tax)
    }
}
