//! Discounts: which codes apply, why the others are rejected, and the amount of each discount.

use tillhouse_amounts::{discount, spread::spread_by_key};
use tillhouse_plugin::{prelude::*, pricing::Target};

mod eligibility;
mod rule;

#[cfg(test)]
mod tests;

pub(crate) use self::rule::{Rule, canonical};
use self::{
    eligibility::{CheckoutFacts, RejectionReason},
    rule::{Benefit, Scope},
};
use crate::prices::Priced;

/// Discount that applies, with the code that the buyer entered; no code for an automatic discount.
struct Accepted {
    rule: Rule,
    code: Option<String>,
}

/// Applies the cart's codes and the shop's automatic discounts to the lines.
///
/// Codes are checked in the given order: of two that cannot be combined, the first one applies. Discounts on lines are
/// applied before discounts on the order, and these before discounts on shipping.
pub(crate) fn apply(ctx: &Context, cart: &Cart, lines: &mut [Priced], answer: &mut PricedCart) -> Result<(), Failure> {
    let mut accepted = check_codes(ctx, cart, lines, answer)?;
    accepted.sort_by_key(|discount| discount.rule.scope);
    let keys = if accepted.is_empty() {
        Vec::new()
    } else {
        keys_of(cart, lines)
    };
    let mut order_left = None;
    for discount in accepted {
        let reduction = match discount.rule.scope {
            Scope::Lines => off_lines(&discount.rule, lines, &keys)?,
            Scope::Order => off_order(&discount.rule, lines, &keys, &mut order_left)?,
            Scope::Shipping => off_shipping(&discount.rule),
        };
        match (reduction, discount.code) {
            (Some(reduction), code) => {
                let priority = u32::try_from(answer.discounts.len()).map_or(u32::MAX, |before| before + 1);
                answer.discounts.push(Discount {
                    priority,
                    ..to_discount(discount.rule, code, reduction)
                });
            }
            // The discount is zero after rounding, or nothing is left to discount. A code must then be rejected.
            (None, Some(code)) => answer.rejected.push(RejectionReason::TakesNothing.of(&code)),
            (None, None) => {}
        }
    }
    Ok(())
}

fn check_codes(
    ctx: &Context,
    cart: &Cart,
    lines: &[Priced],
    answer: &mut PricedCart,
) -> Result<Vec<Accepted>, Failure> {
    let facts = CheckoutFacts {
        now: ctx.now,
        currency: &ctx.currency,
        buyer: cart.buyer.as_ref(),
        subtotal: Amount::sum(discountable(lines).map(|line| line.base.minor()))?,
        lines,
    };
    let mut accepted: Vec<Accepted> = Vec::new();
    for id in config::list("pricing.automatic") {
        let Some(rule) = Rule::read(&id)? else { continue };
        if facts.check(&rule, &accepted)?.is_none() {
            accepted.push(Accepted { rule, code: None });
        }
    }
    for code in &cart.codes {
        let rule = canonical(code).map_or(Ok(None), |id| Rule::read(&id))?;
        let rejection = match &rule {
            None => Some(RejectionReason::Unknown),
            Some(rule) if rule.automatic_only => Some(RejectionReason::Unknown),
            Some(rule) => facts.check(rule, &accepted)?,
        };
        match (rejection, rule) {
            (None, Some(rule)) => accepted.push(Accepted {
                rule,
                code: Some(code.clone()),
            }),
            (rejection, _) => answer
                .rejected
                .push(rejection.unwrap_or(RejectionReason::Unknown).of(code)),
        }
    }
    Ok(accepted)
}

fn discountable(lines: &[Priced]) -> impl Iterator<Item = &Priced> {
    lines.iter().filter(|line| line.discountable)
}

/// The same number for lines of the same item and destination: what these get of a discount together does not depend on how
/// they are split.
fn keys_of(cart: &Cart, lines: &[Priced]) -> Vec<usize> {
    let group = |line: &Priced| cart.group_of(&line.line).map(|group| group.id.as_str());
    discount::keys(lines.iter().map(|line| (line.item.as_str(), group(line))))
}

/// Takes a percentage or an amount off the lines that the rule covers; `None` if that takes nothing off.
///
/// Both are spread as the host spreads a percentage, so that a later amount never takes more off a line than is left of it.
fn off_lines(rule: &Rule, lines: &mut [Priced], keys: &[usize]) -> Result<Option<Reduction>, Failure> {
    let covers_every_line = rule.covers_everything() && lines.iter().all(|line| line.discountable);
    let of_rule = lines.iter_mut().zip(keys).filter(|(line, _)| rule.covers(line));
    let (mut eligible, keys): (Vec<&mut Priced>, Vec<usize>) = of_rule.unzip();
    let left: Vec<i64> = eligible.iter().map(|line| line.left.minor()).collect();
    let off = rule.benefit.off(Amount::sum(left.iter().copied())?)?;
    let mut allocations = Vec::with_capacity(eligible.len());
    for (line, share) in eligible.iter_mut().zip(spread_by_key(off.minor(), &left, &keys)) {
        if share > 0 {
            let share = Amount::new(share)?;
            line.left = line.left.minus(share)?;
            allocations.push(Allocation::line(line.line.as_str(), share));
        }
    }
    Ok(match &rule.benefit {
        _ if allocations.is_empty() => None,
        Benefit::Percent(rate) if covers_every_line => Some(RateOff::new(*rate).into()),
        Benefit::Percent(rate) => {
            let targets = eligible.iter().map(|line| Target::Line(line.line.clone())).collect();
            Some(rate_off(*rate, targets))
        }
        Benefit::Amount(..) => Some(allocations.into()),
    })
}

/// Takes a percentage or an amount off the order, or off its lines if some of them are never discounted.
fn off_order(
    rule: &Rule,
    lines: &mut [Priced],
    keys: &[usize],
    order_left: &mut Option<Amount>,
) -> Result<Option<Reduction>, Failure> {
    if lines.iter().any(|line| !line.discountable) {
        let of_every_line = Rule {
            items: Vec::new(),
            categories: Vec::new(),
            ..rule.clone()
        };
        return off_lines(&of_every_line, lines, keys);
    }
    let left = match *order_left {
        Some(left) => left,
        None => Amount::sum(lines.iter().map(|line| line.left.minor()))?,
    };
    let off = rule.benefit.off(left)?;
    *order_left = Some(left.minus(off)?);
    Ok((off > Amount::ZERO).then(|| match &rule.benefit {
        Benefit::Percent(rate) => rate_off(*rate, vec![Target::Order]),
        Benefit::Amount(..) => Allocation::order(off).into(),
    }))
}

/// Takes a percentage or an amount off every shipping option: the prices of the options are not known yet.
fn off_shipping(rule: &Rule) -> Option<Reduction> {
    match &rule.benefit {
        Benefit::Percent(rate) if *rate > Rate::ZERO => Some(rate_off(*rate, vec![Target::Fulfillment])),
        Benefit::Amount(amount, _) if *amount > Amount::ZERO => Some(Allocation::fulfillment(*amount).into()),
        _ => None,
    }
}

fn rate_off(rate: Rate, targets: Vec<Target>) -> Reduction {
    RateOff {
        targets,
        ..RateOff::new(rate)
    }
    .into()
}

/// A discount of this shop is a coupon that applies to one order, as often in all as its usage limit says.
fn to_discount(rule: Rule, code: Option<String>, reduction: Reduction) -> Discount {
    let name = rule.title.unwrap_or_else(|| rule.id.clone());
    let coupon = match rule.benefit {
        Benefit::Percent(rate) => Coupon::percent(rule.id, name, rate),
        Benefit::Amount(amount, _) => Coupon::amount(rule.id, name, amount),
    };
    let coupon = Coupon {
        duration: Some("once".into()),
        max_redemptions: rule.usage_limit.and_then(|limit| u64::try_from(limit).ok()),
        ..coupon
    };
    Discount {
        code,
        starts: rule.starts,
        ends: rule.ends,
        ..Discount::automatic(coupon, reduction)
    }
}
