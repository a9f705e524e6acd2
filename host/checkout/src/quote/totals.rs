//! The sums of a quote.

use serde::{Deserialize, Serialize};

use super::{Fee, QuoteLine, QuoteOption};
use crate::money::{Amount, MoneyError};

/// The sums of a quote. All are zero or more; a protocol that shows discounts as negative numbers adds the sign itself.
///
/// Published examples of ACP disagree on whether `subtotal` is net of `discount`. Here every discount on a line is included in
/// `items_discount` and `subtotal`, and `discount` holds the discounts on the order only. Every sum but `tax` and `total` is without
/// tax, also where prices include it; `tax` holds all of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Rule T2: sum of `base` over the lines.
    pub items_base: Amount,
    /// Rule T3: sum of `discount` over the lines.
    pub items_discount: Amount,
    /// Rule T4: `items_base - items_discount`.
    pub subtotal: Amount,
    /// Sum of the discounts on the order as a whole; at most `subtotal`.
    pub discount: Amount,
    /// Rule T5: the options that apply, after the discounts on them; zero if none does.
    pub fulfillment: Amount,
    /// Rule T5: taxes on the lines, the options that apply and the fees.
    pub tax: Amount,
    /// Sum of the fees.
    pub fees: Amount,
    /// Rule T6: `subtotal - discount + fulfillment + tax + fees`.
    pub total: Amount,
}

impl Totals {
    /// Add up the amounts of a quote. `applied` are the fulfillment options that apply.
    ///
    /// # Errors
    /// If a sum is larger than 2^53 - 1.
    pub fn of(lines: &[QuoteLine], applied: &[&QuoteOption], fees: &[Fee]) -> Result<Self, MoneyError> {
        let items_base = Amount::sum(lines.iter().map(|line| line.base))?;
        let items_discount = Amount::sum(lines.iter().map(|line| line.discount))?;
        let subtotal = items_base.minus(items_discount)?;
        let discount = Amount::sum(lines.iter().map(|line| line.order_discount))?;
        let fulfillment = Amount::sum(applied.iter().map(|option| option.subtotal))?;
        let taxes = lines.iter().map(|line| line.tax);
        let tax = Amount::sum(
            taxes
                .chain(applied.iter().map(|option| option.tax))
                .chain(fees.iter().map(|fee| fee.tax)),
        )?;
        let fee = Amount::sum(fees.iter().map(|fee| fee.amount))?;
        let total = subtotal.minus(discount)?.plus(fulfillment)?.plus(tax)?.plus(fee)?;
        Ok(Self {
            items_base,
            items_discount,
            subtotal,
            discount,
            fulfillment,
            tax,
            fees: fee,
            total,
        })
    }
}
