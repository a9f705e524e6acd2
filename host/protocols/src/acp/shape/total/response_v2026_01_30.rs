//! An amount of a session (schema `Total`), with the parts of a tax.

use serde::Serialize;

use crate::acp::shape::total::response_v2025_09_29;
use crate::rendering::fraction;
use tillhouse_checkout::decision::TaxPart;
use tillhouse_checkout::money::Amount;
use tillhouse_checkout::quote::{Fee, Quote, QuoteLine, QuoteOption};

#[derive(Debug, Serialize)]
pub(crate) struct Total<'a> {
    #[serde(flatten)]
    total: response_v2025_09_29::Total<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    breakdown: Vec<TaxBreakdownItem<'a>>,
}

/// The share of one jurisdiction in a tax (schema `TaxBreakdownItem`).
#[derive(Debug, Serialize)]
struct TaxBreakdownItem<'a> {
    jurisdiction: &'a str,
    /// Rate as a fraction: `0.0875` for 8.75 %.
    rate: f64,
    amount: i64,
}

impl<'a> Total<'a> {
    pub(crate) const fn new(r#type: &'static str, display_text: &'a str, amount: Amount) -> Self {
        Self {
            total: response_v2025_09_29::Total::new(r#type, display_text, amount),
            breakdown: Vec::new(),
        }
    }

    fn tax(amount: Amount, parts: &'a [TaxPart]) -> Self {
        let parts = parts.iter().map(|part| TaxBreakdownItem {
            jurisdiction: &part.jurisdiction,
            rate: fraction(part.rate),
            amount: part.amount,
        });
        Self {
            breakdown: parts.collect(),
            ..Self::new("tax", "Tax", amount)
        }
    }
}

/// The totals of a session.
pub(crate) fn of_quote(quote: &Quote) -> Vec<Total<'_>> {
    let totals = response_v2025_09_29::of_quote_with(quote, fee_type).into_iter();
    let without_parts = totals.map(|total| Total {
        total,
        breakdown: Vec::new(),
    });
    without_parts.collect()
}

/// The total type of a fee. ACP has no `packing_fee`; it is shown as `gift_wrap`.
fn fee_type(fee: &Fee) -> &'static str {
    match fee.kind.as_str() {
        "gift_wrap" | "packing" | "packing_fee" => "gift_wrap",
        "tip" => "tip",
        _ => "fee",
    }
}

/// The totals of a line.
pub(crate) fn of_line(line: &QuoteLine) -> Vec<Total<'_>> {
    vec![
        Total::new("items_base_amount", "Items", line.base),
        Total::new("items_discount", "Item discounts", line.discount),
        Total::new("subtotal", "Subtotal", line.subtotal),
        Total::tax(line.tax, &line.tax_parts),
        Total::new("total", "Total", line.total),
    ]
}

/// The totals of a fulfillment option.
pub(crate) fn of_option(option: &QuoteOption) -> Vec<Total<'_>> {
    vec![
        Total::new("subtotal", "Subtotal", option.subtotal),
        Total::tax(option.tax, &option.tax_parts),
        Total::new("total", "Total", option.total),
    ]
}
