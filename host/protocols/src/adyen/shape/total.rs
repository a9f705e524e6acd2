//! An amount of a session (`AcpTotal`), whose type the document leaves to the merchant.

use serde::Serialize;

use crate::adyen::rendering::Units;
use tillhouse_checkout::quote::Quote;

#[derive(Debug, Serialize)]
pub(crate) struct Total<'a> {
    r#type: &'static str,
    amount: i64,
    display_text: &'a str,
}

/// The totals of a session: `total = subtotal - discount + fees + tax + shipping`, where `subtotal` is the sum of the lines' subtotals.
/// A discount is a positive amount, as that of a line; without discounts on the order it is left out.
pub(crate) fn of_quote(quote: &Quote, units: Units) -> Vec<Total<'_>> {
    let sums = &quote.totals;
    let total = |r#type, display_text, amount| Total {
        r#type,
        amount: units.of(amount),
        display_text,
    };
    let mut totals = vec![total("subtotal", "Subtotal", sums.subtotal)];
    if !sums.discount.is_zero() {
        totals.push(total("discount", "Discount", sums.discount));
    }
    let fees = quote.fees.iter();
    totals.extend(fees.map(|fee| total("fee", &fee.title, fee.amount)));
    totals.push(total("tax", "Tax", sums.tax));
    if !quote.selected.is_empty() {
        totals.push(total("shipping", "Shipping", sums.fulfillment));
    }
    totals.push(total("total", "Order Total", sums.total));
    totals
}
