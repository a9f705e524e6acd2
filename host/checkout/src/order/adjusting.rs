//! Adjustments: refunds, returns, credits, cancellations and disputes.

use super::Order;
use super::error::OrderError;
use super::lines::{LineCounts, units_of};
use crate::decision::{Adjustment, LineUnits};

/// How many adjustments an order may have.
const MAX_ADJUSTMENTS: usize = 200;

/// The kind of an adjustment that takes units out of an order before they are dispatched.
pub(super) const CANCELLATION: &str = "cancellation";

/// Whether its units are no longer ordered. A refund alone returns money, not goods.
pub(super) fn takes_units(adjustment: &Adjustment) -> bool {
    matches!(adjustment.kind.as_str(), CANCELLATION | "return") && adjustment.status != "failed"
}

impl Order {
    /// Adds an adjustment, or updates the one with its id. A cancellation of the order as a whole ends what is being prepared.
    pub(super) fn adjust(&mut self, given: &Adjustment) -> Result<(), OrderError> {
        for (what, text) in [
            ("adjustment.id", &given.id),
            ("adjustment.kind", &given.kind),
            ("adjustment.status", &given.status),
        ] {
            if text.is_empty() {
                return Err(OrderError::Empty(what));
            }
        }
        let full = self.progress.adjustments.len() >= MAX_ADJUSTMENTS;
        match self.progress.adjustments.iter_mut().find(|it| it.id == given.id) {
            Some(known) => update(known, given),
            None if full => Err(OrderError::TooMany("as many adjustments")),
            None => {
                if given.kind == CANCELLATION && given.lines.is_empty() && takes_units(given) {
                    self.end_prepared(given.at);
                }
                let lines = self.lines_of_new(given)?;
                self.progress.adjustments.push(Adjustment { lines, ..given.clone() });
                Ok(())
            }
        }
    }

    /// The lines of a new adjustment. One that moves no units is about those that it names, or about the order as a whole.
    fn lines_of_new(&self, given: &Adjustment) -> Result<Vec<LineUnits>, OrderError> {
        match given.kind.as_str() {
            _ if !takes_units(given) => {
                self.check_lines(&given.lines)?;
                Ok(given.lines.clone())
            }
            CANCELLATION => self.lines_or_rest(&given.lines, "cancel", |counts| counts.cancelable()),
            _ => self.lines_or_rest(&given.lines, "return", |counts| counts.returnable()),
        }
    }

    /// These lines, or if none are named, all units that are left of each line.
    pub(super) fn lines_or_rest(
        &self,
        named: &[LineUnits],
        action: &'static str,
        left: impl Fn(&LineCounts) -> u64,
    ) -> Result<Vec<LineUnits>, OrderError> {
        if !named.is_empty() {
            self.check_lines(named)?;
            self.check_left(named, action, left)?;
            return Ok(named.to_vec());
        }
        let counted = self.progress.lines.iter().zip(self.line_counts());
        let rest = counted.map(|(line, counts)| LineUnits {
            line: line.line.clone(),
            quantity: u32::try_from(left(&counts)).unwrap_or(u32::MAX),
        });
        let rest: Vec<LineUnits> = rest.filter(|units| units.quantity > 0).collect();
        if rest.is_empty() {
            Err(OrderError::NothingLeft(action))
        } else {
            Ok(rest)
        }
    }

    fn check_left(
        &self,
        named: &[LineUnits],
        action: &'static str,
        left: impl Fn(&LineCounts) -> u64,
    ) -> Result<(), OrderError> {
        for (line, counts) in self.progress.lines.iter().zip(self.line_counts()) {
            let (asked, left) = (units_of(named, &line.line), left(&counts));
            if asked > left {
                return Err(OrderError::TooManyUnits {
                    line: line.line.clone(),
                    action,
                    asked,
                    left,
                });
            }
        }
        Ok(())
    }

    fn check_lines(&self, named: &[LineUnits]) -> Result<(), OrderError> {
        for units in named {
            if !self.progress.lines.iter().any(|line| line.line == units.line) {
                return Err(OrderError::UnknownLine {
                    line: units.line.clone(),
                    known: self.progress.lines.iter().map(|line| line.line.clone()).collect(),
                });
            }
            if units.quantity == 0 {
                return Err(OrderError::NoUnits(units.line.clone()));
            }
        }
        Ok(())
    }
}

/// What is known now; what is left out stays as it was.
fn update(known: &mut Adjustment, given: &Adjustment) -> Result<(), OrderError> {
    if known.kind != given.kind {
        return Err(OrderError::OtherKind {
            id: given.id.clone(),
            before: known.kind.clone(),
            after: given.kind.clone(),
        });
    }
    given.status.clone_into(&mut known.status);
    known.amount = given.amount.or(known.amount);
    for (known, given) in [(&mut known.reason, &given.reason), (&mut known.code, &given.code)] {
        if given.is_some() {
            known.clone_from(given);
        }
    }
    if !given.lines.is_empty() {
        known.lines.clone_from(&given.lines);
    }
    known.at = given.at;
    Ok(())
}
