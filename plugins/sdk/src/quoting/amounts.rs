//! The amounts that the host computes from the answers of a plugin, computed inside the plugin with the same arithmetic.
//!
//! `None` says that an answer breaks a rule of the contract: the host checks the same answer, and names the rule.

use std::collections::BTreeMap;

use tillhouse_amounts::{
    MAX, WHOLE,
    discount::{self, Discount, DiscountedLine, Line, Reduction, Target},
};

use super::{Cart, Offer, PricedCart, Request};
use crate::{
    amount::Amount,
    fulfillment::FulfillmentOption,
    pricing::{self, PricedLine},
    tax::{Destination, TaxableFee, TaxableOption},
    types::LineAmount,
};

/// A discount as the arithmetic reads it; targets name options by their ids.
type Arithmetic<'a> = Discount<&'a str>;

/// The amounts of each line after every discount, as `fulfillment.options` and `tax.assess` get them.
pub(super) fn of_lines(cart: &Cart, prices: &PricedCart) -> Option<Vec<LineAmount>> {
    if !prices.unknown.is_empty() || prices.lines.len() != cart.lines.len() {
        return None;
    }
    let priced = cart.lines.iter().map(|line| price_of(&line.id, prices));
    let priced: Vec<&PricedLine> = priced.collect::<Option<_>>()?;
    let bases = priced
        .iter()
        .zip(&cart.lines)
        .zip(keys(cart))
        .map(|((price, line), key)| {
            let unit_price = Amount::new(price.unit_price)
                .ok()
                .filter(|price| *price >= Amount::ZERO)?;
            let base = unit_price.times(line.quantity).ok()?.minor();
            Some(Line { base, key })
        });
    let bases: Vec<Line> = bases.collect::<Option<_>>()?;
    let discounted = discount::discount_lines(&bases, &discounts(cart, prices)?).ok()?;
    let lines = cart.lines.iter().zip(priced).zip(bases).zip(discounted.lines);
    let amounts = lines.map(|(((line, price), Line { base, .. }), discounted)| {
        let DiscountedLine {
            discount,
            subtotal,
            order_discount,
            taxable,
        } = discounted;
        LineAmount {
            line: line.id.clone(),
            item: line.item.clone(),
            group: cart.group_of(&line.id).map(|group| group.id.clone()),
            quantity: line.quantity,
            unit_price: price.unit_price,
            tax_included: price.tax_included,
            base,
            discount,
            subtotal,
            order_discount,
            taxable,
        }
    });
    Some(amounts.collect())
}

/// The arguments of `tax.assess`.
pub(super) fn tax_request(cart: &Cart, prices: &PricedCart, offer: &Offer, lines: Vec<LineAmount>) -> Option<Request> {
    let discounts = discounts(cart, prices)?;
    let options = offer.options.iter().map(|option| taxable(option, &discounts));
    let fees = prices.fees.iter().map(|fee| TaxableFee {
        id: fee.id.clone(),
        kind: fee.kind.clone(),
        amount: fee.amount,
        tax_included: fee.tax_included,
    });
    let of_groups = cart.groups.iter().filter_map(|group| {
        Some(Destination {
            group: Some(group.id.clone()),
            address: group.destination.clone()?,
        })
    });
    Some(Request {
        lines,
        options: options.collect::<Option<_>>()?,
        fees: fees.collect(),
        destinations: cart
            .destination
            .clone()
            .map(Destination::from)
            .into_iter()
            .chain(of_groups)
            .collect(),
        billing: cart.billing.clone(),
        buyer: cart.buyer.clone(),
        extensions: Vec::new(),
    })
}

/// An option with the price after the discounts on it.
fn taxable(option: &FulfillmentOption, discounts: &[Arithmetic<'_>]) -> Option<TaxableOption> {
    let price = Amount::new(option.price).ok().filter(|price| *price >= Amount::ZERO)?;
    let off = discount::discount_option(&option.id.as_str(), price.minor(), discounts).ok()?;
    Some(TaxableOption {
        id: option.id.clone(),
        price: price.minor() - off.iter().sum::<i64>(),
        tax_included: option.tax_included,
        group: option.group.clone(),
    })
}

/// The price of a line that is priced exactly once.
fn price_of<'a>(line: &str, prices: &'a PricedCart) -> Option<&'a PricedLine> {
    let mut of_line = prices.lines.iter().filter(|priced| priced.line == line);
    let price = of_line.next()?;
    of_line.next().is_none().then_some(price)
}

/// The same number for lines of the same item and group.
fn keys(cart: &Cart) -> Vec<usize> {
    let mut known: BTreeMap<(&str, Option<&str>), usize> = BTreeMap::new();
    let keys = cart.lines.iter().map(|line| {
        let group = cart.group_of(&line.id).map(|group| group.id.as_str());
        let next = known.len();
        *known.entry((&line.item, group)).or_insert(next)
    });
    keys.collect()
}

fn discounts<'a>(cart: &Cart, prices: &'a PricedCart) -> Option<Vec<Arithmetic<'a>>> {
    let discounts = prices.discounts.iter().map(|discount| {
        Some(Discount {
            priority: discount.priority,
            reduction: reduction(cart, &discount.reduction)?,
        })
    });
    discounts.collect()
}

fn reduction<'a>(cart: &Cart, reduction: &'a pricing::Reduction) -> Option<Reduction<&'a str>> {
    match reduction {
        pricing::Reduction::Amounts(allocations) => {
            let amounts = allocations.iter().map(|allocation| {
                let amount = allocation.amount;
                Some((
                    target(cart, &allocation.target)?,
                    (1..=MAX).contains(&amount).then_some(amount)?,
                ))
            });
            Some(Reduction::Amounts(amounts.collect::<Option<_>>()?))
        }
        pricing::Reduction::Rate(off) => Some(Reduction::Rate {
            rate: (off.rate <= WHOLE).then_some(off.rate)?,
            targets: off.targets.iter().map(|of| target(cart, of)).collect::<Option<_>>()?,
            rule: off.rounding.rule().ok()?,
        }),
    }
}

fn target<'a>(cart: &Cart, target: &'a pricing::Target) -> Option<Target<&'a str>> {
    Some(match target {
        pricing::Target::Line(line) => Target::Line(cart.lines.iter().position(|known| known.id == *line)?),
        pricing::Target::Order => Target::Order,
        pricing::Target::Option(option) => Target::Option(option.as_str()),
        pricing::Target::Fulfillment => Target::Fulfillment,
    })
}
