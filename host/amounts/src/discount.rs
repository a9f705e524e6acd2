//! Takes discounts off lines, the order and fulfillment options, in the order of their priorities.
//!
//! Discounts on lines come first, then those on the order as a whole, then those on fulfillment options. A percentage is taken of
//! what the discounts before it have left of its target.

use std::collections::{BTreeMap, BTreeSet};

use crate::rounding::{Rule, Scope};
use crate::spread::spread_by_key;
use crate::{OutOfRange, WHOLE, narrow, sum};

/// What is discounted. `O` identifies a fulfillment option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target<O> {
    /// The line at this index.
    Line(usize),
    /// The order as a whole.
    Order,
    /// The fulfillment option with this id.
    Option(O),
    /// Every fulfillment option, each by itself.
    Fulfillment,
}

/// How much a discount takes off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reduction<O> {
    /// An amount for each target, zero or more.
    Amounts(Vec<(Target<O>, i64)>),
    /// A rate in parts per million, at most [`WHOLE`], of each target; of every line if there are no targets.
    Rate {
        /// Rate off in parts per million.
        rate: u32,
        /// What the rate is taken from.
        targets: Vec<Target<O>>,
        /// How it is rounded. In any scope but `line`, all lines together are rounded once.
        rule: Rule,
    },
}

/// A discount, and when it is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discount<O> {
    /// Order of application, starting with 1; 0 counts as 1. Among equals the order of the list decides.
    pub priority: u32,
    /// How much it takes off.
    pub reduction: Reduction<O>,
}

/// A line before discounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// Unit price times quantity, zero or more.
    pub base: i64,
    /// The same number for lines of the same item and destination: what these get of a spread amount together does not depend on
    /// how they are split.
    pub key: usize,
}

/// The key of each line: the same number for lines that are the same to `T`, which is item and destination.
#[must_use]
pub fn keys<T: Ord>(lines: impl IntoIterator<Item = T>) -> Vec<usize> {
    let mut known: BTreeMap<T, usize> = BTreeMap::new();
    let number = |line| {
        let next = known.len();
        *known.entry(line).or_insert(next)
    };
    lines.into_iter().map(number).collect()
}

/// A line with its discounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DiscountedLine {
    /// Sum of the discounts on the line.
    pub discount: i64,
    /// Amount after these: base less discount.
    pub subtotal: i64,
    /// Share of the line in the discounts on the order.
    pub order_discount: i64,
    /// Amount after every discount: subtotal less order discount.
    pub taxable: i64,
}

/// Lines with their discounts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DiscountedLines<O> {
    /// The lines, in order.
    pub lines: Vec<DiscountedLine>,
    /// What each discount takes off lines and order, in the order of the discounts. No amount of a rate is zero.
    pub parts: Vec<Vec<(Target<O>, i64)>>,
    /// Sum of the discounts on the order.
    pub order_discount: i64,
}

/// Why discounts cannot be taken off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiscountError {
    /// A sum is out of range.
    OutOfRange,
    /// The line at this index has larger discounts than its base.
    BeyondLine {
        /// Index of the line.
        line: usize,
        /// Sum of its discounts.
        discount: i64,
    },
    /// The discounts on the order are larger than the subtotal.
    BeyondOrder {
        /// Sum of the discounts on the order.
        discount: i64,
        /// What is left of all lines.
        subtotal: i64,
    },
}

impl From<OutOfRange> for DiscountError {
    fn from(_: OutOfRange) -> Self {
        Self::OutOfRange
    }
}

/// The indices of discounts in the order of their application.
#[must_use]
pub fn in_order<O>(discounts: &[Discount<O>]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..discounts.len()).collect();
    order.sort_by_key(|index| discounts.get(*index).map(|discount| discount.priority.max(1)));
    order
}

/// Takes the discounts off lines and order.
///
/// # Errors
/// [`DiscountError`] if a discount is larger than its target, or a sum is out of range. Targets are lines of the list.
pub fn discount_lines<O: Clone>(
    lines: &[Line],
    discounts: &[Discount<O>],
) -> Result<DiscountedLines<O>, DiscountError> {
    let mut off = LineDiscounts {
        lines,
        of_lines: vec![0; lines.len()],
        parts: vec![Vec::new(); discounts.len()],
    };
    let order = in_order(discounts);
    for index in &order {
        if let Some(discount) = discounts.get(*index) {
            off.take(*index, &discount.reduction)?;
        }
    }
    let subtotals = off.subtotals()?;
    let subtotal = sum(subtotals.iter().copied())?;
    let mut order_discount = 0;
    for index in &order {
        if let Some(discount) = discounts.get(*index) {
            let part = of_order(&discount.reduction, subtotal.saturating_sub(order_discount))?;
            order_discount = sum([order_discount, part.iter().sum()])?;
            if let Some(parts) = off.parts.get_mut(*index) {
                parts.extend(part.into_iter().map(|amount| (Target::Order, amount)));
            }
        }
    }
    if order_discount > subtotal {
        return Err(DiscountError::BeyondOrder {
            discount: order_discount,
            subtotal,
        });
    }
    let keys: Vec<usize> = lines.iter().map(|line| line.key).collect();
    let shares = spread_by_key(order_discount, &subtotals, &keys);
    let discounted = off.of_lines.iter().zip(&subtotals).zip(shares);
    Ok(DiscountedLines {
        lines: discounted
            .map(|((discount, subtotal), share)| DiscountedLine {
                discount: *discount,
                subtotal: *subtotal,
                order_discount: share,
                taxable: subtotal - share,
            })
            .collect(),
        parts: off.parts,
        order_discount,
    })
}

/// What each discount takes off a fulfillment option of this price, in the order of the discounts. Together at most the price.
///
/// # Errors
/// [`OutOfRange`] if the price is.
pub fn discount_option<O: PartialEq>(
    option: &O,
    price: i64,
    discounts: &[Discount<O>],
) -> Result<Vec<i64>, OutOfRange> {
    let applies = |target: &Target<O>| match target {
        Target::Option(id) => id == option,
        Target::Fulfillment => true,
        Target::Line(_) | Target::Order => false,
    };
    let mut parts = vec![0; discounts.len()];
    let mut left = price;
    for index in in_order(discounts) {
        let (Some(discount), Some(part)) = (discounts.get(index), parts.get_mut(index)) else {
            continue;
        };
        *part = match &discount.reduction {
            Reduction::Amounts(amounts) => {
                let own = amounts.iter().filter(|(target, _)| applies(target));
                own.fold(0_i64, |sum, (_, amount)| sum.saturating_add(*amount))
                    .min(left)
            }
            Reduction::Rate { rate, targets, rule } if targets.iter().any(applies) => rated(left, *rate, *rule)?,
            Reduction::Rate { .. } => 0,
        };
        left -= *part;
    }
    Ok(parts)
}

/// A rate of an amount, rounded.
fn rated(amount: i64, rate: u32, rule: Rule) -> Result<i64, OutOfRange> {
    let exact = i128::from(amount.max(0)) * i128::from(rate);
    narrow(rule.mode.divide(exact, WHOLE.into()))
}

/// What a discount takes off the order, of which `left` is left: one amount for each target, and none that is zero from a rate.
fn of_order<O>(reduction: &Reduction<O>, left: i64) -> Result<Vec<i64>, OutOfRange> {
    let is_order = |target: &Target<O>| matches!(target, Target::Order);
    Ok(match reduction {
        Reduction::Amounts(amounts) => {
            let own = amounts.iter().filter(|(target, _)| is_order(target));
            own.map(|(_, amount)| *amount).collect()
        }
        Reduction::Rate { rate, targets, rule } if targets.iter().any(is_order) => {
            let amount = rated(left, *rate, *rule)?;
            Vec::from_iter((amount > 0).then_some(amount))
        }
        Reduction::Rate { .. } => Vec::new(),
    })
}

/// Discounts on lines, as far as they have been taken.
struct LineDiscounts<'a, O> {
    lines: &'a [Line],
    of_lines: Vec<i64>,
    parts: Vec<Vec<(Target<O>, i64)>>,
}

impl<O> LineDiscounts<'_, O> {
    fn take(&mut self, index: usize, reduction: &Reduction<O>) -> Result<(), DiscountError> {
        let amounts = match reduction {
            Reduction::Amounts(amounts) => amounts
                .iter()
                .filter_map(|(target, amount)| Some((line(target)?, *amount)))
                .collect(),
            Reduction::Rate { rate, targets, rule } => self.rated(*rate, targets, *rule)?,
        };
        for (line, amount) in amounts {
            if let Some(discount) = self.of_lines.get_mut(line) {
                *discount = sum([*discount, amount])?;
            }
            if let Some(parts) = self.parts.get_mut(index) {
                parts.push((Target::Line(line), amount));
            }
        }
        Ok(())
    }

    /// The amounts of a rate by line, without those that are zero.
    fn rated(&self, rate: u32, targets: &[Target<O>], rule: Rule) -> Result<Vec<(usize, i64)>, OutOfRange> {
        let members = self.members(targets);
        let left: Vec<i64> = members.iter().map(|index| self.left(*index)).collect();
        let amounts = match rule.scope {
            Scope::Line => left
                .iter()
                .map(|left| rated(*left, rate, rule))
                .collect::<Result<_, _>>()?,
            Scope::Rate | Scope::Cart => {
                let keys: Vec<usize> = members
                    .iter()
                    .filter_map(|index| Some(self.lines.get(*index)?.key))
                    .collect();
                spread_by_key(rated(sum(left.iter().copied())?, rate, rule)?, &left, &keys)
            }
        };
        Ok(members
            .into_iter()
            .zip(amounts)
            .filter(|(_, amount)| *amount > 0)
            .collect())
    }

    /// The indices of the lines among the targets, in order; of every line if there are no targets.
    fn members(&self, targets: &[Target<O>]) -> Vec<usize> {
        if targets.is_empty() {
            return (0..self.lines.len()).collect();
        }
        let named: BTreeSet<usize> = targets.iter().filter_map(line).collect();
        named.into_iter().filter(|index| *index < self.lines.len()).collect()
    }

    /// What the discounts so far have left of a line.
    fn left(&self, index: usize) -> i64 {
        let base = self.lines.get(index).map_or(0, |line| line.base);
        let discount = self.of_lines.get(index).copied().unwrap_or_default();
        base.saturating_sub(discount).max(0)
    }

    fn subtotals(&self) -> Result<Vec<i64>, DiscountError> {
        let lines = self.lines.iter().zip(&self.of_lines).enumerate();
        lines
            .map(|(line, (of, discount))| match of.base.checked_sub(*discount) {
                Some(subtotal) if subtotal >= 0 => Ok(subtotal),
                _ => Err(DiscountError::BeyondLine {
                    line,
                    discount: *discount,
                }),
            })
            .collect()
    }
}

const fn line<O>(target: &Target<O>) -> Option<usize> {
    match target {
        Target::Line(index) => Some(*index),
        Target::Order | Target::Option(_) | Target::Fulfillment => None,
    }
}

#[cfg(test)]
mod tests;
