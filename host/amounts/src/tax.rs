//! Taxes from rates, on amounts without tax and of amounts that include it.
//!
//! Of an amount `g` that includes tax at rates of together `R`, the part of a rate `r` is `g × r / (1 + R)`; on an amount `n`
//! without tax it is `n × r`. Products are exact, and a sum is rounded once per [`Scope`]. In the scope `cart`, the part of a rate
//! in amounts that include tax is cut to a millionth of a minor unit before it is added up, because the exact fractions of
//! different rates have no common denominator of bounded size.

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
    let mut of_options = vec![Parts::new(); options.len()];
    let alone = cart.clone();
    for index in applied {
        if let (Some(option), Some(slot)) = (options.get(*index), of_options.get_mut(*index)) {
            *slot = cart.add(core::slice::from_ref(option))?.pop().unwrap_or_default();
        }
    }
    for (index, (option, slot)) in options.iter().zip(&mut of_options).enumerate() {
        if !applied.contains(&index) {
            let added = alone.clone().add(core::slice::from_ref(option))?;
            *slot = added.into_iter().next().unwrap_or_default();
        }
    }
    Ok(Taxes {
        items: of_items,
        options: of_options,
    })
}

/// What a tax is rounded together with: the rate of a jurisdiction, and for amounts that include tax all their rates together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bucket {
    jurisdiction: usize,
    rate: u32,
    /// Sum of the rates of the amounts; `None` for amounts without tax.
    included: Option<u32>,
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
#[derive(Clone, Debug)]
struct Accumulated {
    rule: Rule,
    /// Base of each bucket.
    bases: Vec<(Bucket, i128)>,
}

impl Accumulated {
    const fn new(rule: Rule) -> Self {
        Self {
            rule,
            bases: Vec::new(),
        }
    }

    /// Adds amounts, and returns the tax that they add, part by part.
    fn add(&mut self, added: &[Taxable]) -> Result<Vec<Parts>, OutOfRange> {
        let parts = match self.rule.scope {
            Scope::Line => return added.iter().map(|taxable| by_itself(self.rule.mode, taxable)).collect(),
            Scope::Rate => self.add_by_rate(added)?,
            Scope::Cart => self.add_by_cart(added)?,
        };
        Ok(parts)
    }

    /// Rounds each bucket once, and spreads what it gained over the added amounts.
    fn add_by_rate(&mut self, added: &[Taxable]) -> Result<Vec<Parts>, OutOfRange> {
        let mut taxes = Assigned::none(added);
        for bucket in buckets(added) {
            let weights = taxes.weights(bucket);
            let base: i128 = weights.iter().copied().map(i128::from).sum();
            let before = self.base(bucket);
            self.set_base(bucket, before + base);
            let gained = self.rounded(bucket, before + base)? - self.rounded(bucket, before)?;
            taxes.assign(bucket, gained, &weights);
        }
        Ok(taxes.parts)
    }

    /// Rounds the sum of all buckets once, and spreads what it gained over the parts of the added amounts.
    fn add_by_cart(&mut self, added: &[Taxable]) -> Result<Vec<Parts>, OutOfRange> {
        let before = self.rounded_total()?;
        let of_added = buckets(added);
        let mut taxes = Assigned::none(added);
        for bucket in &of_added {
            let base: i128 = taxes.weights(*bucket).into_iter().map(i128::from).sum();
            let so_far = self.base(*bucket);
            self.set_base(*bucket, so_far + base);
        }
        let gained = self.rounded_total()? - before;
        let exact = of_added.iter().map(|bucket| {
            let base = taxes.weights(*bucket).into_iter().map(i128::from).sum();
            bucket.millionths(base)
        });
        // Weights of a spread are amounts: a bucket's tax in whole units loses nothing that the remainders would need, because
        // each bucket is spread again by its own lines.
        let weights: Vec<i128> = exact.collect();
        for (bucket, share) in of_added.iter().zip(spread_wide(gained, &weights)) {
            let members = taxes.weights(*bucket);
            taxes.assign(*bucket, share, &members);
        }
        Ok(taxes.parts)
    }

    fn base(&self, bucket: Bucket) -> i128 {
        let known = self.bases.iter().find(|(other, _)| *other == bucket);
        known.map_or(0, |(_, base)| *base)
    }

    fn set_base(&mut self, bucket: Bucket, base: i128) {
        match self.bases.iter_mut().find(|(other, _)| *other == bucket) {
            Some((_, known)) => *known = base,
            None => self.bases.push((bucket, base)),
        }
    }

    fn rounded(&self, bucket: Bucket, base: i128) -> Result<i64, OutOfRange> {
        let (number, of) = bucket.fraction(base);
        narrow(self.rule.mode.divide(number, of))
    }

    fn rounded_total(&self) -> Result<i64, OutOfRange> {
        let millionths = self.bases.iter().map(|(bucket, base)| bucket.millionths(*base)).sum();
        narrow(self.rule.mode.divide(millionths, i128::from(WHOLE)))
    }
}

/// The tax of one amount, rounded by itself.
fn by_itself(mode: Rounding, taxable: &Taxable) -> Result<Parts, OutOfRange> {
    let rates: u32 = taxable.rates.iter().map(|(_, rate)| rate).sum();
    let all = Bucket {
        jurisdiction: 0,
        rate: rates,
        included: taxable.tax_included.then_some(rates),
    };
    let (number, of) = all.fraction(taxable.amount.into());
    let tax = narrow(mode.divide(number, of))?;
    let weights: Vec<i64> = taxable.rates.iter().map(|(_, rate)| i64::from(*rate)).collect();
    Ok(spread(tax, &weights))
}

/// The buckets of amounts, each once, in the order of the amounts and their rates.
fn buckets(of: &[Taxable]) -> Vec<Bucket> {
    let mut buckets = Vec::new();
    for bucket in of.iter().flat_map(buckets_of) {
        if !buckets.contains(&bucket) {
            buckets.push(bucket);
        }
    }
    buckets
}

/// The bucket of each rate of one amount.
fn buckets_of(taxable: &Taxable) -> impl Iterator<Item = Bucket> + '_ {
    let rates = taxable.rates.iter().map(|(_, rate)| rate).sum();
    taxable.rates.iter().map(move |(jurisdiction, rate)| Bucket {
        jurisdiction: *jurisdiction,
        rate: *rate,
        included: taxable.tax_included.then_some(rates),
    })
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

    /// The amount of each member of the bucket; zero for the others.
    fn weights(&self, bucket: Bucket) -> Vec<i64> {
        let weight = |taxable: &Taxable| match buckets_of(taxable).any(|own| own == bucket) {
            true => taxable.amount,
            false => 0,
        };
        self.amounts.iter().map(weight).collect()
    }

    /// What an amount can still take: the tax in an amount that includes it is at most the amount.
    fn room(&self, index: usize) -> i64 {
        match (self.amounts.get(index), self.parts.get(index)) {
            (Some(taxable), Some(parts)) if taxable.tax_included => taxable.amount - parts.iter().sum::<i64>(),
            _ => i64::MAX,
        }
    }

    fn assign(&mut self, bucket: Bucket, tax: i64, weights: &[i64]) {
        let shares = spread_within(tax, weights, |index| self.room(index));
        for ((taxable, parts), share) in self.amounts.iter().zip(&mut self.parts).zip(shares) {
            let place = buckets_of(taxable).position(|own| own == bucket);
            if let Some(part) = place.and_then(|place| parts.get_mut(place)) {
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
