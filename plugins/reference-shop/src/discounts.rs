//! Discounts: which codes apply, why the others are rejected, and the amount of each discount.

use tillhouse_plugin::{
    prelude::*,
    pricing::{Allocation, Terms},
};

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
/// applied before discounts on the order.
pub(crate) fn apply(ctx: &Context, cart: &Cart, lines: &mut [Priced], answer: &mut PricedCart) -> Result<(), Failure> {
    let mut accepted = check_codes(ctx, cart, lines, answer)?;
    let (on_lines, on_order): (Vec<_>, Vec<_>) = accepted
        .drain(..)
        .partition(|discount| discount.rule.scope == Scope::Lines);
    let mut order_left = None;
    for discount in on_lines.into_iter().chain(on_order) {
        let allocations = match discount.rule.scope {
            Scope::Lines => off_lines(&discount.rule, lines)?,
            Scope::Order => off_order(&discount.rule, lines, &mut order_left)?,
        };
        if allocations.is_empty() {
            // The discount is zero after rounding, or nothing is left to discount. A code must then be rejected.
            if let Some(code) = discount.code {
                answer.rejected.push(RejectionReason::TakesNothing.of(&code));
            }
            continue;
        }
        let priority = u32::try_from(answer.discounts.len())
            .unwrap_or(u32::MAX)
            .saturating_add(1);
        answer.discounts.push(to_discount(discount, allocations, priority));
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
        subtotal: Amount::sum(lines.iter().map(|line| line.base.minor()))?,
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

/// Applies a rate to each line separately; allocates an amount over the lines in proportion to what is left of them.
fn off_lines(rule: &Rule, lines: &mut [Priced]) -> Result<Vec<Allocation>, Failure> {
    let mut eligible: Vec<&mut Priced> = lines.iter_mut().filter(|line| rule.covers(line)).collect();
    let shares = match &rule.benefit {
        Benefit::Percent(rate) => eligible
            .iter()
            .map(|line| line.left.at(*rate))
            .collect::<Result<Vec<_>, _>>()?,
        Benefit::Amount(amount, _) => {
            let left: Vec<Amount> = eligible.iter().map(|line| line.left).collect();
            let total = Amount::sum(left.iter().map(|amount| amount.minor()))?;
            (*amount).min(total).spread(&left)?
        }
    };
    let mut allocations = Vec::with_capacity(shares.len());
    for (line, share) in eligible.iter_mut().zip(shares) {
        if share > Amount::ZERO {
            line.left = line.left.minus(share)?;
            allocations.push(Allocation::line(line.line.as_str(), share));
        }
    }
    Ok(allocations)
}

fn off_order(rule: &Rule, lines: &[Priced], order_left: &mut Option<Amount>) -> Result<Vec<Allocation>, Failure> {
    let left = match *order_left {
        Some(left) => left,
        None => Amount::sum(lines.iter().map(|line| line.left.minor()))?,
    };
    let off = match &rule.benefit {
        Benefit::Percent(rate) => left.at(*rate)?,
        Benefit::Amount(amount, _) => (*amount).min(left),
    };
    *order_left = Some(left.minus(off)?);
    Ok(if off > Amount::ZERO {
        vec![Allocation::order(off)]
    } else {
        Vec::new()
    })
}

fn to_discount(discount: Accepted, allocations: Vec<Allocation>, priority: u32) -> Discount {
    let (terms, method) = match discount.rule.benefit {
        Benefit::Percent(rate) => (Terms::Rate(rate.ppm()), "each"),
        Benefit::Amount(amount, _) => (Terms::Amount(amount.minor()), "across"),
    };
    Discount {
        title: discount.rule.title.unwrap_or_else(|| discount.rule.id.clone()),
        id: discount.rule.id,
        code: discount.code,
        terms,
        method: method.into(),
        priority,
        allocations,
    }
}
