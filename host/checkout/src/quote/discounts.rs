//! Discounts and discount codes of `pricing.price`, checked.

use tillhouse_amounts::WHOLE;
use tillhouse_amounts::discount::{Discount as Arithmetic, Reduction as ArithmeticReduction, Target};

use super::amounts::{PRICE, amount};
use super::{ContractError, QuoteRule, contract_error, rounding};
use crate::cart::Cart;
use crate::decision::{Coupon, DiscountTarget, DiscountTerms, OfferedDiscount, PricedCart, RateOff, Reduction};
use crate::ids::OptionId;
use crate::money::Amount;
use crate::time::Timestamp;

/// The eight reasons for rejecting a discount code in ACP since 2026-01-30.
const REASONS: [&str; 8] = [
    "discount_code_expired",
    "discount_code_invalid",
    "discount_code_already_applied",
    "discount_code_combination_disallowed",
    "discount_code_minimum_not_met",
    "discount_code_user_not_logged_in",
    "discount_code_user_ineligible",
    "discount_code_usage_limit_reached",
];

/// Durations of a coupon in ACP since 2026-01-30.
const DURATIONS: [&str; 3] = ["once", "repeating", "forever"];

/// A discount that applies, checked, with what it takes off lines and order.
#[derive(Clone, Debug)]
pub struct CheckedDiscount {
    /// Id chosen by the plugin, unique in the quote.
    pub id: String,
    /// Discount code that the discount came from, exactly as in the cart; `None` for an automatic discount.
    pub code: Option<String>,
    /// Coupon that it comes from.
    pub coupon: Coupon,
    /// `each` if every line is discounted by itself, else `across`.
    pub method: String,
    /// Order of application, starting with 1.
    pub priority: u32,
    /// When it began to apply; `None` if it was not limited.
    pub starts: Option<Timestamp>,
    /// When it ends; `None` if it is not limited.
    pub ends: Option<Timestamp>,
    /// Amounts off lines and order, with tax where the price includes it.
    pub parts: Vec<(DiscountTarget, Amount)>,
}

/// Rule D4: every code of the cart is on a discount or rejected, not both, and no other code is.
pub(super) fn check_codes(cart: &Cart, answer: &PricedCart) -> Result<(), ContractError> {
    for code in &cart.codes {
        let applied = answer
            .discounts
            .iter()
            .any(|discount| discount.code.as_ref() == Some(code));
        let typed = cart.codes.iter().filter(|typed| *typed == code).count();
        let rejected = answer.rejected.iter().filter(|rejected| rejected.code == *code);
        // A code that is in the cart twice may be applied once and rejected once.
        match usize::from(applied) + rejected.count() {
            0 => {
                let detail = format!("code {code:?} is neither applied nor rejected");
                return Err(contract_error(PRICE, QuoteRule::D4, detail));
            }
            answers if answers > typed => {
                let detail = format!("code {code:?} is answered more often than it is in the cart");
                return Err(contract_error(PRICE, QuoteRule::D4, detail));
            }
            _ => {}
        }
    }
    for rejected in &answer.rejected {
        if !cart.codes.contains(&rejected.code) {
            let detail = format!("code {:?} is rejected but not in the cart", rejected.code);
            return Err(contract_error(PRICE, QuoteRule::D4, detail));
        }
        if !REASONS.contains(&rejected.reason.as_str()) {
            let detail = format!("{:?} is not a reason to reject a code", rejected.reason);
            return Err(contract_error(PRICE, QuoteRule::D4, detail));
        }
    }
    Ok(())
}

/// The discounts in the order of their application, and the same for the arithmetic. Their parts are still empty.
pub(super) fn checked(
    cart: &Cart,
    mut offered: Vec<OfferedDiscount>,
    now: Timestamp,
) -> Result<(Vec<CheckedDiscount>, Vec<Arithmetic<OptionId>>), ContractError> {
    offered.sort_by_key(|discount| discount.priority.max(1));
    let mut discounts: Vec<CheckedDiscount> = Vec::with_capacity(offered.len());
    let mut arithmetic = Vec::with_capacity(offered.len());
    for discount in offered {
        if let Some(code) = discount.code.as_ref().filter(|code| !cart.codes.contains(code)) {
            let detail = format!("code {code:?} is applied but not in the cart");
            return Err(contract_error(PRICE, QuoteRule::D4, detail));
        }
        if discounts.iter().any(|seen| seen.id == discount.id) {
            let detail = format!("discount {} appears twice", discount.id);
            return Err(contract_error(PRICE, QuoteRule::Ids, detail));
        }
        check_coupon(&discount)?;
        check_validity(&discount, now)?;
        let priority = discount.priority.max(1);
        arithmetic.push(Arithmetic {
            priority,
            reduction: reduction(cart, &discount)?,
        });
        discounts.push(CheckedDiscount {
            id: discount.id,
            code: discount.code,
            coupon: discount.coupon,
            method: if discount.method == "each" {
                discount.method
            } else {
                "across".to_owned()
            },
            priority,
            starts: discount.starts,
            ends: discount.ends,
            parts: Vec::new(),
        });
    }
    Ok((discounts, arithmetic))
}

/// Rule D3: a rate of at most 100 %, or an amount of zero or more. Rule D5: duration and redemptions of the coupon.
fn check_coupon(discount: &OfferedDiscount) -> Result<(), ContractError> {
    let coupon = &discount.coupon;
    let what = || format!("terms of discount {}", discount.id);
    match coupon.terms {
        DiscountTerms::Rate(ppm) if ppm > WHOLE => {
            let detail = format!("{}: {ppm} ppm off", what());
            return Err(contract_error(PRICE, QuoteRule::D3, detail));
        }
        DiscountTerms::Rate(_) => {}
        DiscountTerms::Amount(minor) => amount(PRICE, QuoteRule::D3, what, minor).map(drop)?,
    }
    let broken = |detail: String| contract_error(PRICE, QuoteRule::D5, format!("coupon {}: {detail}", coupon.id));
    if let Some(duration) = coupon.duration.as_deref().filter(|known| !DURATIONS.contains(known)) {
        return Err(broken(format!("{duration:?} is not a duration")));
    }
    let repeats = coupon.duration.as_deref() == Some("repeating");
    match coupon.duration_in_months {
        Some(0) => Err(broken("it repeats for 0 months".to_owned())),
        Some(_) if !repeats => Err(broken("only a repeating coupon has a number of months".to_owned())),
        _ if coupon.max_redemptions == Some(0) => Err(broken("it can be redeemed 0 times".to_owned())),
        _ => Ok(()),
    }
}

/// Rule D6: a discount applies from its start to its end.
fn check_validity(discount: &OfferedDiscount, now: Timestamp) -> Result<(), ContractError> {
    let broken = |detail: &str| {
        let detail = format!("discount {} {detail}", discount.id);
        Err(contract_error(PRICE, QuoteRule::D6, detail))
    };
    match (discount.starts, discount.ends) {
        (Some(starts), Some(ends)) if ends <= starts => broken("ends before it starts"),
        (_, Some(ends)) if ends <= now => broken("has ended already"),
        (Some(starts), _) if starts > now => broken("has not started yet"),
        _ => Ok(()),
    }
}

fn reduction(cart: &Cart, discount: &OfferedDiscount) -> Result<ArithmeticReduction<OptionId>, ContractError> {
    match &discount.reduction {
        Reduction::Amounts(amounts) => {
            let mut parts = Vec::with_capacity(amounts.len());
            for (target, minor) in amounts {
                let what = || format!("allocation of discount {} to {target:?}", discount.id);
                let part = amount(PRICE, QuoteRule::D1, what, *minor)?;
                if part.is_zero() {
                    return Err(contract_error(PRICE, QuoteRule::D1, format!("{} is zero", what())));
                }
                parts.push((arithmetic_target(cart, discount, target)?, part.minor()));
            }
            let sum = tillhouse_amounts::sum(parts.iter().map(|(_, part)| *part));
            sum.map_err(|error| contract_error(PRICE, QuoteRule::D1, format!("discount {}: {error}", discount.id)))?;
            Ok(ArithmeticReduction::Amounts(parts))
        }
        Reduction::Rate(RateOff {
            rate,
            targets,
            rounding: names,
        }) => {
            if *rate > WHOLE {
                let detail = format!("discount {}: {rate} ppm off", discount.id);
                return Err(contract_error(PRICE, QuoteRule::D3, detail));
            }
            let targets = targets.iter().map(|target| arithmetic_target(cart, discount, target));
            Ok(ArithmeticReduction::Rate {
                rate: *rate,
                targets: targets.collect::<Result<_, _>>()?,
                rule: rounding::rule(PRICE, names)?,
            })
        }
    }
}

fn arithmetic_target(
    cart: &Cart,
    discount: &OfferedDiscount,
    target: &DiscountTarget,
) -> Result<Target<OptionId>, ContractError> {
    Ok(match target {
        DiscountTarget::Line(line) => {
            let index = cart.lines.iter().position(|candidate| candidate.id == *line);
            let unknown = || format!("allocation of discount {} to line {line}: no such line", discount.id);
            Target::Line(index.ok_or_else(|| contract_error(PRICE, QuoteRule::Ids, unknown()))?)
        }
        DiscountTarget::Order => Target::Order,
        DiscountTarget::Option(option) => Target::Option(option.clone()),
        DiscountTarget::Fulfillment => Target::Fulfillment,
    })
}
