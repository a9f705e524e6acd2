//! Rounding of fractions of a minor unit: the modes, and the rule that the host applies to rates.

/// Rounding mode for fractions of a minor unit.
///
/// ```
/// use tillhouse_plugin::prelude::*;
///
/// let (half, five_percent) = (Amount::new(50)?, Rate::percent("5").unwrap());
/// assert_eq!(half.at_rounded(five_percent, Rounding::HalfUp)?.minor(), 3, "2.5");
/// assert_eq!(half.at_rounded(five_percent, Rounding::HalfEven)?.minor(), 2);
/// assert_eq!(half.at_rounded(five_percent, Rounding::Down)?.minor(), 2);
/// assert_eq!(half.at_rounded(five_percent, Rounding::Up)?.minor(), 3);
/// assert_eq!("half-even".parse(), Ok(Rounding::HalfEven));
/// # Ok::<(), OutOfRange>(())
/// ```
#[doc(inline)]
pub use tillhouse_amounts::rounding::Rounding;
use tillhouse_amounts::rounding::Rule;
pub(crate) use tillhouse_amounts::rounding::Scope;
/// Error: the text is not the name of a rounding mode.
#[doc(inline)]
pub use tillhouse_amounts::rounding::UnknownName;

pub use crate::bindings::tillhouse::merchant::types::Rounding as RoundingRule;

impl RoundingRule {
    /// Rounds each line, option and fee by itself. The sum then depends on how a cart is split into lines.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let rule = RoundingRule::per_line(Rounding::HalfUp);
    /// assert_eq!((rule.mode.as_str(), rule.scope.as_str()), ("half-up", "line"));
    /// ```
    #[must_use]
    pub fn per_line(mode: Rounding) -> Self {
        Self::of(mode, Scope::Line)
    }

    /// Rounds once for each rate of each jurisdiction, as Japan's consumption tax demands.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// assert_eq!(RoundingRule::per_rate(Rounding::Down).scope, "rate");
    /// ```
    #[must_use]
    pub fn per_rate(mode: Rounding) -> Self {
        Self::of(mode, Scope::Rate)
    }

    /// Rounds once for the whole cart.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// assert_eq!(RoundingRule::per_cart(Rounding::HalfEven).scope, "cart");
    /// ```
    #[must_use]
    pub fn per_cart(mode: Rounding) -> Self {
        Self::of(mode, Scope::Cart)
    }

    fn of(mode: Rounding, scope: Scope) -> Self {
        Self {
            mode: mode.name().into(),
            scope: scope.name().into(),
        }
    }

    /// The rule for the shared arithmetic.
    ///
    /// # Errors
    /// [`UnknownName`] if mode or scope is not one of the contract.
    pub(crate) fn rule(&self) -> Result<Rule, UnknownName> {
        Ok(Rule {
            mode: self.mode.parse()?,
            scope: self.scope.parse()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mode_and_scope_is_read_back() {
        for mode in Rounding::ALL {
            for scope in Scope::ALL {
                assert_eq!(RoundingRule::of(mode, scope).rule(), Ok(Rule { mode, scope }));
            }
        }
        let unknown = RoundingRule {
            scope: "order".into(),
            ..RoundingRule::per_cart(Rounding::Up)
        };
        assert!(unknown.rule().is_err());
    }
}
