//! Assembles a quote from checked prices, options, taxes and stock.

use std::collections::BTreeMap;

use super::amounts::{PricedAmounts, amount, contract_error};
use super::destination;
use super::{ContractError, Quote, QuoteLine, QuoteOption, QuoteRule, Totals};
use crate::cart::Cart;
use crate::decision::{
    AssessedTax, FulfillmentOffer, ItemDescription, Page, Stock, TaxAssessment, TaxPart, TaxRequest,
};
use crate::ids::OptionId;
use crate::message::{Message, MessageSeverity, Subject};
use crate::money::Amount;

const CHECK: &str = "inventory.check";
const OPTIONS: &str = "fulfillment.options";
const ASSESS: &str = "tax.assess";

/// The options of an offer, checked; their tax is still zero.
///
/// # Errors
/// If the offer breaks rule `ids` or L4.
pub fn options(cart: &Cart, offer: &FulfillmentOffer) -> Result<Vec<QuoteOption>, ContractError> {
    let mut options: Vec<QuoteOption> = Vec::with_capacity(offer.options.len());
    for option in &offer.options {
        if options.iter().any(|seen| seen.id == option.id) {
            return Err(contract_error(
                OPTIONS,
                QuoteRule::Ids,
                format!("option {} appears twice", option.id),
            ));
        }
        if let Some(line) = option
            .lines
            .iter()
            .find(|line| cart.lines.iter().all(|known| known.id != **line))
        {
            return Err(contract_error(
                OPTIONS,
                QuoteRule::Ids,
                format!("option {} is for line {line}, which does not exist", option.id),
            ));
        }
        let subtotal = amount(
            OPTIONS,
            QuoteRule::L4,
            || format!("price of option {}", option.id),
            option.price,
        )?;
        options.push(QuoteOption {
            id: option.id.clone(),
            kind: option.kind.clone(),
            title: option.title.clone(),
            description: option.description.clone(),
            carrier: option.carrier.clone(),
            earliest: option.earliest,
            latest: option.latest,
            subtotal,
            tax: Amount::ZERO,
            total: subtotal,
            lines: option.lines.clone(),
            place: option.place.clone(),
        });
    }
    match &offer.preselected {
        Some(id) if options.iter().all(|option| option.id != *id) => Err(contract_error(
            OPTIONS,
            QuoteRule::Ids,
            format!("preselected option {id} is not on offer"),
        )),
        _ => Ok(options),
    }
}

/// The arguments of `tax.assess`.
#[must_use]
pub fn tax_request(cart: &Cart, priced: &PricedAmounts, options: &[QuoteOption]) -> TaxRequest {
    TaxRequest {
        lines: priced.lines.clone(),
        order_discount: priced.order_discount,
        options: options
            .iter()
            .map(|option| (option.id.clone(), option.subtotal))
            .collect(),
        fees: priced
            .fees
            .iter()
            .map(|fee| (fee.id.clone(), fee.kind.clone(), fee.amount))
            .collect(),
        destination: cart.destination().cloned(),
        buyer: cart.buyer.clone(),
    }
}

/// Everything that a quote is assembled from.
#[derive(Debug)]
pub struct QuoteParts {
    /// Answer of `inventory.check`, unchecked.
    pub stock: Vec<Stock>,
    /// Checked answer of `pricing.price`.
    pub priced: PricedAmounts,
    /// Checked options of `fulfillment.options`, without tax.
    pub options: Vec<QuoteOption>,
    /// The option that applies until the buyer chooses.
    pub preselected: Option<OptionId>,
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
        mut options,
        preselected,
        offer_messages,
        taxes,
        shown,
        page,
    } = parts;
    let mut fees = priced.fees;
    let mut of_options = taxes_by_id("option", taxes.options, options.iter().map(|option| option.id.as_str()))?;
    for option in &mut options {
        option.tax = of_options.remove(option.id.as_str()).map_or(Amount::ZERO, |tax| tax.0);
        option.total = option
            .subtotal
            .plus(option.tax)
            .map_err(|error| contract_error(ASSESS, QuoteRule::O1, error.to_string()))?;
    }
    let mut of_fees = taxes_by_id("fee", taxes.fees, fees.iter().map(|fee| fee.id.as_str()))?;
    for fee in &mut fees {
        fee.tax = of_fees.remove(fee.id.as_str()).map_or(Amount::ZERO, |tax| tax.0);
    }
    let mut of_lines = taxes_by_id("line", taxes.lines, cart.lines.iter().map(|line| line.id.as_str()))?;
    let stock = stock_by_line(cart, &stock)?;

    let mut lines = Vec::with_capacity(priced.lines.len());
    for ((line, (unit_price, max_quantity)), shown) in priced.lines.into_iter().zip(priced.units).zip(shown) {
        let (tax, tax_parts) = of_lines.remove(line.line.as_str()).unwrap_or_default();
        let total = line
            .subtotal
            .plus(tax)
            .map_err(|error| contract_error(ASSESS, QuoteRule::L3, error.to_string()))?;
        let stock = stock.get(line.line.as_str());
        lines.push(QuoteLine {
            availability: stock.map(|stock| stock.availability.clone()),
            available: stock.and_then(|stock| stock.available),
            id: line.line,
            item: line.item,
            shown,
            quantity: line.quantity,
            unit_price,
            base: line.base,
            discount: line.discount,
            subtotal: line.subtotal,
            tax,
            tax_parts,
            total,
            max_quantity,
        });
    }

    let mut messages: Vec<Message> = lines.iter().flat_map(line_messages).collect();
    messages.extend(priced.messages);
    messages.extend(offer_messages);
    messages.extend(taxes.messages);
    messages.extend(page.messages);
    if let Some(destination) = cart.destination() {
        let blanks = destination::missing_address_fields(destination, &options, &messages);
        messages.extend(blanks);
    }
    let selected = select(cart, &options, preselected, &mut messages);
    let selected_option = selected
        .as_ref()
        .and_then(|id| options.iter().find(|option| option.id == *id));
    let totals = Totals::of(&lines, priced.order_discount, selected_option, &fees)
        .map_err(|error| contract_error(ASSESS, QuoteRule::T6, error.to_string()))?;
    Ok(Quote {
        totals,
        lines,
        discounts: priced.discounts,
        rejected_codes: priced.rejected,
        fees,
        options,
        selected,
        messages,
        links: page.links,
        consents: page.consents,
    })
}

/// Stock by line id, checked. The plugin may leave out a line whose item it does not know.
///
/// # Errors
/// If a line is unknown or named twice (rule `ids`).
pub fn stock_by_line<'a>(cart: &Cart, stock: &'a [Stock]) -> Result<BTreeMap<&'a str, &'a Stock>, ContractError> {
    let mut by_line = BTreeMap::new();
    for of_line in stock {
        let line = &of_line.line;
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

type Tax = (Amount, Vec<TaxPart>);

/// Taxes by the id of the line, option or fee that they are on, checked. `what` names the kind in errors.
///
/// # Errors
/// If the taxes break rule `ids`, L4 or `parts`.
pub fn taxes_by_id<'a>(
    what: &'static str,
    assessed: Vec<AssessedTax>,
    known: impl Iterator<Item = &'a str>,
) -> Result<BTreeMap<String, Tax>, ContractError> {
    let known: Vec<&str> = known.collect();
    let mut taxes = BTreeMap::new();
    for tax in assessed {
        if !known.contains(&tax.id.as_str()) {
            let detail = format!("tax on {what} {}, which does not exist", tax.id);
            return Err(contract_error(ASSESS, QuoteRule::Ids, detail));
        }
        let due = amount(
            ASSESS,
            QuoteRule::L4,
            || format!("tax on {what} {}", tax.id),
            tax.amount,
        )?;
        let of_parts = tax
            .parts
            .iter()
            .try_fold(0_i64, |sum, part| sum.checked_add(part.amount));
        if !tax.parts.is_empty() && of_parts != Some(due.minor()) {
            return Err(contract_error(
                ASSESS,
                QuoteRule::Parts,
                format!(
                    "the tax on {what} {} is {} minor units, and its parts do not add up to that",
                    tax.id,
                    due.minor()
                ),
            ));
        }
        if taxes.insert(tax.id.clone(), (due, tax.parts)).is_some() {
            return Err(contract_error(
                ASSESS,
                QuoteRule::Ids,
                format!("{what} {} is taxed twice", tax.id),
            ));
        }
    }
    Ok(taxes)
}

/// The error message for a line whose quantity exceeds the stock or the limit of the line.
fn line_messages(line: &QuoteLine) -> Option<Message> {
    let quantity = u64::from(line.quantity);
    let title = &line.shown.title;
    let out = line.availability.as_deref() == Some("out_of_stock");
    match line.available {
        Some(0) => Some(Message::error(
            "out_of_stock",
            Subject::Line(line.id.clone()),
            format!("{title} is sold out."),
        )),
        None if out => Some(Message::error(
            "out_of_stock",
            Subject::Line(line.id.clone()),
            format!("{title} is sold out."),
        )),
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

fn no_address() -> Message {
    Message::error("missing", Subject::Address(None), "A delivery address is needed.")
}

/// The chosen option while it is on offer, else the preselected one. Adds a message about what is missing: a choice, or the
/// address of goods to deliver.
fn select(
    cart: &Cart,
    options: &[QuoteOption],
    preselected: Option<OptionId>,
    messages: &mut Vec<Message>,
) -> Option<OptionId> {
    let on_offer = |id: &&OptionId| options.iter().any(|option| option.id == **id);
    let chosen = cart.chosen_option.as_ref().filter(on_offer).cloned();
    let selected = chosen.or(preselected);
    let bars_address =
        |message: &Message| message.severity == MessageSeverity::Error && matches!(message.about, Subject::Address(_));
    if let Some(selected) = selected {
        let goes_out = |option: &QuoteOption| option.id == selected && destination::requires_address(option);
        if cart.destination().is_none() && options.iter().any(goes_out) && !messages.iter().any(bars_address) {
            messages.push(no_address());
        }
        return Some(selected);
    }
    if !options.is_empty() {
        messages.push(Message::error(
            "missing",
            Subject::Choice,
            "Choose a fulfillment option.",
        ));
    } else if cart.destination().is_none() {
        messages.push(no_address());
    } else if !messages.iter().any(bars_address) {
        let text = "Nothing can be delivered to this address.";
        messages.push(Message::error("region_restricted", Subject::Address(None), text));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contact::{Address, Recipient};

    fn option(id: &str, kind: &str) -> QuoteOption {
        QuoteOption {
            id: OptionId::new(id),
            kind: kind.into(),
            title: id.into(),
            description: None,
            carrier: None,
            earliest: None,
            latest: None,
            subtotal: Amount::ZERO,
            tax: Amount::ZERO,
            total: Amount::ZERO,
            lines: Vec::new(),
            place: None,
        }
    }

    fn chosen(kind: &str, destination: Option<Address>) -> Vec<Subject> {
        let cart = Cart {
            recipient: Some(Recipient {
                address: destination,
                ..Recipient::default()
            }),
            ..Cart::default()
        };
        let options = [option("a", kind), option("b", "digital")];
        let mut messages = Vec::new();
        let selected = select(&cart, &options, Some(OptionId::new("a")), &mut messages);
        assert_eq!(
            selected,
            Some(OptionId::new("a")),
            "the price of what is preselected is shown"
        );
        messages.into_iter().map(|message| message.about).collect()
    }

    #[test]
    fn goods_that_travel_need_an_address_though_their_option_is_known() {
        for kind in ["shipping", "local_delivery", "drone"] {
            assert_eq!(chosen(kind, None), [Subject::Address(None)], "{kind}");
            assert!(chosen(kind, Some(Address::default())).is_empty(), "{kind}");
        }
        for kind in ["digital", "pickup"] {
            assert!(chosen(kind, None).is_empty(), "{kind}");
        }
    }
}
