//! An amount of a session (schema `Total`).

use serde::Serialize;

use tillhouse_checkout::money::Amount;
use tillhouse_checkout::quote::{Fee, Quote, QuoteOption};

#[derive(Debug, Serialize)]
pub(crate) struct Total<'a> {
    r#type: &'static str,
    display_text: &'a str,
    amount: i64,
}

impl<'a> Total<'a> {
    pub(crate) const fn new(r#type: &'static str, display_text: &'a str, amount: Amount) -> Self {
        Self {
            r#type,
            display_text,
            amount: amount.minor(),
        }
    }
}

/// The totals of a session. Every fee has the type `fee`: the schema has no other type for fees.
pub(crate) fn of_quote(quote: &Quote) -> Vec<Total<'_>> {
    of_quote_with(quote, |_| "fee")
}

/// The totals of a session.
///
/// The seven types that agents add up are always present and never negative:
/// `total = subtotal - discount + fulfillment + fees + tax`. Each fee is an entry of its own.
pub(crate) fn of_quote_with(quote: &Quote, fee_type: fn(&Fee) -> &'static str) -> Vec<Total<'_>> {
    let sums = &quote.totals;
    let mut applied = quote.selected_options().peekable();
    let is_shipped = applied.peek().is_some() && applied.all(|option| option.kind == "shipping");
    let fulfillment = if is_shipped { "Shipping" } else { "Fulfillment" };
    let mut totals = vec![
        Total::new("items_base_amount", "Items", sums.items_base),
        Total::new("items_discount", "Item discounts", sums.items_discount),
        Total::new("subtotal", "Subtotal", sums.subtotal),
        Total::new("discount", "Discount", sums.discount),
        Total::new("fulfillment", fulfillment, sums.fulfillment),
    ];
    let fees = quote.fees.iter();
    totals.extend(fees.map(|fee| Total::new(fee_type(fee), &fee.title, fee.amount)));
    totals.push(Total::new("tax", "Tax", sums.tax));
    totals.push(Total::new("total", "Total", sums.total));
    totals
}

/// The totals of a fulfillment option.
pub(crate) fn of_option(option: &QuoteOption) -> Vec<Total<'_>> {
    vec![
        Total::new("subtotal", "Subtotal", option.subtotal),
        Total::new("tax", "Tax", option.tax),
        Total::new("total", "Total", option.total),
    ]
}
