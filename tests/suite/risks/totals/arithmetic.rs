//! Discounts, net amounts and taxes, computed from the contract and independent of the host's code.

use std::collections::BTreeMap;

use tillhouse_checkout::decision::{
    AnsweredTaxes, DiscountTarget, OfferedDiscount, RateOff, RatedTax, Reduction, RoundingRule,
};
use tillhouse_checkout::ids::LineId;

use super::answers::Answers;

pub(super) const MAX: i128 = (1 << 53) - 1;
const WHOLE: i128 = 1_000_000;

/// A line, an option or a fee with its discounts. Amounts include tax if the price does.
#[derive(Clone, Debug, Default)]
pub(super) struct Priced {
    pub(super) id: String,
    pub(super) tax_included: bool,
    pub(super) base: i128,
    pub(super) discount: i128,
    pub(super) order_discount: i128,
}

impl Priced {
    pub(super) const fn subtotal(&self) -> i128 {
        self.base - self.discount
    }

    pub(super) const fn taxable(&self) -> i128 {
        self.subtotal() - self.order_discount
    }

    /// An amount of this line or option without tax, in the proportion of what is taxed; `rates` if they are known.
    pub(super) fn net(&self, amount: i128, tax: i128, rates: Option<i128>) -> i128 {
        match (self.tax_included, self.taxable(), rates) {
            (false, ..) | (true, 0, None) => amount,
            (true, 0, Some(rates)) => rounded("half-up", amount * WHOLE, WHOLE + rates),
            (true, taxable, _) => rounded("half-up", amount * (taxable - tax), taxable),
        }
    }
}

/// Everything that may be taxed, after discounts.
#[derive(Debug)]
pub(super) struct Discounted {
    pub(super) lines: Vec<Priced>,
    pub(super) options: Vec<Priced>,
    pub(super) fees: Vec<Priced>,
    pub(super) order_discount: i128,
    /// Whether a rate is taken of a sum that exceeds the largest amount.
    pub(super) rate_of_too_much: bool,
}

/// Rounds a fraction that is not negative.
pub(super) fn rounded(mode: &str, number: i128, parts: i128) -> i128 {
    let (floor, rest) = (number / parts, number % parts);
    let up = match mode {
        "half-up" => 2 * rest >= parts,
        "half-even" => 2 * rest > parts || (2 * rest == parts && floor % 2 == 1),
        "up" => rest > 0,
        _ => false,
    };
    floor + i128::from(up)
}

/// Divides an amount by weights: every share is rounded down, and the units that are left go to the largest remainders.
fn shares(total: i128, weights: &[i128]) -> Vec<i128> {
    let sum: i128 = weights.iter().sum();
    if sum == 0 {
        return vec![0; weights.len()];
    }
    let mut shares: Vec<i128> = weights.iter().map(|weight| total * weight / sum).collect();
    let left = total - shares.iter().sum::<i128>();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|index| -(total * weights[*index] % sum));
    for index in order.into_iter().take(left.try_into().unwrap()) {
        shares[index] += 1;
    }
    shares
}

pub(super) fn discounted(answers: &Answers) -> Discounted {
    let mut discounts: Vec<&OfferedDiscount> = answers.priced.discounts.iter().collect();
    discounts.sort_by_key(|discount| discount.priority.max(1));
    let mut of = Discounted {
        lines: bases(answers),
        options: answers
            .offer
            .options
            .iter()
            .map(|option| priced(option.id.as_str(), option.price, option.tax_included))
            .collect(),
        fees: answers
            .priced
            .fees
            .iter()
            .map(|fee| priced(&fee.id, fee.amount, fee.tax_included))
            .collect(),
        order_discount: 0,
        rate_of_too_much: false,
    };
    for discount in &discounts {
        of.take_off_lines(&discount.reduction);
    }
    let subtotals: Vec<i128> = of.lines.iter().map(|line| line.subtotal().max(0)).collect();
    for discount in &discounts {
        let left = (subtotals.iter().sum::<i128>() - of.order_discount).max(0);
        of.order_discount += off(&discount.reduction, left, |target| {
            matches!(target, DiscountTarget::Order)
        });
        for option in &mut of.options {
            let left = option.subtotal();
            let meant = |target: &DiscountTarget| match target {
                DiscountTarget::Option(id) => id.as_str() == option.id,
                target => matches!(target, DiscountTarget::Fulfillment),
            };
            option.discount += off(&discount.reduction, left, meant).min(left);
        }
    }
    for (line, share) in of.lines.iter_mut().zip(shares(of.order_discount, &subtotals)) {
        line.order_discount = share;
    }
    of
}

fn priced(id: &str, price: i64, tax_included: bool) -> Priced {
    Priced {
        id: id.into(),
        tax_included,
        base: price.into(),
        ..Priced::default()
    }
}

/// The lines before discounts, in the order of the cart.
pub(super) fn bases(answers: &Answers) -> Vec<Priced> {
    let of_line = |id: &LineId| answers.priced.lines.iter().find(|priced| priced.line == *id);
    let base = |line: &tillhouse_checkout::cart::CartLine| Priced {
        id: line.id.to_string(),
        tax_included: of_line(&line.id).is_some_and(|priced| priced.tax_included),
        base: of_line(&line.id).map_or(0, |priced| i128::from(priced.unit_price)) * i128::from(line.quantity),
        ..Priced::default()
    };
    answers.cart.lines.iter().map(base).collect()
}

/// What a discount takes off one thing, of which `left` is left: order or option.
fn off(reduction: &Reduction, left: i128, meant: impl Fn(&DiscountTarget) -> bool) -> i128 {
    match reduction {
        Reduction::Amounts(parts) => {
            let own = parts.iter().filter(|(target, _)| meant(target));
            own.map(|(_, part)| i128::from(*part)).sum()
        }
        Reduction::Rate(off) if off.targets.iter().any(meant) => {
            rounded(&off.rounding.mode, left * i128::from(off.rate), WHOLE)
        }
        Reduction::Rate(_) => 0,
    }
}

impl Discounted {
    fn take_off_lines(&mut self, reduction: &Reduction) {
        match reduction {
            Reduction::Amounts(parts) => {
                for (target, part) in parts {
                    let line = self.lines.iter_mut().find(|line| is_line(target, &line.id));
                    line.into_iter().for_each(|line| line.discount += i128::from(*part));
                }
            }
            Reduction::Rate(off) => self.take_rate_off_lines(off),
        }
    }

    fn take_rate_off_lines(&mut self, off: &RateOff) {
        let meant =
            |line: &&mut Priced| off.targets.is_empty() || off.targets.iter().any(|target| is_line(target, &line.id));
        let mut lines: Vec<&mut Priced> = self.lines.iter_mut().filter(meant).collect();
        let left: Vec<i128> = lines.iter().map(|line| line.subtotal().max(0)).collect();
        let rated = |amount: i128| rounded(&off.rounding.mode, amount * i128::from(off.rate), WHOLE);
        let amounts = match off.rounding.scope.as_str() {
            "line" => left.iter().copied().map(rated).collect(),
            _ => {
                self.rate_of_too_much |= left.iter().sum::<i128>() > MAX;
                shares(rated(left.iter().sum()), &left)
            }
        };
        lines
            .iter_mut()
            .zip(amounts)
            .for_each(|(line, amount)| line.discount += amount);
    }
}

fn is_line(target: &DiscountTarget, id: &str) -> bool {
    matches!(target, DiscountTarget::Line(line) if line.as_str() == id)
}

/// The rates of one thing together; `None` if the plugin answered amounts.
pub(super) fn rates(taxes: &AnsweredTaxes, of: Kind, id: &str) -> Option<i128> {
    rated(taxes, of).map(|rated| rates_of(rated, id).iter().map(|(_, rate)| rate).sum())
}

/// What has an id: a line, an option or a fee.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Line,
    Option,
    Fee,
}

fn rated(taxes: &AnsweredTaxes, of: Kind) -> Option<&[RatedTax]> {
    match (taxes, of) {
        (AnsweredTaxes::Amounts { .. }, _) => None,
        (AnsweredTaxes::Rates { lines, .. }, Kind::Line) => Some(lines),
        (AnsweredTaxes::Rates { options, .. }, Kind::Option) => Some(options),
        (AnsweredTaxes::Rates { fees, .. }, Kind::Fee) => Some(fees),
    }
}

fn rates_of<'a>(rated: &'a [RatedTax], id: &str) -> Vec<(&'a str, i128)> {
    let own = rated
        .iter()
        .filter(|rated| rated.id == id)
        .flat_map(|rated| &rated.rates);
    own.map(|rate| (rate.jurisdiction.as_str(), rate.rate.into())).collect()
}

/// The tax on an amount, or in it: numerator and denominator.
const fn fraction(of: &Priced, rate: i128, rates: i128) -> (i128, i128) {
    (of.taxable() * rate, if of.tax_included { WHOLE + rates } else { WHOLE })
}

/// The tax of one thing, rounded by itself.
pub(super) fn tax_by_itself(rule: &RoundingRule, of: &Priced, rates: i128) -> i128 {
    let (number, parts) = fraction(of, rates, rates);
    rounded(&rule.mode, number, parts)
}

/// Taxes of all these things by a rounding rule: by line, once per rate, or once for the cart.
pub(super) fn tax_together(taxes: &AnsweredTaxes, rule: &RoundingRule, things: &[(Kind, &Priced)]) -> i128 {
    let mut by_line = 0;
    let mut by_rate: BTreeMap<(&str, i128, i128), i128> = BTreeMap::new();
    for (kind, thing) in things {
        let own = rates_of(rated(taxes, *kind).unwrap_or_default(), &thing.id);
        let all = own.iter().map(|(_, rate)| rate).sum();
        by_line += tax_by_itself(rule, thing, all);
        for (jurisdiction, rate) in own {
            let (number, parts) = fraction(thing, rate, all);
            *by_rate.entry((jurisdiction, rate, parts)).or_default() += number;
        }
    }
    match rule.scope.as_str() {
        "line" => by_line,
        "rate" => by_rate
            .iter()
            .map(|((.., parts), number)| rounded(&rule.mode, *number, *parts))
            .sum(),
        _ => {
            let millionths = by_rate.iter().map(|((.., parts), number)| number * WHOLE / parts);
            rounded(&rule.mode, millionths.sum(), WHOLE)
        }
    }
}
