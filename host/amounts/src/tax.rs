//! Taxes from rates, on amounts without tax and of amounts that include it.
//!
//! Of an amount `g` that includes tax at rates of together `R`, the part of a rate `r` is `g × r / (1 + R)`; on an amount `n`
//! without tax it is `n × r`. Products are exact, and a sum is rounded once per [`Scope`]. In the scope `cart`, the part of a rate
//! in amounts that include tax is cut to a millionth of a minor unit before it is added up, because the exact fractions of
//! different rates have no common denominator of bounded size.

use std::collections::BTreeMap;

use crate::rounding::{Rounding, Rule, Scope};
use crate::spread::{spread, spread_within};
use crate::{OutOfRange, WHOLE, narrow};

/// One amount, and the rates that apply to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taxable {
    /// Amount after every discount, zero or more.
    pub amount: i64,
    /// Whether the amount includes the tax.
    pub tax_included: bool,
    /// Rates in parts per million, each with a number for its jurisdiction; together at most [`WHOLE`].
    pub rates: Vec<(usize, u32)>,
}

/// The tax of one amount: one part for each of its rates, in their order.
pub type Parts = Vec<i64>;

/// Taxes of a cart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taxes {
    /// Of each line and fee, in order.
    pub items: Vec<Parts>,
    /// Of each fulfillment option, in order.
    pub options: Vec<Parts>,
}

/// Computes the taxes of lines and fees (`items`) and of the fulfillment options.
///
/// The tax of an option is what it adds to the tax of the items. `applied` are the indices of the options that apply: they are
/// added one after the other, so that the tax of the whole cart is rounded as often as the rule says and not more often. An option
/// that does not apply is added to the items alone.
///
/// # Errors
/// [`OutOfRange`] if a tax exceeds the largest amount.
pub fn taxes(rule: Rule, items: &[Taxable], options: &[Taxable], applied: &[usize]) -> Result<Taxes, OutOfRange> {
    let mut cart = Accumulated::new(rule);
    let of_items = cart.add(items)?;
    let mut of_options = Vec::with_capacity(options.len());
    for option in options {
        let (added, _) = cart.tax_of(core::slice::from_ref(option))?;
        of_options.extend(added);
    }
    for index in applied {
        if let (Some(option), Some(slot)) = (options.get(*index), of_options.get_mut(*index)) {
            *slot = cart.add(core::slice::from_ref(option))?.pop().unwrap_or_default();
        }
    }
    Ok(Taxes {
        items: of_items,
        options: of_options,
    })
}

/// What a tax is rounded together with: the rate of a jurisdiction, and for amounts that include tax all their rates together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Bucket {
    jurisdiction: usize,
    rate: u32,
    /// Sum of the rates of the amounts; `None` for amounts without tax.
    included: Option<u32>,
    /// An amount may have the same rate of one jurisdiction several times: how many of these come before.
    repetition: usize,
}

impl Bucket {
    /// The tax on `base` as a fraction: numerator and denominator.
    fn fraction(self, base: i128) -> (i128, i128) {
        let whole = i128::from(WHOLE);
        let of = self.included.map_or(whole, |rates| whole + i128::from(rates));
        (base * i128::from(self.rate), of)
    }

    /// The tax on `base` in millionths of a minor unit, cut.
    fn millionths(self, base: i128) -> i128 {
        let (number, of) = self.fraction(base);
        // `base` has at most 62 bits, the rate 20 and the millionths 20.
        (number * i128::from(WHOLE)).div_euclid(of)
    }
}

/// What has been added up so far.
#[derive(Debug)]
struct Accumulated {
    rule: Rule,
    /// Base of each bucket.
    bases: BTreeMap<Bucket, i128>,
    /// Taxes of all buckets in millionths of a minor unit.
    millionths: i128,
}

/// The bases that amounts bring to their buckets.
type Added = Vec<(Bucket, i128)>;

impl Accumulated {
    const fn new(rule: Rule) -> Self {
        Self {
            rule,
            bases: BTreeMap::new(),
            millionths: 0,
        }
    }

    /// Adds amounts, and returns the tax that they add, part by part.
    fn add(&mut self, amounts: &[Taxable]) -> Result<Vec<Parts>, OutOfRange> {
        let (parts, added) = self.tax_of(amounts)?;
        for (bucket, base) in added {
            let so_far = self.base(bucket);
            self.millionths += bucket.millionths(so_far + base) - bucket.millionths(so_far);
            self.bases.insert(bucket, so_far + base);
        }
        Ok(parts)
    }

    /// The tax that amounts would add, part by part, and what they would bring to the buckets.
    fn tax_of(&self, amounts: &[Taxable]) -> Result<(Vec<Parts>, Added), OutOfRange> {
        if self.rule.scope == Scope::Line {
            let parts = amounts.iter().map(|taxable| by_itself(self.rule.mode, taxable));
            return Ok((parts.collect::<Result<_, _>>()?, Vec::new()));
        }
        let buckets = Members::of(amounts);
        let added: Added = buckets
            .iter()
            .map(|(bucket, members)| (*bucket, members.base(amounts)))
            .collect();
        let gained = match self.rule.scope {
            Scope::Cart => self.gained_once(&added)?,
            Scope::Line | Scope::Rate => self.gained_by_rate(&added)?,
        };
        let mut taxes = Assigned::none(amounts);
        for (members, tax) in buckets.values().zip(gained) {
            taxes.assign(members, tax);
        }
        Ok((taxes.parts, added))
    }

    /// What each bucket gains, which is rounded once for each.
    fn gained_by_rate(&self, added: &Added) -> Result<Vec<i64>, OutOfRange> {
        let gained = added.iter().map(|(bucket, base)| {
            let before = self.base(*bucket);
            Ok(self.rounded(*bucket, before + base)? - self.rounded(*bucket, before)?)
        });
        gained.collect()
    }

    /// What the sum of all buckets gains, which is rounded once, spread over the buckets.
    fn gained_once(&self, added: &Added) -> Result<Vec<i64>, OutOfRange> {
        let grown = added.iter().map(|(bucket, base)| {
            let before = self.base(*bucket);
            bucket.millionths(before + base) - bucket.millionths(before)
        });
        let grown: Vec<i128> = grown.collect();
        let round = |millionths| narrow(self.rule.mode.divide(millionths, i128::from(WHOLE)));
        let gained = round(self.millionths + grown.iter().sum::<i128>())? - round(self.millionths)?;
        Ok(spread_wide(gained, &grown))
    }

    fn base(&self, bucket: Bucket) -> i128 {
        self.bases.get(&bucket).copied().unwrap_or_default()
    }

    fn rounded(&self, bucket: Bucket, base: i128) -> Result<i64, OutOfRange> {
        let (number, of) = bucket.fraction(base);
        narrow(self.rule.mode.divide(number, of))
    }
}

/// The tax of one amount, rounded by itself.
fn by_itself(mode: Rounding, taxable: &Taxable) -> Result<Parts, OutOfRange> {
    let rates: u32 = taxable.rates.iter().map(|(_, rate)| rate).sum();
    let all = Bucket {
        jurisdiction: 0,
        rate: rates,
        included: taxable.tax_included.then_some(rates),
        repetition: 0,
    };
    let (number, of) = all.fraction(taxable.amount.into());
    let tax = narrow(mode.divide(number, of))?;
    let weights: Vec<i64> = taxable.rates.iter().map(|(_, rate)| i64::from(*rate)).collect();
    Ok(spread(tax, &weights))
}

/// The parts that belong to one bucket, by the indices of their amount and of their rate.
#[derive(Debug, Default)]
struct Members(Vec<(usize, usize)>);

impl Members {
    /// The members of each bucket.
    fn of(amounts: &[Taxable]) -> BTreeMap<Bucket, Self> {
        let mut buckets: BTreeMap<Bucket, Self> = BTreeMap::new();
        for (index, taxable) in amounts.iter().enumerate() {
            let included = taxable
                .tax_included
                .then(|| taxable.rates.iter().map(|(_, rate)| rate).sum());
            let mut seen: BTreeMap<(usize, u32), usize> = BTreeMap::new();
            for (place, (jurisdiction, rate)) in taxable.rates.iter().enumerate() {
                let equal = seen.entry((*jurisdiction, *rate)).or_default();
                let bucket = Bucket {
                    jurisdiction: *jurisdiction,
                    rate: *rate,
                    included,
                    repetition: *equal,
                };
                *equal += 1;
                buckets.entry(bucket).or_default().0.push((index, place));
            }
        }
        buckets
    }

    fn weights(&self, amounts: &[Taxable]) -> Vec<i64> {
        let weight = |(index, _): &(usize, usize)| amounts.get(*index).map_or(0, |taxable| taxable.amount);
        self.0.iter().map(weight).collect()
    }

    fn base(&self, amounts: &[Taxable]) -> i128 {
        self.weights(amounts).into_iter().map(i128::from).sum()
    }
}

/// Taxes that have been assigned to amounts, part by part.
struct Assigned<'a> {
    amounts: &'a [Taxable],
    parts: Vec<Parts>,
}

impl<'a> Assigned<'a> {
    fn none(amounts: &'a [Taxable]) -> Self {
        let parts = amounts.iter().map(|taxable| vec![0; taxable.rates.len()]);
        Self {
            amounts,
            parts: parts.collect(),
        }
    }

    /// What an amount can still take: the tax in an amount that includes it is at most the amount.
    fn room(&self, index: usize) -> i64 {
        match (self.amounts.get(index), self.parts.get(index)) {
            (Some(taxable), Some(parts)) if taxable.tax_included => taxable.amount - parts.iter().sum::<i64>(),
            _ => i64::MAX,
        }
    }

    fn assign(&mut self, members: &Members, tax: i64) {
        let rooms: Vec<i64> = members.0.iter().map(|(index, _)| self.room(*index)).collect();
        let room = |member: usize| rooms.get(member).copied().unwrap_or_default();
        let shares = spread_within(tax, &members.weights(self.amounts), room);
        for ((index, place), share) in members.0.iter().zip(shares) {
            if let Some(part) = self.parts.get_mut(*index).and_then(|parts| parts.get_mut(*place)) {
                *part = share;
            }
        }
    }
}

/// As [`spread`], with weights beyond the range of amounts.
fn spread_wide(total: i64, weights: &[i128]) -> Vec<i64> {
    let sum: i128 = weights.iter().sum();
    if sum == 0 {
        return vec![0; weights.len()];
    }
    // The product has at most 53 + 105 bits before the division, so the weights are scaled to 60 bits first, all alike.
    let shift = (128 - sum.leading_zeros()).saturating_sub(60);
    let scaled: Vec<i64> = weights
        .iter()
        .map(|weight| i64::try_from(weight >> shift).unwrap_or(i64::MAX))
        .collect();
    spread(total, &scaled)
}

#[cfg(test)]
mod tests;
