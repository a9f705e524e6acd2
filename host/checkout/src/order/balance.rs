//! The money of an order: what was captured, what has gone back, and what units were paid with.

use super::Order;
use super::error::OrderError;
use super::lines::units_of;
use crate::decision::{Adjustment, LineUnits};
use crate::money::{Amount, Money};
use crate::quote::{Quote, QuoteLine};

/// Whether an adjustment refunds money of the payment. A bank that takes money back in a dispute does not ask how much of it the
/// merchant has returned before.
fn returns_money(adjustment: &Adjustment) -> bool {
    adjustment.status != "failed" && adjustment.kind != "dispute"
}

impl Order {
    /// What has gone back of the payment, or is going back.
    ///
    /// # Errors
    /// If an adjustment is in another currency, or the amounts add up to no amount: a stored order has none of these.
    pub fn adjusted(&self) -> Result<Money, OrderError> {
        let captured = self.total;
        let amounts = self.progress.adjustments.iter().filter(|it| returns_money(it));
        let sum = amounts
            .filter_map(|it| it.amount)
            .try_fold(Amount::ZERO, |sum, adjusted| {
                if adjusted.currency == captured.currency {
                    Ok(sum.plus(adjusted.amount)?)
                } else {
                    Err(OrderError::Currency { adjusted, captured })
                }
            })?;
        Ok(Money {
            amount: sum,
            ..captured
        })
    }

    /// What has gone back of the payment: every adjustment that is completed.
    #[must_use]
    pub fn refunded(&self) -> Money {
        let completed = self.progress.adjustments.iter();
        let completed = completed.filter(|it| returns_money(it) && it.status == "completed");
        let minor = completed
            .filter_map(|it| it.amount)
            .map(|money| money.amount.minor())
            .sum();
        Money {
            // At most what was captured.
            amount: Amount::new(minor).unwrap_or(self.total.amount),
            ..self.total
        }
    }

    /// What the adjustments with these ids leave to others of what was captured.
    #[must_use]
    pub fn adjusted_by_others(&self, own: impl Fn(&str) -> bool) -> Amount {
        let others = self.progress.adjustments.iter();
        let others = others.filter(|it| returns_money(it) && !own(&it.id));
        let minor = others
            .filter_map(|it| it.amount)
            .map(|money| money.amount.minor())
            .sum();
        Amount::new(minor).unwrap_or(self.total.amount)
    }

    /// What was paid for the units of a cancellation: their share of each line, tax included. If nothing of the order is left with it, all
    /// that was paid, shipping and fees included, less what has gone back.
    #[must_use]
    pub fn paid_for(&self, quote: &Quote, cancellation: &Adjustment) -> Money {
        let all_gone = self.line_counts().iter().all(|counts| counts.kept() == 0);
        let gone_back = self.adjusted().map_or(Amount::ZERO, |money| money.amount);
        let left = self.total.amount.minus(gone_back).unwrap_or(Amount::ZERO);
        let amount = if all_gone {
            left
        } else {
            self.share_of(quote, &cancellation.id, &cancellation.lines).min(left)
        };
        Money { amount, ..self.total }
    }

    /// Shares are rounded down over all units that were canceled so far, so that together they are what was paid for the line.
    fn share_of(&self, quote: &Quote, cancellation: &str, lines: &[LineUnits]) -> Amount {
        let before = self.progress.adjustments.iter();
        let before = before.take_while(|it| it.id != cancellation);
        let before: Vec<&Adjustment> = before.filter(|it| super::adjusting::takes_units(it)).collect();
        let share = |line: &QuoteLine| {
            let now = units_of(lines, line.id.as_str());
            let earlier: u64 = before.iter().map(|it| units_of(&it.lines, line.id.as_str())).sum();
            part(line, earlier + now) - part(line, earlier)
        };
        let minor = quote.lines.iter().map(share).sum();
        Amount::new(minor).unwrap_or(Amount::ZERO)
    }
}

/// What so many units of a line were paid with, in minor units, rounded down.
fn part(line: &QuoteLine, units: u64) -> i64 {
    let paid = line.subtotal.minor() - line.order_discount.minor() + line.tax.minor();
    let quantity = i128::from(line.quantity.max(1));
    let part = i128::from(paid) * i128::from(units).min(quantity) / quantity;
    i64::try_from(part).unwrap_or(0)
}
