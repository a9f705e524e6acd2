//! Conversions from the domain to wire values, shared by the releases of ACP.

use tillhouse_checkout::ids::OptionId;
use tillhouse_checkout::quote::{Fee, Quote, QuoteLine, QuoteOption};
use tillhouse_checkout::session::{Session, SessionState};

/// Values of `status` that differ between releases.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StatusNames {
    pub(crate) committing: &'static str,
    pub(crate) authenticating: &'static str,
    pub(crate) expired: &'static str,
}

/// The `status` of a session.
///
/// Releases from 2026-01-30 also define `incomplete` and `in_progress`, without saying how they differ from
/// `not_ready_for_payment` and `complete_in_progress`; they are not used.
pub(crate) fn status(session: &Session, names: StatusNames) -> &'static str {
    match &session.state {
        SessionState::Open if session.is_ready() => "ready_for_payment",
        SessionState::Open => "not_ready_for_payment",
        SessionState::Committing { .. } => names.committing,
        SessionState::AuthenticationRequired { .. } => names.authenticating,
        SessionState::Completed { .. } => "completed",
        SessionState::Canceled => "canceled",
        SessionState::Expired => names.expired,
    }
}

/// The totals of a session: type, display text and amount in minor units.
///
/// The seven types that agents add up are always present and never negative:
/// `total = subtotal - discount + fulfillment + fees + tax`. Each fee is an entry of its own.
pub(crate) fn totals(quote: &Quote, fee_type: fn(&Fee) -> &'static str) -> Vec<(&'static str, &str, i64)> {
    let sums = &quote.totals;
    let mut applied = quote.selected_options().peekable();
    let is_shipped = applied.peek().is_some() && applied.all(|option| option.kind == "shipping");
    let fulfillment = if is_shipped { "Shipping" } else { "Fulfillment" };
    let mut totals = vec![
        ("items_base_amount", "Items", sums.items_base.minor()),
        ("items_discount", "Item discounts", sums.items_discount.minor()),
        ("subtotal", "Subtotal", sums.subtotal.minor()),
        ("discount", "Discount", sums.discount.minor()),
        ("fulfillment", fulfillment, sums.fulfillment.minor()),
    ];
    for fee in &quote.fees {
        totals.push((fee_type(fee), &fee.title, fee.amount.minor()));
    }
    totals.push(("tax", "Tax", sums.tax.minor()));
    totals.push(("total", "Total", sums.total.minor()));
    totals
}

/// The fulfillment options that apply, each with its lines.
pub(crate) fn selected(quote: &Quote) -> impl Iterator<Item = (&QuoteOption, Vec<&QuoteLine>)> {
    quote.selected.iter().filter_map(|choice| {
        let option = quote.options.iter().find(|option| option.id == choice.option)?;
        let lines = quote.lines.iter().filter(|line| choice.lines.contains(&line.id));
        Some((option, lines.collect()))
    })
}

/// The `JSONPath` of a fulfillment option in `fulfillment_options`.
pub(crate) fn option_path(quote: &Quote, id: &OptionId) -> String {
    match quote.options.iter().position(|option| option.id == *id) {
        Some(index) => format!("$.fulfillment_options[{index}]"),
        None => "$.fulfillment_options".to_owned(),
    }
}

/// The `JSONPath` of a line in `line_items`.
pub(crate) fn line_path(session: &Session, id: &str) -> String {
    match session.quote.lines.iter().position(|line| line.id.as_str() == id) {
        Some(index) => format!("$.line_items[{index}]"),
        None => "$.line_items".to_owned(),
    }
}

/// The `JSONPath` of a field of an object, or of the object itself if `field` is `None`.
pub(crate) fn inside(object: &str, field: Option<&str>) -> String {
    field.map_or_else(|| object.to_owned(), |field| format!("{object}.{field}"))
}
