//! The sums of a quote.

use serde::{Deserialize, Serialize};

use super::{Fee, QuoteLine, QuoteOption};
use crate::money::{Amount, MoneyError};

/// The sums of a quote. All are zero or more; a protocol that shows discounts as negative turns the sign itself.
///
/// Canonical form (protocol reference §4.3): every discount on a line is inside `items_discount` and `subtotal`;
/// `discount` is what comes off the order as a whole. Taxes are apart from what they tax (T5, first form).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// T2: sum of `base` over the lines.
    pub items_base: Amount,
    /// T3: sum of `discount` over the lines.
    pub items_discount: Amount,
    /// T4: `items_base - items_discount`.
    pub subtotal: Amount,
    /// Comes off the order as a whole; at most `subtotal`.
    pub discount: Amount,
    /// T5: the selected option before tax.
    pub fulfillment: Amount,
    /// T5: taxes of lines, selected option and fees.
    pub tax: Amount,
    /// Sum of the fees before tax.
    pub fees: Amount,
    /// T6: `subtotal - discount + fulfillment + tax + fees`.
    pub total: Amount,
}

impl Totals {
    /// Add everything up.
    ///
    /// # Errors
    /// When a sum is beyond 2^53 - 1, or the order discount is larger than the subtotal.
    pub fn of(
        lines: &[QuoteLine],
        discount: Amount,
        selected: Option<&QuoteOption>,
        fees: &[Fee],
    ) -> Result<Self, MoneyError> {
        let items_base = Amount::sum(lines.iter().map(|line| line.base))?;
        let items_discount = Amount::sum(lines.iter().map(|line| line.discount))?;
        let subtotal = items_base.minus(items_discount)?;
        let fulfillment = selected.map_or(Amount::ZERO, |option| option.subtotal);
        let taxes = lines.iter().map(|line| line.tax);
        let tax = Amount::sum(
            taxes
                .chain(selected.map(|option| option.tax))
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
