//! The rates that the tax of a line follows from: Stripe applies percentages, and no amounts.

use tillhouse_checkout::decision::TaxPart;
use tillhouse_checkout::quote::QuoteLine;

/// Parts per million in one percent.
const PER_PERCENT: f64 = 10_000.0;
/// Parts per million in the whole.
const WHOLE: i128 = 1_000_000;
/// The largest rate that is answered, in parts per million: an amount of tax above the price it is on has no rate.
const MOST: i64 = 1_000_000;

/// A rate that a line is taxed at.
#[derive(Debug, PartialEq)]
pub(super) struct LineRate {
    /// Jurisdiction that levies the tax.
    pub(super) name: String,
    /// Whether the price includes the tax.
    pub(super) is_inclusive: bool,
    /// Out of 100, with at most four decimals.
    pub(super) percentage: f64,
}

/// The rates of a line, empty where it has no tax.
///
/// They are those of the plugin, jurisdiction by jurisdiction. A tax that the plugin states as an amount only is answered as the rate that
/// it comes to. Where the rates do not come to the plugin's amount, as after another rule of rounding, that is logged with what is answered.
pub(super) fn of_line(line: &QuoteLine) -> Vec<LineRate> {
    let net = line.subtotal.minor() - line.order_discount.minor();
    let tax = line.tax.minor();
    let stated: Vec<&TaxPart> = line.tax_parts.iter().filter(|part| part.rate > 0).collect();
    if tax == 0 && stated.is_empty() {
        return Vec::new();
    }
    let rates: Vec<(String, u32)> = if stated.is_empty() {
        derived(net, tax)
            .map(|rate| ("Tax".to_owned(), rate))
            .into_iter()
            .collect()
    } else {
        stated
            .iter()
            .map(|part| (part.jurisdiction.clone(), part.rate))
            .collect()
    };
    let applied = applied(net, &rates);
    if applied != tax {
        tracing::warn!(
            item = line.item.as_str(),
            tax,
            applied,
            rates = ?rates.iter().map(|(_, rate)| rate).collect::<Vec<_>>(),
            from_amount = stated.is_empty(),
            "no rate comes to the tax of a line: Stripe is answered these rates in parts per million, and takes what they come to"
        );
    }
    let rate = |(name, rate): (String, u32)| LineRate {
        name,
        is_inclusive: line.tax_included,
        percentage: f64::from(rate) / PER_PERCENT,
    };
    rates.into_iter().map(rate).collect()
}

/// The rate that an amount of tax comes to; `None` if there is none.
fn derived(net: i64, tax: i64) -> Option<u32> {
    if net <= 0 {
        return None;
    }
    let rate = rounded(i128::from(tax) * WHOLE, net.into());
    u32::try_from(rate).ok().filter(|rate| i64::from(*rate) <= MOST)
}

/// What the rates come to, each rounded by itself as Stripe does.
fn applied(net: i64, rates: &[(String, u32)]) -> i64 {
    let of = |rate: u32| rounded(i128::from(net) * i128::from(rate), WHOLE);
    let sum = rates.iter().map(|(_, rate)| of(*rate)).sum::<i128>();
    i64::try_from(sum).unwrap_or(i64::MAX)
}

/// To the nearest whole, a half up. Both are positive.
const fn rounded(dividend: i128, divisor: i128) -> i128 {
    (2 * dividend + divisor) / (2 * divisor)
}

#[cfg(test)]
mod tests;
