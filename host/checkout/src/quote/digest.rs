//! Digests of a quote: whether two quotes are the same to a buyer.
//!
//! A digest covers what is bought, to whom and where it goes, and what it costs. It does not cover texts, delivery times, stock, options that were not chosen,
//! or anything else that may differ from one answer to the next while the buyer owes the same for the same. Every record is taken
//! apart by name, so that a new member does not compile until it is decided on which side it is.

mod delivery;
mod form;

use serde::{Deserialize, Serialize};

use super::{Discount, Fee, Quote, QuoteLine, QuoteOption, ShownAmounts, Totals};
use crate::cart::{Cart, Choice};
use crate::decision::{DiscountTarget, TaxPart};
use crate::money::{Amount, Currency};
use form::Form;

/// SHA-256, in hex, over the canonical form of a quote.
///
/// A release of the host that changes the form changes its name in [`Self::of_quote`] and [`Self::of_purchase`], and so no digest of
/// one form equals one of another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct QuoteDigest(String);

impl QuoteDigest {
    /// Of everything that a buyer consents to: what is bought, where it goes, each amount, discount, fee and tax, and the totals.
    #[must_use]
    pub fn of_quote(cart: &Cart, quote: &Quote, currency: Currency) -> Self {
        let mut form = Form::named("tillhouse quote 2");
        form.text(&currency.lower());
        purchase(&mut form, cart, quote);
        form.each(&quote.lines, line_amounts);
        form.each(quote.selected_options(), option_amounts);
        form.each(&quote.discounts, discount);
        form.each(&quote.fees, fee);
        totals(&mut form, &quote.totals);
        Self(form.digest())
    }

    /// Of what is bought, whatever it costs: items, quantities, the fulfillment options that apply, recipients and destinations.
    #[must_use]
    pub fn of_purchase(cart: &Cart, quote: &Quote) -> Self {
        let mut form = Form::named("tillhouse purchase 2");
        purchase(&mut form, cart, quote);
        Self(form.digest())
    }
}

fn purchase(form: &mut Form, cart: &Cart, quote: &Quote) {
    delivery::delivery(form, cart);
    form.each(&quote.lines, |form, line| {
        form.text(line.id.as_str());
        form.text(line.item.as_str());
        form.number(line.quantity.into());
        form.optional(line.group.as_ref().map(|group| group.as_str()));
    });
    form.each(&quote.selected, |form, Choice { option, lines }| {
        form.text(option.as_str());
        form.each(lines, |form, line| form.text(line.as_str()));
    });
    form.each(quote.selected_options(), |form, option| {
        form.text(option.id.as_str());
        form.text(&option.kind);
        form.optional(option.group.as_ref().map(|group| group.as_str()));
        form.each(&option.place, delivery::place);
    });
}

fn line_amounts(form: &mut Form, line: &QuoteLine) {
    let QuoteLine {
        id,
        unit_price,
        tax_included,
        prices,
        base,
        discount,
        subtotal,
        order_discount,
        tax,
        tax_parts,
        tax_exempt,
        total,
        // In the purchase.
        item: _,
        group: _,
        quantity: _,
        // Texts, and what varies with the clock and with other buyers.
        shown: _,
        availability: _,
        available: _,
        available_from: _,
        max_quantity: _,
    } = line;
    let ShownAmounts {
        base: shown_base,
        discount: shown_discount,
        order_discount: shown_order_discount,
        total: shown_total,
    } = prices;
    form.text(id.as_str());
    form.amounts([*unit_price, *shown_base, *shown_discount, *shown_order_discount]);
    form.amounts([*shown_total, *base, *discount, *subtotal, *order_discount, *total]);
    form.flag(*tax_included);
    taxes(form, *tax, tax_parts, tax_exempt.is_some());
}

fn option_amounts(form: &mut Form, option: &QuoteOption) {
    let QuoteOption {
        id,
        shown_price,
        tax_included,
        discount,
        subtotal,
        tax,
        tax_parts,
        tax_exempt,
        total,
        // In the purchase; the lines are those of the choice.
        kind: _,
        lines: _,
        group: _,
        place: _,
        // Texts and times.
        title: _,
        description: _,
        carrier: _,
        earliest: _,
        latest: _,
        pickup_type: _,
        ready_by: _,
        pickup_by: _,
    } = option;
    form.text(id.as_str());
    form.amounts([*shown_price, *discount, *subtotal, *total]);
    form.flag(*tax_included);
    taxes(form, *tax, tax_parts, tax_exempt.is_some());
}

fn discount(form: &mut Form, discount: &Discount) {
    let Discount {
        id,
        code,
        coupon,
        shown_amount,
        amount,
        allocations,
        // How the amounts came about, and until when.
        method: _,
        priority: _,
        starts: _,
        ends: _,
    } = discount;
    form.text(id);
    form.optional(code.as_deref());
    form.text(&coupon.id);
    form.amounts([*shown_amount, *amount]);
    form.each(allocations, |form, (target, amount)| {
        let (kind, id) = match target {
            DiscountTarget::Line(line) => ("line", line.as_str()),
            DiscountTarget::Order => ("order", ""),
            DiscountTarget::Option(option) => ("option", option.as_str()),
            DiscountTarget::Fulfillment => ("fulfillment", ""),
        };
        form.text(kind);
        form.text(id);
        form.amounts([*amount]);
    });
}

fn fee(form: &mut Form, fee: &Fee) {
    let Fee {
        id,
        kind,
        amount,
        tax,
        tax_parts,
        tax_exempt,
        title: _,
    } = fee;
    form.text(id);
    form.text(kind);
    form.amounts([*amount]);
    taxes(form, *tax, tax_parts, tax_exempt.is_some());
}

/// A tax with its parts. Of an exemption only that there is one: the reason is a text.
fn taxes(form: &mut Form, tax: Amount, parts: &[TaxPart], exempt: bool) {
    form.amounts([tax]);
    form.flag(exempt);
    form.each(parts, |form, part| {
        let TaxPart {
            jurisdiction,
            rate,
            amount,
        } = part;
        form.text(jurisdiction);
        form.number((*rate).into());
        form.number(*amount);
    });
}

fn totals(form: &mut Form, totals: &Totals) {
    let Totals {
        items_base,
        items_discount,
        subtotal,
        discount,
        fulfillment,
        tax,
        fees,
        total,
    } = totals;
    form.amounts([*items_base, *items_discount, *subtotal, *discount]);
    form.amounts([*fulfillment, *tax, *fees, *total]);
}
