//! Turns the plugin's prices and discounts into the amounts of each line, and checks them.

use super::{ContractError, Discount, Fee, QuoteRule};
use crate::cart::Cart;
use crate::decision::{
    DiscountTarget, DiscountTerms, LineAmount, OfferedDiscount, OfferedFee, PricedCart, RejectedCode,
};
use crate::error::CheckoutError;
use crate::ids::LineId;
use crate::message::Message;
use crate::money::{Amount, MoneyError};

const PRICE: &str = "pricing.price";

/// 100 % in parts per million.
const WHOLE: u32 = 1_000_000;

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

/// A priced cart, checked, with sums that the host computed.
#[derive(Clone, Debug)]
pub struct PricedAmounts {
    /// One entry per line, in the order of the cart.
    pub lines: Vec<LineAmount>,
    /// For each line, the price of one unit and the maximum quantity in one order.
    pub units: Vec<(Amount, Option<u32>)>,
    /// Discounts that apply, in the order of application.
    pub discounts: Vec<Discount>,
    /// Sum of the discounts on the order as a whole.
    pub order_discount: Amount,
    /// Fees beside the items; their tax is still zero.
    pub fees: Vec<Fee>,
    /// Codes of the cart that do not apply, each with a reason.
    pub rejected: Vec<RejectedCode>,
    /// Messages of `pricing.price` for the buyer.
    pub messages: Vec<Message>,
}

pub(super) fn contract_error(function: &'static str, rule: QuoteRule, detail: impl Into<String>) -> ContractError {
    ContractError {
        function,
        rule,
        detail: detail.into(),
    }
}

pub(super) fn amount(
    function: &'static str,
    rule: QuoteRule,
    what: impl FnOnce() -> String,
    minor: i64,
) -> Result<Amount, ContractError> {
    Amount::new(minor).map_err(|error| contract_error(function, rule, format!("{}: {error}", what())))
}

fn sum(rule: QuoteRule, amounts: impl IntoIterator<Item = Amount>) -> Result<Amount, ContractError> {
    Amount::sum(amounts).map_err(|error| contract_error(PRICE, rule, error.to_string()))
}

/// Check the answer of `pricing.price` and compute the amounts of the lines.
///
/// # Errors
/// [`CheckoutError::UnknownItem`] if the plugin does not know an item; [`CheckoutError::Contract`] if its answer breaks a rule.
pub fn price(cart: &Cart, answer: PricedCart) -> Result<PricedAmounts, CheckoutError> {
    if let Some(line) = answer.unknown.first() {
        let line = cart.lines.iter().find(|candidate| candidate.id == *line);
        let line = line
            .ok_or_else(|| contract_error(PRICE, QuoteRule::Ids, "`unknown` names a line that is not in the cart"))?;
        return Err(CheckoutError::UnknownItem {
            item: line.item.clone(),
        });
    }
    check_codes(cart, &answer)?;
    let discounts = discounts(cart, answer.discounts)?;
    let mut lines = Vec::with_capacity(cart.lines.len());
    let mut units = Vec::with_capacity(cart.lines.len());
    for line in &cart.lines {
        let mut of_line = answer.lines.iter().filter(|priced| priced.line == line.id);
        let (Some(priced), None) = (of_line.next(), of_line.next()) else {
            return Err(contract_error(
                PRICE,
                QuoteRule::Ids,
                format!("line {} must be priced exactly once", line.id),
            )
            .into());
        };
        let unit = amount(
            PRICE,
            QuoteRule::L4,
            || format!("unit price of line {}", line.id),
            priced.unit_price,
        )?;
        let overflow = |error: MoneyError| contract_error(PRICE, QuoteRule::L1, format!("line {}: {error}", line.id));
        let base = unit.times(line.quantity).map_err(overflow)?;
        let discount = sum(
            QuoteRule::L2,
            allocated(&discounts, &DiscountTarget::Line(line.id.clone())),
        )?;
        let subtotal = base.minus(discount).map_err(|_| {
            contract_error(
                PRICE,
                QuoteRule::L2,
                format!(
                    "line {}: discounts of {} on a base of {} minor units",
                    line.id,
                    discount.minor(),
                    base.minor()
                ),
            )
        })?;
        units.push((unit, priced.max_quantity));
        lines.push(LineAmount {
            line: line.id.clone(),
            item: line.item.clone(),
            quantity: line.quantity,
            base,
            discount,
            subtotal,
        });
    }
    if answer.lines.len() != lines.len() {
        return Err(contract_error(PRICE, QuoteRule::Ids, "a price for a line that is not in the cart").into());
    }
    let subtotal = sum(QuoteRule::T4, lines.iter().map(|line| line.subtotal))?;
    let order_discount = sum(QuoteRule::T6, allocated(&discounts, &DiscountTarget::Order))?;
    if order_discount > subtotal {
        let detail = format!(
            "an order discount of {} on a subtotal of {} minor units",
            order_discount.minor(),
            subtotal.minor()
        );
        return Err(contract_error(PRICE, QuoteRule::T6, detail).into());
    }
    let fees = fees(answer.fees)?;
    Ok(PricedAmounts {
        lines,
        units,
        discounts,
        order_discount,
        fees,
        rejected: answer.rejected,
        messages: answer.messages,
    })
}

fn allocated<'a>(discounts: &'a [Discount], target: &'a DiscountTarget) -> impl Iterator<Item = Amount> + 'a {
    discounts
        .iter()
        .flat_map(|discount| &discount.allocations)
        .filter(move |(on, _)| on == target)
        .map(|(_, part)| *part)
}

/// Rule D4: every code of the cart is on a discount or rejected, not both, and no other code is.
fn check_codes(cart: &Cart, answer: &PricedCart) -> Result<(), ContractError> {
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
            return Err(contract_error(
                PRICE,
                QuoteRule::D4,
                format!("code {:?} is rejected but not in the cart", rejected.code),
            ));
        }
        if !REASONS.contains(&rejected.reason.as_str()) {
            return Err(contract_error(
                PRICE,
                QuoteRule::D4,
                format!("{:?} is not a reason to reject a code", rejected.reason),
            ));
        }
    }
    Ok(())
}

fn discounts(cart: &Cart, offered: Vec<OfferedDiscount>) -> Result<Vec<Discount>, ContractError> {
    let mut discounts = Vec::with_capacity(offered.len());
    for discount in offered {
        if let Some(code) = discount.code.as_ref().filter(|code| !cart.codes.contains(code)) {
            return Err(contract_error(
                PRICE,
                QuoteRule::D4,
                format!("code {code:?} is applied but not in the cart"),
            ));
        }
        if discounts.iter().any(|seen: &Discount| seen.id == discount.id) {
            return Err(contract_error(
                PRICE,
                QuoteRule::Ids,
                format!("discount {} appears twice", discount.id),
            ));
        }
        terms(&discount)?;
        let what = |target: &DiscountTarget| format!("allocation of discount {} to {target:?}", discount.id);
        let mut allocations = Vec::with_capacity(discount.allocations.len());
        for (target, minor) in discount.allocations {
            if let DiscountTarget::Line(line) = &target {
                known_line(cart, line, || what(&target))?;
            }
            let part = amount(PRICE, QuoteRule::D1, || what(&target), minor)?;
            if part.is_zero() {
                return Err(contract_error(
                    PRICE,
                    QuoteRule::D1,
                    format!("{} is zero", what(&target)),
                ));
            }
            allocations.push((target, part));
        }
        let total = sum(QuoteRule::D1, allocations.iter().map(|(_, part)| *part))?;
        discounts.push(Discount {
            id: discount.id,
            code: discount.code,
            title: discount.title,
            terms: discount.terms,
            method: if discount.method == "each" {
                discount.method
            } else {
                "across".to_owned()
            },
            priority: discount.priority.max(1),
            amount: total,
            allocations,
        });
    }
    discounts.sort_by_key(|discount| discount.priority);
    Ok(discounts)
}

/// Rule D3: a rate of at most 100 %, or an amount of zero or more.
fn terms(discount: &OfferedDiscount) -> Result<(), ContractError> {
    let what = || format!("terms of discount {}", discount.id);
    match discount.terms {
        DiscountTerms::Rate(ppm) if ppm > WHOLE => Err(contract_error(
            PRICE,
            QuoteRule::D3,
            format!("{}: {ppm} ppm off", what()),
        )),
        DiscountTerms::Rate(_) => Ok(()),
        DiscountTerms::Amount(minor) => amount(PRICE, QuoteRule::D3, what, minor).map(drop),
    }
}

fn known_line(cart: &Cart, line: &LineId, what: impl FnOnce() -> String) -> Result<(), ContractError> {
    if cart.lines.iter().any(|candidate| candidate.id == *line) {
        Ok(())
    } else {
        Err(contract_error(
            PRICE,
            QuoteRule::Ids,
            format!("{}: no such line", what()),
        ))
    }
}

fn fees(offered: Vec<OfferedFee>) -> Result<Vec<Fee>, ContractError> {
    let mut fees: Vec<Fee> = Vec::with_capacity(offered.len());
    for fee in offered {
        if fees.iter().any(|seen| seen.id == fee.id) {
            return Err(contract_error(
                PRICE,
                QuoteRule::Ids,
                format!("fee {} appears twice", fee.id),
            ));
        }
        let charged = amount(PRICE, QuoteRule::L4, || format!("fee {}", fee.id), fee.amount)?;
        fees.push(Fee {
            id: fee.id,
            kind: fee.kind,
            title: fee.title,
            amount: charged,
            tax: Amount::ZERO,
        });
    }
    Ok(fees)
}
