//! Invariants of a quote that the host accepted.

use tillhouse_checkout::decision::{AnsweredTaxes, TaxPart};
use tillhouse_checkout::money::Amount;
use tillhouse_checkout::quote::{Quote, QuoteLine, QuoteOption};

use super::answers::Answers;
use super::arithmetic::{Discounted, Kind, Priced, discounted, rates, tax_by_itself};
use super::rules::{paid, selected, tax_of_all};

/// What does not hold.
#[derive(Default)]
struct Wrong(Vec<String>);

impl Wrong {
    fn check(&mut self, holds: bool, what: &str) {
        if !holds {
            self.0.push(what.to_owned());
        }
    }
}

fn minor(amount: Amount) -> i128 {
    amount.minor().into()
}

/// Checks every invariant of a quote that the host accepted.
pub(super) fn check_quote(answers: &Answers, quote: &Quote) -> Result<(), String> {
    let of = discounted(answers);
    let mut wrong = Wrong::default();
    wrong.check(quote.lines.len() == of.lines.len(), "the quote has every line");
    for (line, (own, wanted)) in quote.lines.iter().zip(of.lines.iter().zip(&answers.cart.lines)) {
        wrong.check(
            line.id == wanted.id && line.quantity == wanted.quantity,
            "the lines are in the order of the cart",
        );
        check_line(answers, line, own, &mut wrong);
    }
    for (option, own) in quote.options.iter().zip(&of.options) {
        check_option(answers, option, own, &mut wrong);
    }
    for (fee, own) in quote.fees.iter().zip(&of.fees) {
        let shown = minor(fee.amount) + if own.tax_included { minor(fee.tax) } else { 0 };
        wrong.check(shown == own.taxable(), "N1: a fee");
        check_tax(answers, Kind::Fee, own, fee.tax, &fee.tax_parts, &mut wrong);
    }
    check_totals(answers, quote, &of, &mut wrong);
    if wrong.0.is_empty() {
        Ok(())
    } else {
        Err(wrong.0.join(", "))
    }
}

fn check_line(answers: &Answers, line: &QuoteLine, own: &Priced, wrong: &mut Wrong) {
    let (shown, tax) = (line.prices, minor(line.tax));
    wrong.check(
        minor(line.unit_price) * i128::from(line.quantity) == minor(shown.base),
        "L1",
    );
    wrong.check(minor(shown.base) == own.base, "L1: the base");
    wrong.check(minor(shown.discount) == own.discount, "the discounts of a line");
    wrong.check(
        minor(shown.order_discount) == own.order_discount,
        "the share in the order's discounts",
    );
    wrong.check(minor(shown.total) == own.taxable(), "the amount after every discount");
    let rates = rates(&answers.taxes.taxes, Kind::Line, &own.id);
    wrong.check(minor(line.base) == own.net(own.base, tax, rates), "the net base");
    wrong.check(
        minor(line.subtotal) == own.net(own.subtotal(), tax, rates),
        "the net subtotal",
    );
    wrong.check(minor(line.subtotal) == minor(line.base) - minor(line.discount), "L2");
    let net = minor(line.subtotal) - minor(line.order_discount);
    let included = if own.tax_included { tax } else { 0 };
    wrong.check(net + included == own.taxable(), "N1: a line");
    wrong.check(minor(line.total) == minor(line.subtotal) + tax, "L3");
    check_tax(answers, Kind::Line, own, line.tax, &line.tax_parts, wrong);
    let exempt = match &answers.taxes.taxes {
        AnsweredTaxes::Amounts { lines, .. } => lines.iter().find(|tax| tax.id == own.id).map(|tax| &tax.exempt),
        AnsweredTaxes::Rates { lines, .. } => lines.iter().find(|tax| tax.id == own.id).map(|tax| &tax.exempt),
    };
    wrong.check(
        line.tax_exempt.as_ref() == exempt.and_then(Option::as_ref),
        "why a line is exempt",
    );
}

fn check_option(answers: &Answers, option: &QuoteOption, own: &Priced, wrong: &mut Wrong) {
    let tax = minor(option.tax);
    let rates = rates(&answers.taxes.taxes, Kind::Option, &own.id);
    let price = own.net(own.base, tax, rates);
    let included = if own.tax_included { tax } else { 0 };
    wrong.check(minor(option.shown_price) == own.base, "the price of an option");
    wrong.check(minor(option.subtotal) == price - minor(option.discount), "O2");
    wrong.check(minor(option.subtotal) + included == own.taxable(), "N1: an option");
    wrong.check(minor(option.total) == minor(option.subtotal) + tax, "O1");
    check_tax(answers, Kind::Option, own, option.tax, &option.tax_parts, wrong);
}

/// A tax is the plugin's, or what its rates say; parts add up to it.
fn check_tax(answers: &Answers, kind: Kind, own: &Priced, tax: Amount, parts: &[TaxPart], wrong: &mut Wrong) {
    let sum: i128 = parts.iter().map(|part| i128::from(part.amount)).sum();
    wrong.check(parts.is_empty() || sum == minor(tax), "parts");
    match &answers.taxes.taxes {
        AnsweredTaxes::Amounts { lines, options, fees } => {
            let taxes = match kind {
                Kind::Line => lines,
                Kind::Option => options,
                Kind::Fee => fees,
            };
            let answered = taxes
                .iter()
                .find(|tax| tax.id == own.id)
                .map_or(0, |tax| tax.amount.into());
            wrong.check(minor(tax) == answered, "a tax is the plugin's");
        }
        taxes @ AnsweredTaxes::Rates { rounding, .. } if rounding.scope == "line" => {
            let rates = rates(taxes, kind, &own.id).unwrap_or_default();
            wrong.check(
                minor(tax) == tax_by_itself(rounding, own, rates),
                "a tax that is rounded by itself",
            );
        }
        AnsweredTaxes::Rates { .. } => {}
    }
}

fn check_totals(answers: &Answers, quote: &Quote, of: &Discounted, wrong: &mut Wrong) {
    let totals = quote.totals;
    let sum = |amounts: &mut dyn Iterator<Item = Amount>| amounts.map(minor).sum::<i128>();
    wrong.check(quote.selected == selected(answers), "the options that apply");
    let applied: Vec<&QuoteOption> = quote.selected_options().collect();
    wrong.check(
        minor(totals.items_base) == sum(&mut quote.lines.iter().map(|line| line.base)),
        "T2",
    );
    wrong.check(
        minor(totals.items_discount) == sum(&mut quote.lines.iter().map(|line| line.discount)),
        "T3",
    );
    wrong.check(
        minor(totals.subtotal) == minor(totals.items_base) - minor(totals.items_discount),
        "T4",
    );
    wrong.check(
        minor(totals.discount) == sum(&mut quote.lines.iter().map(|line| line.order_discount)),
        "the order's discount",
    );
    wrong.check(
        minor(totals.fulfillment) == sum(&mut applied.iter().map(|option| option.subtotal)),
        "T5: fulfillment",
    );
    wrong.check(
        minor(totals.fees) == sum(&mut quote.fees.iter().map(|fee| fee.amount)),
        "fees",
    );
    let taxes = quote
        .lines
        .iter()
        .map(|line| line.tax)
        .chain(applied.iter().map(|option| option.tax));
    wrong.check(
        minor(totals.tax) == sum(&mut taxes.chain(quote.fees.iter().map(|fee| fee.tax))),
        "T5: tax",
    );
    let before_tax = minor(totals.subtotal) - minor(totals.discount) + minor(totals.fulfillment) + minor(totals.fees);
    wrong.check(minor(totals.total) == before_tax + minor(totals.tax), "T6");
    check_discounts(quote, &applied, wrong);

    let paid = paid(answers, of);
    let shown: i128 = paid.iter().map(|(_, thing)| thing.taxable()).sum();
    if paid.iter().all(|(_, thing)| thing.tax_included) {
        wrong.check(
            minor(totals.total) == shown,
            "the total of prices that include tax is what was shown",
        );
    }
    if paid.iter().all(|(_, thing)| !thing.tax_included) {
        wrong.check(before_tax == shown, "the total without tax is what was shown");
    }
    // Where the tax in a price takes all of it, there is no room for another part that is rounded up.
    let no_room = paid.iter().any(|(_, thing)| thing.tax_included && thing.taxable() < 3);
    let (tax, expected) = (minor(totals.tax), tax_of_all(answers, of));
    wrong.check(
        tax == expected || (no_room && tax < expected),
        "the tax of all by the rounding rule",
    );
}

fn check_discounts(quote: &Quote, applied: &[&QuoteOption], wrong: &mut Wrong) {
    for discount in &quote.discounts {
        let parts: i128 = discount.allocations.iter().map(|(_, part)| minor(*part)).sum();
        wrong.check(minor(discount.amount) == parts, "D1");
    }
    let sum: i128 = quote.discounts.iter().map(|discount| minor(discount.amount)).sum();
    let of_options: i128 = applied.iter().map(|option| minor(option.discount)).sum();
    let of_items = minor(quote.totals.items_discount) + minor(quote.totals.discount);
    wrong.check(sum == of_items + of_options, "D2");
}
