//! What Stripe is about to take, compared with the price of the merchant's plugin.

use super::from_wire::{AskedAmounts, AskedOrder};
use crate::settings::TaxAuthority;
use tillhouse_checkout::money::{Amount, Currency, Money};
use tillhouse_checkout::quote::{Quote, QuoteOption};
use tillhouse_checkout::session::Session;

/// Every difference, as a sentence for the operator and the agent. Empty where Stripe takes what is due.
///
/// Prices of units are compared as they are stated, with tax where they include it; the total as a whole, or without tax where Stripe
/// assesses that. What else Stripe says is named where the total differs, to say why.
pub(super) fn differences(asked: &AskedOrder, session: &Session, tax: TaxAuthority) -> Vec<String> {
    let (quote, currency) = (&session.quote, session.currency);
    let mut found = Vec::new();
    for line in &asked.lines {
        let priced = quote.lines.iter().find(|priced| priced.item == line.sku);
        if let (Some(theirs), Some(ours)) = (line.unit_amount, priced.map(|priced| priced.unit_price))
            && theirs != ours
        {
            let item = line.sku.as_str();
            found.push(differs(&format!("unit price of {item}"), theirs, ours, currency));
        }
    }
    let Some(total) = asked.amounts.total else { return found };
    if is_due(total, &asked.amounts, quote, tax) {
        return found;
    }
    found.push(differs("total", total, quote.totals.total, currency));
    found.extend(parts(&asked.amounts, quote, currency));
    found
}

fn is_due(total: Amount, asked: &AskedAmounts, quote: &Quote, tax: TaxAuthority) -> bool {
    let without_tax = |total: Amount, tax: Amount| total.minor() - tax.minor();
    match (tax, asked.tax) {
        (TaxAuthority::Stripe, Some(theirs)) => {
            without_tax(total, theirs) == without_tax(quote.totals.total, quote.totals.tax)
        }
        _ => total == quote.totals.total,
    }
}

/// The parts of the total that differ. Stripe's parts are of its own prices, so that they say why and decide nothing.
fn parts(asked: &AskedAmounts, quote: &Quote, currency: Currency) -> Vec<String> {
    let totals = &quote.totals;
    let discount = totals.items_discount.plus(totals.discount).unwrap_or(totals.discount);
    let stated = quote.lines.iter().map(|line| line.prices.base);
    let compared = [
        (
            "subtotal",
            asked.subtotal,
            Amount::sum(stated).unwrap_or(totals.items_base),
        ),
        ("discount", asked.discount, discount),
        ("shipping", asked.shipping, totals.fulfillment),
        ("tax", asked.tax, totals.tax),
    ];
    let mut found: Vec<String> = compared
        .into_iter()
        .filter_map(|(what, theirs, ours)| {
            theirs
                .filter(|theirs| *theirs != ours)
                .map(|theirs| (what, theirs, ours))
        })
        .map(|(what, theirs, ours)| differs(what, theirs, ours, currency))
        .collect();
    if !totals.fees.is_zero() {
        let fees = money(totals.fees, currency);
        found.push(format!(
            "the merchant has fees of {fees}, which Stripe's checkout does not know"
        ));
    }
    found
}

fn differs(what: &str, theirs: Amount, ours: Amount, currency: Currency) -> String {
    let (theirs, ours) = (money(theirs, currency), money(ours, currency));
    format!("{what}: Stripe takes {theirs}, and the merchant's is {ours}")
}

const fn money(amount: Amount, currency: Currency) -> Money {
    Money { amount, currency }
}

/// The option whose price Stripe takes as shipping; `None` if the one that applies has that price, or none has. Stripe does not say which
/// option the buyer has chosen.
pub(super) fn other_option(session: &Session, shipping: Option<Amount>) -> Option<&QuoteOption> {
    let shipping = shipping?;
    let costs_that = |option: &&QuoteOption| [option.total, option.subtotal, option.shown_price].contains(&shipping);
    let quote = &session.quote;
    if quote.selected_options().any(|option| costs_that(&option)) {
        return None;
    }
    quote.options.iter().find(costs_that)
}
