//! Turns the plugin's prices and discounts into the amounts of each line, and checks them.

use tillhouse_amounts::discount::{self, DiscountError, DiscountedLines, Line};
use tillhouse_amounts::discount::{Discount as Arithmetic, Target};

use super::discounts::{self, CheckedDiscount};
use super::{ContractError, QuoteRule, contract_error};
use crate::cart::{Cart, CartLine};
use crate::decision::{DiscountTarget, LineAmount, OfferedFee, PricedCart, PricedLine, RejectedCode};
use crate::error::CheckoutError;
use crate::ids::OptionId;
use crate::message::Message;
use crate::money::{Amount, MoneyError};
use crate::time::Timestamp;

pub(super) const PRICE: &str = "pricing.price";

/// A priced cart, checked, with sums that the host computed.
#[derive(Clone, Debug)]
pub struct PricedAmounts {
    /// One entry per line, in the order of the cart.
    pub lines: Vec<LineAmount>,
    /// For each line, the maximum quantity in one order.
    pub max_quantities: Vec<Option<u32>>,
    /// Discounts that apply, in the order of application.
    pub discounts: Vec<CheckedDiscount>,
    /// The same discounts for the arithmetic.
    pub(super) arithmetic: Vec<Arithmetic<OptionId>>,
    /// Fees beside the items.
    pub fees: Vec<PricedFee>,
    /// Codes of the cart that do not apply, each with a reason.
    pub rejected: Vec<RejectedCode>,
    /// Messages of `pricing.price` for the buyer.
    pub messages: Vec<Message>,
}

/// A fee, checked, before its tax is known.
#[derive(Clone, Debug)]
pub struct PricedFee {
    /// Id chosen by the plugin, unique in the quote.
    pub id: String,
    /// Kind of fee: `gift_wrap`, `packing` …
    pub kind: String,
    /// Name for the buyer.
    pub title: String,
    /// Amount of the fee, with tax if the plugin includes it.
    pub amount: Amount,
    /// Whether the amount includes tax.
    pub tax_included: bool,
}

/// Check that an amount of a plugin is one.
pub(super) fn amount(
    function: &'static str,
    rule: QuoteRule,
    what: impl FnOnce() -> String,
    minor: i64,
) -> Result<Amount, ContractError> {
    Amount::new(minor).map_err(|error| contract_error(function, rule, format!("{}: {error}", what())))
}

/// Check the answer of `pricing.price` and compute the amounts of the lines. `now` is the time of the call.
///
/// # Errors
/// [`CheckoutError::UnknownItem`] if the plugin does not know an item; [`CheckoutError::Contract`] if its answer breaks a rule.
pub fn price(cart: &Cart, answer: PricedCart, now: Timestamp) -> Result<PricedAmounts, CheckoutError> {
    if let Some(line) = answer.unknown.first() {
        let line = cart.lines.iter().find(|candidate| candidate.id == *line);
        let line = line
            .ok_or_else(|| contract_error(PRICE, QuoteRule::Ids, "`unknown` names a line that is not in the cart"))?;
        return Err(CheckoutError::UnknownItem {
            item: line.item.clone(),
        });
    }
    discounts::check_codes(cart, &answer)?;
    let priced = priced_lines(cart, &answer.lines)?;
    let (mut discounts, arithmetic) = discounts::checked(cart, answer.discounts, now)?;
    let keys = discount::keys(
        cart.lines
            .iter()
            .map(|line| (&line.item, cart.group_of(&line.id).map(|group| &group.id))),
    );
    let bases = priced.iter().zip(keys).map(|(line, key)| Line {
        base: line.base.minor(),
        key,
    });
    let bases: Vec<Line> = bases.collect();
    let discounted = discount::discount_lines(&bases, &arithmetic).map_err(|error| beyond(error, &priced))?;
    assign_parts(cart, &mut discounts, &discounted)?;
    Ok(PricedAmounts {
        max_quantities: priced.iter().map(|line| line.max_quantity).collect(),
        lines: line_amounts(cart, &priced, &discounted)?,
        discounts,
        arithmetic,
        fees: fees(answer.fees)?,
        rejected: answer.rejected,
        messages: answer.messages,
    })
}

/// A line of the cart with its price, checked, before discounts.
struct CheckedLine<'a> {
    line: &'a CartLine,
    unit_price: Amount,
    tax_included: bool,
    max_quantity: Option<u32>,
    base: Amount,
}

/// The price of every line, in the order of the cart.
fn priced_lines<'a>(cart: &'a Cart, answer: &[PricedLine]) -> Result<Vec<CheckedLine<'a>>, ContractError> {
    let mut lines = Vec::with_capacity(cart.lines.len());
    for line in &cart.lines {
        let mut of_line = answer.iter().filter(|priced| priced.line == line.id);
        let (Some(priced), None) = (of_line.next(), of_line.next()) else {
            let detail = format!("line {} must be priced exactly once", line.id);
            return Err(contract_error(PRICE, QuoteRule::Ids, detail));
        };
        let what = || format!("unit price of line {}", line.id);
        let unit_price = amount(PRICE, QuoteRule::L4, what, priced.unit_price)?;
        let overflow = |error: MoneyError| contract_error(PRICE, QuoteRule::L1, format!("line {}: {error}", line.id));
        lines.push(CheckedLine {
            line,
            unit_price,
            tax_included: priced.tax_included,
            max_quantity: priced.max_quantity,
            base: unit_price.times(line.quantity).map_err(overflow)?,
        });
    }
    if answer.len() == lines.len() {
        Ok(lines)
    } else {
        let detail = "a price for a line that is not in the cart";
        Err(contract_error(PRICE, QuoteRule::Ids, detail))
    }
}

/// The rule that discounts break which are larger than what they are taken off.
fn beyond(error: DiscountError, lines: &[CheckedLine<'_>]) -> ContractError {
    match error {
        DiscountError::OutOfRange => contract_error(
            PRICE,
            QuoteRule::T4,
            "the sum of the lines or of the discounts exceeds 2^53 - 1 minor units",
        ),
        DiscountError::BeyondLine { line, discount } => {
            let (id, base) = lines
                .get(line)
                .map_or((String::new(), 0), |line| (line.line.id.to_string(), line.base.minor()));
            let detail = format!("line {id}: discounts of {discount} on a base of {base} minor units");
            contract_error(PRICE, QuoteRule::L2, detail)
        }
        DiscountError::BeyondOrder { discount, subtotal } => {
            let detail = format!("an order discount of {discount} on a subtotal of {subtotal} minor units");
            contract_error(PRICE, QuoteRule::T6, detail)
        }
    }
}

/// What each discount takes off lines and order.
fn assign_parts(
    cart: &Cart,
    discounts: &mut [CheckedDiscount],
    discounted: &DiscountedLines<OptionId>,
) -> Result<(), ContractError> {
    for (discount, parts) in discounts.iter_mut().zip(&discounted.parts) {
        for (target, minor) in parts {
            let target = match target {
                Target::Line(index) => match cart.lines.get(*index) {
                    Some(line) => DiscountTarget::Line(line.id.clone()),
                    None => continue,
                },
                Target::Order => DiscountTarget::Order,
                Target::Option(_) | Target::Fulfillment => continue,
            };
            let what = || format!("amount of discount {}", discount.id);
            let part = amount(PRICE, QuoteRule::D1, what, *minor)?;
            discount.parts.push((target, part));
        }
    }
    Ok(())
}

fn line_amounts(
    cart: &Cart,
    lines: &[CheckedLine<'_>],
    discounted: &DiscountedLines<OptionId>,
) -> Result<Vec<LineAmount>, ContractError> {
    let own = |what: &'static str, minor| amount(PRICE, QuoteRule::L2, || what.to_owned(), minor);
    let both = lines.iter().zip(&discounted.lines);
    both.map(|(of, discounted)| {
        Ok(LineAmount {
            line: of.line.id.clone(),
            item: of.line.item.clone(),
            group: cart.group_of(&of.line.id).map(|group| group.id.clone()),
            quantity: of.line.quantity,
            unit_price: of.unit_price,
            tax_included: of.tax_included,
            base: of.base,
            discount: own("discount of a line", discounted.discount)?,
            subtotal: own("subtotal of a line", discounted.subtotal)?,
            order_discount: own("share in the order discount", discounted.order_discount)?,
            taxable: own("amount after discounts", discounted.taxable)?,
        })
    })
    .collect()
}

fn fees(offered: Vec<OfferedFee>) -> Result<Vec<PricedFee>, ContractError> {
    let mut fees: Vec<PricedFee> = Vec::with_capacity(offered.len());
    for fee in offered {
        if fees.iter().any(|seen| seen.id == fee.id) {
            return Err(contract_error(
                PRICE,
                QuoteRule::Ids,
                format!("fee {} appears twice", fee.id),
            ));
        }
        let charged = amount(PRICE, QuoteRule::L4, || format!("fee {}", fee.id), fee.amount)?;
        fees.push(PricedFee {
            id: fee.id,
            kind: fee.kind,
            title: fee.title,
            amount: charged,
            tax_included: fee.tax_included,
        });
    }
    Ok(fees)
}
