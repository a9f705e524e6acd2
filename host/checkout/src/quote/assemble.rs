//! Assembles a quote from checked prices, options, taxes and stock.

use std::collections::BTreeMap;

use super::amounts::{PricedAmounts, PricedFee};
use super::net::{self, Net};
use super::options::PricedOption;
use super::taxes::{self, ASSESS, Tax};
use super::{
    ContractError, Discount, Fee, Quote, QuoteLine, QuoteOption, QuoteRule, ShownAmounts, Totals, contract_error,
    destination, selection,
};
use crate::cart::{Cart, Choice};
use crate::decision::{DiscountTarget, ItemDescription, LineAmount, Page, Stock, TaxAssessment};
use crate::ids::LineId;
use crate::message::{Message, Subject};
use crate::money::{Amount, MoneyError};

const CHECK: &str = "inventory.check";

/// Everything that a quote is assembled from.
#[derive(Debug)]
pub struct QuoteParts {
    /// Answer of `inventory.check`, unchecked.
    pub stock: Vec<Stock>,
    /// Checked answer of `pricing.price`.
    pub priced: PricedAmounts,
    /// Checked options of `fulfillment.options`, without tax.
    pub options: Vec<PricedOption>,
    /// Options that apply to lines for which the buyer has chosen none.
    pub preselected: Vec<Choice>,
    /// Messages of `fulfillment.options` for the buyer.
    pub offer_messages: Vec<Message>,
    /// Answer of `tax.assess`, unchecked.
    pub taxes: TaxAssessment,
    /// Presentation of each line's item, in the order of the lines.
    pub shown: Vec<ItemDescription>,
    /// Answer of `presentation.page`; empty if no plugin exports it.
    pub page: Page,
}

/// Assemble a quote, and compute its totals.
///
/// # Errors
/// If an answer of `inventory.check` or `tax.assess` breaks a rule, or a sum is larger than 2^53 - 1.
pub fn quote(cart: &Cart, parts: QuoteParts) -> Result<Quote, ContractError> {
    let QuoteParts {
        stock,
        priced,
        options,
        preselected,
        offer_messages,
        taxes,
        shown,
        page,
    } = parts;
    let stock = stock_by_line(cart, &stock)?;
    let said = [offer_messages, taxes.messages, page.messages];
    let mut messages: Vec<Message> = priced
        .messages
        .iter()
        .cloned()
        .chain(said.into_iter().flatten())
        .collect();
    messages.extend(destination::messages(cart, &options, &messages));
    let selected = selection::select(cart, &options, &preselected, &mut messages);
    let taxes = taxes::of(&priced, &options, &selected, taxes.taxes)?;

    let mut lines: Vec<QuoteLine> = Vec::with_capacity(priced.lines.len());
    let taxed = priced.lines.iter().zip(&priced.max_quantities).zip(&taxes.lines);
    for (((line, max), tax), shown) in taxed.zip(shown) {
        let stock = stock.get(line.line.as_str()).copied();
        lines.push(quote_line(line, *max, shown, stock, tax)?);
    }
    let taxed = options.iter().zip(&taxes.options);
    let quoted: Vec<QuoteOption> = taxed
        .map(|(option, tax)| quote_option(option, tax))
        .collect::<Result<_, _>>()?;
    let taxed = priced.fees.iter().zip(&taxes.fees);
    let fees: Vec<Fee> = taxed.map(|(fee, tax)| quote_fee(fee, tax)).collect::<Result<_, _>>()?;
    let discounts = discounts(&priced, &lines, &options, &quoted, &selected)?;
    let applied: Vec<&QuoteOption> = quoted
        .iter()
        .filter(|option| selected.iter().any(|choice| choice.option == option.id))
        .collect();
    let totals = Totals::of(&lines, &applied, &fees).map_err(too_large(QuoteRule::T6))?;
    messages.extend(cart.surprises(&lines));
    Ok(Quote {
        totals,
        discounts,
        rejected_codes: priced.rejected,
        fees,
        selected,
        messages: lines.iter().flat_map(line_messages).chain(messages).collect(),
        lines,
        options: quoted,
        links: page.links,
        consents: page.consents,
        continue_url: page.continue_url,
        expires: page.quote_expires.filter(|_| cart.quote_id.is_some()),
        metadata: page.metadata,
        support: page.support,
    })
}

fn too_large(rule: QuoteRule) -> impl Fn(MoneyError) -> ContractError {
    move |error| contract_error(ASSESS, rule, error.to_string())
}

fn quote_line(
    line: &LineAmount,
    max_quantity: Option<u32>,
    shown: ItemDescription,
    stock: Option<&Stock>,
    tax: &Tax,
) -> Result<QuoteLine, ContractError> {
    let net = Net::new(line.taxable, line.tax_included, tax)?;
    let (base, subtotal) = (net.of(line.base)?, net.of(line.subtotal)?);
    let less = |amount: Amount, other: Amount| amount.minus(other).map_err(too_large(QuoteRule::N1));
    Ok(QuoteLine {
        id: line.line.clone(),
        item: line.item.clone(),
        group: line.group.clone(),
        shown,
        quantity: line.quantity,
        unit_price: line.unit_price,
        tax_included: line.tax_included,
        prices: ShownAmounts {
            base: line.base,
            discount: line.discount,
            order_discount: line.order_discount,
            total: line.taxable,
        },
        base,
        discount: less(base, subtotal)?,
        subtotal,
        order_discount: less(subtotal, net.after_discounts())?,
        tax: tax.amount,
        tax_parts: tax.parts.clone(),
        tax_exempt: tax.exempt.clone(),
        total: subtotal.plus(tax.amount).map_err(too_large(QuoteRule::L3))?,
        availability: stock.map(|stock| stock.availability.clone()),
        available: stock.and_then(|stock| stock.available),
        available_from: stock.and_then(|stock| stock.available_from),
        max_quantity,
    })
}

fn quote_option(option: &PricedOption, tax: &Tax) -> Result<QuoteOption, ContractError> {
    let net = Net::new(option.taxable, option.offered.tax_included, tax)?;
    let price = net.of(option.price)?;
    let subtotal = net.after_discounts();
    let offered = &option.offered;
    Ok(QuoteOption {
        id: offered.id.clone(),
        kind: offered.kind.clone(),
        title: offered.title.clone(),
        description: offered.description.clone(),
        carrier: offered.carrier.clone(),
        earliest: offered.earliest,
        latest: offered.latest,
        shown_price: option.price,
        tax_included: offered.tax_included,
        discount: price.minus(subtotal).map_err(too_large(QuoteRule::N1))?,
        subtotal,
        tax: tax.amount,
        tax_parts: tax.parts.clone(),
        tax_exempt: tax.exempt.clone(),
        total: subtotal.plus(tax.amount).map_err(too_large(QuoteRule::O1))?,
        lines: offered.lines.clone(),
        group: offered.group.clone(),
        place: offered.place.clone(),
        pickup_type: offered.pickup_type.clone(),
        ready_by: offered.ready_by,
        pickup_by: offered.pickup_by,
    })
}

fn quote_fee(fee: &PricedFee, tax: &Tax) -> Result<Fee, ContractError> {
    Ok(Fee {
        id: fee.id.clone(),
        kind: fee.kind.clone(),
        title: fee.title.clone(),
        amount: Net::new(fee.amount, fee.tax_included, tax)?.after_discounts(),
        tax: tax.amount,
        tax_parts: tax.parts.clone(),
        tax_exempt: tax.exempt.clone(),
    })
}

/// The discounts, each with the amounts that it takes off without tax. Rule D2 holds by construction: the amounts of a target are
/// the net discount of that target, divided in the proportion of the amounts that were shown.
fn discounts(
    priced: &PricedAmounts,
    lines: &[QuoteLine],
    options: &[PricedOption],
    quoted: &[QuoteOption],
    selected: &[Choice],
) -> Result<Vec<Discount>, ContractError> {
    let mut net: BTreeMap<(usize, usize), Amount> = BTreeMap::new();
    for line in lines {
        divide(priced, &DiscountTarget::Line(line.id.clone()), line.discount, &mut net);
    }
    let order = Amount::sum(lines.iter().map(|line| line.order_discount)).map_err(too_large(QuoteRule::T6))?;
    divide(priced, &DiscountTarget::Order, order, &mut net);

    let applied = options.iter().zip(quoted);
    let applied = applied.filter(|(_, option)| selected.iter().any(|choice| choice.option == option.id));
    let of_options: Vec<(&PricedOption, Vec<Amount>)> = applied
        .map(|(option, quoted)| (option, net::parts(quoted.discount, &option.discounts)))
        .collect();

    let mut discounts = Vec::with_capacity(priced.discounts.len());
    for (index, discount) in priced.discounts.iter().enumerate() {
        let mut allocations: Vec<(DiscountTarget, Amount)> = Vec::new();
        for (place, (target, _)) in discount.parts.iter().enumerate() {
            allocations.extend(net.get(&(index, place)).map(|amount| (target.clone(), *amount)));
        }
        for (option, parts) in &of_options {
            let part = parts.get(index).filter(|part| !part.is_zero());
            allocations.extend(part.map(|part| (DiscountTarget::Option(option.offered.id.clone()), *part)));
        }
        let of_applied = of_options.iter().filter_map(|(option, _)| option.discounts.get(index));
        let shown = discount.parts.iter().map(|(_, part)| part).chain(of_applied).copied();
        discounts.push(Discount {
            id: discount.id.clone(),
            code: discount.code.clone(),
            coupon: discount.coupon.clone(),
            method: discount.method.clone(),
            priority: discount.priority,
            starts: discount.starts,
            ends: discount.ends,
            shown_amount: Amount::sum(shown).map_err(too_large(QuoteRule::T6))?,
            amount: Amount::sum(allocations.iter().map(|(_, part)| *part)).map_err(too_large(QuoteRule::T6))?,
            allocations,
        });
    }
    Ok(discounts)
}

/// Divides the net discount of a target over the parts of all discounts on it, by the index of the discount and of its part.
fn divide(
    priced: &PricedAmounts,
    target: &DiscountTarget,
    discount: Amount,
    net: &mut BTreeMap<(usize, usize), Amount>,
) {
    let mut places = Vec::new();
    let mut shown = Vec::new();
    for (index, of) in priced.discounts.iter().enumerate() {
        for (place, (on, part)) in of.parts.iter().enumerate() {
            if on == target {
                places.push((index, place));
                shown.push(*part);
            }
        }
    }
    net.extend(places.into_iter().zip(net::parts(discount, &shown)));
}

/// Stock by line id, checked. The plugin may leave out a line whose item it does not know.
///
/// # Errors
/// If a line is unknown or named twice (rule `ids`).
pub fn stock_by_line<'a>(cart: &Cart, stock: &'a [Stock]) -> Result<BTreeMap<&'a str, &'a Stock>, ContractError> {
    let mut by_line = BTreeMap::new();
    for of_line in stock {
        let line: &LineId = &of_line.line;
        if cart.lines.iter().all(|known| known.id != *line) {
            let detail = format!("stock of line {line}, which does not exist");
            return Err(contract_error(CHECK, QuoteRule::Ids, detail));
        }
        if by_line.insert(line.as_str(), of_line).is_some() {
            let detail = format!("stock of line {line} is given twice");
            return Err(contract_error(CHECK, QuoteRule::Ids, detail));
        }
    }
    Ok(by_line)
}

/// The error message for a line whose quantity exceeds the stock or the limit of the line.
fn line_messages(line: &QuoteLine) -> Option<Message> {
    let quantity = u64::from(line.quantity);
    let title = &line.shown.title;
    match line.available {
        _ if line.is_sold_out() => Some(sold_out(line)),
        Some(left) if left < quantity => {
            let text = format!("Only {left} of {title} left; reduce the quantity from {quantity}.");
            Some(Message::error(
                "quantity_exceeded",
                Subject::Quantity(line.id.clone()),
                text,
            ))
        }
        _ => line.max_quantity.filter(|most| line.quantity > *most).map(|most| {
            let text = format!("At most {most} of {title} in one order; reduce the quantity from {quantity}.");
            Message::error("quantity_exceeded", Subject::Quantity(line.id.clone()), text)
        }),
    }
}

fn sold_out(line: &QuoteLine) -> Message {
    let text = format!("{} is sold out.", line.shown.title);
    Message::error("out_of_stock", Subject::Line(line.id.clone()), text)
}
