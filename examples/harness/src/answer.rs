//! Expected outcomes of a charge, and taxes of an answer, for assertions.

use tillhouse_plugin::payments::Outcome;
use tillhouse_plugin::tax::{Assessment, Taxes};
use tillhouse_plugin::types::{Failure, Money};

use crate::order::money;

/// An expected decline, to compare an outcome with. See [`declined`].
///
/// ```
/// use tillhouse_harness::prelude::*;
///
/// let outcome: Result<Outcome, Failure> = Ok(Outcome::declined("expired_card", false));
/// let wanted = declined("expired_card");
/// assert_eq!(outcome, wanted);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declined {
    code: String,
    retryable: Option<bool>,
}

/// Expects a decline with this code. `retryable` is compared only if [`retryable`](method@Declined::retryable) sets it.
///
/// ```
/// use tillhouse_harness::prelude::*;
/// use tillhouse_plugin::payments::Outcome;
///
/// let outcome: Result<Outcome, Failure> = Ok(Outcome::declined("expired_card", false));
/// assert_eq!(outcome, declined("expired_card"));
/// assert_ne!(outcome, declined("expired_card").retryable(true));
/// ```
#[must_use]
pub fn declined(code: impl Into<String>) -> Declined {
    Declined {
        code: code.into(),
        retryable: None,
    }
}

impl Declined {
    /// Also expects this answer to whether the buyer may try the same card again.
    ///
    /// ```
    /// use tillhouse_harness::prelude::*;
    ///
    /// let outcome: Result<Outcome, Failure> = Ok(Outcome::declined("insufficient_funds", true));
    /// assert_eq!(outcome, declined("insufficient_funds").retryable(true));
    /// assert_ne!(outcome, declined("insufficient_funds").retryable(false));
    /// ```
    #[must_use]
    pub const fn retryable(mut self, retryable: bool) -> Self {
        self.retryable = Some(retryable);
        self
    }
}

impl PartialEq<Declined> for Result<Outcome, Failure> {
    fn eq(&self, other: &Declined) -> bool {
        matches!(self, Ok(Outcome::Declined(decline)) if decline.code == other.code
            && other.retryable.is_none_or(|retryable| retryable == decline.retryable))
    }
}

/// An expected approval, to compare an outcome with. See [`approved`].
///
/// ```
/// use tillhouse_harness::prelude::*;
///
/// let outcome: Result<Outcome, Failure> = Ok(Outcome::captured("ch_1", money(45_98, "usd")));
/// let wanted = approved(45_98, "usd");
/// assert_eq!(outcome, wanted);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Approved {
    amount: Money,
    reference: Option<String>,
    captured: Option<bool>,
}

/// Expects an approval of this amount in minor units. Reference and capture are compared only if they are set.
///
/// ```
/// use tillhouse_harness::prelude::*;
/// use tillhouse_plugin::payments::Outcome;
///
/// let money = Money { minor: 4598, currency: "USD".into() };
/// let outcome: Result<Outcome, Failure> = Ok(Outcome::captured("ch_1", money));
/// assert_eq!(outcome, approved(45_98, "usd").reference("ch_1").captured(true));
/// assert_ne!(outcome, approved(45_99, "usd"));
/// ```
#[must_use]
pub fn approved(minor: i64, currency: &str) -> Approved {
    Approved {
        amount: money(minor, currency),
        reference: None,
        captured: None,
    }
}

impl Approved {
    /// Also expects this reference of the processor.
    ///
    /// ```
    /// use tillhouse_harness::prelude::*;
    ///
    /// let outcome: Result<Outcome, Failure> = Ok(Outcome::captured("ch_1", money(45_98, "usd")));
    /// assert_ne!(outcome, approved(45_98, "usd").reference("ch_2"));
    /// ```
    #[must_use]
    pub fn reference(mut self, reference: impl Into<String>) -> Self {
        self.reference = Some(reference.into());
        self
    }

    /// Also expects whether the charge was captured (`true`) or only authorized (`false`).
    ///
    /// ```
    /// use tillhouse_harness::prelude::*;
    ///
    /// let outcome: Result<Outcome, Failure> = Ok(Outcome::captured("ch_1", money(45_98, "usd")));
    /// assert_ne!(outcome, approved(45_98, "usd").captured(false));
    /// ```
    #[must_use]
    pub const fn captured(mut self, captured: bool) -> Self {
        self.captured = Some(captured);
        self
    }
}

impl PartialEq<Approved> for Result<Outcome, Failure> {
    fn eq(&self, other: &Approved) -> bool {
        matches!(self, Ok(Outcome::Approved(approval)) if approval.amount == other.amount
            && other.captured.is_none_or(|captured| captured == approval.captured)
            && other.reference.as_ref().is_none_or(|reference| *reference == approval.processor_reference))
    }
}

/// Tax on a line, as the plugin computed it; `None` if it left the line out, or answered rates.
///
/// ```
/// use tillhouse_harness::prelude::*;
/// use tillhouse_plugin::prelude::{Amount, Assessed, AssessedTaxes, Rate};
///
/// let tax = Assessed::at("line_1", Amount::new(50_00).unwrap(), Rate::percent("7.25").unwrap(), "US-CA").unwrap();
/// let answer = AssessedTaxes { lines: vec![tax], ..AssessedTaxes::default() }.into();
/// assert_eq!(line_tax(&answer, "line_1"), Some(3_63));
/// assert_eq!(line_tax(&answer, "line_2"), None);
/// ```
#[must_use]
pub fn line_tax(answer: &Assessment, line: &str) -> Option<i64> {
    let Taxes::Amounts(taxes) = &answer.taxes else {
        return None;
    };
    let tax = taxes.lines.iter().find(|tax| tax.id == line)?;
    Some(tax.amount)
}

/// Rates of a line together, in parts per million; `None` if the plugin left the line out, or answered amounts.
///
/// ```
/// use tillhouse_harness::prelude::*;
/// use tillhouse_plugin::prelude::{Rate, Rated, RatedTaxes, Rounding, RoundingRule};
///
/// let mut taxes = RatedTaxes::new(RoundingRule::per_rate(Rounding::HalfUp));
/// taxes.lines.push(Rated::at("line_1", Rate::percent("19").unwrap(), "DE"));
/// assert_eq!(line_rate(&taxes.into(), "line_1"), Some(190_000));
/// ```
#[must_use]
pub fn line_rate(answer: &Assessment, line: &str) -> Option<u32> {
    let Taxes::Rates(taxes) = &answer.taxes else {
        return None;
    };
    let rated = taxes.lines.iter().find(|rated| rated.id == line)?;
    Some(rated.rates.iter().map(|rate| rate.rate).sum())
}
