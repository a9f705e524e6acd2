//! Projections that the releases of ACP share.

use tillhouse_checkout::quote::{Fee, Quote};
use tillhouse_checkout::session::{Session, SessionState};

/// The names of a release for where a session is (protocol reference §2.4).
#[derive(Clone, Copy, Debug)]
pub(crate) struct StatusNames {
    pub(crate) committing: &'static str,
    pub(crate) expired: &'static str,
}

/// `status`. Releases from 2026-01-30 have two more names for not ready and for paying; they say no more, and one of each is
/// used throughout.
pub(crate) fn status(session: &Session, names: StatusNames) -> &'static str {
    match &session.state {
        SessionState::Open if session.is_ready() => "ready_for_payment",
        SessionState::Open => "not_ready_for_payment",
        SessionState::Committing { .. } => names.committing,
        SessionState::Completed { .. } => "completed",
        SessionState::Canceled => "canceled",
        SessionState::Expired => names.expired,
    }
}

/// The totals of a session: type, text and amount. The seven that agents add up are always there, and never negative
/// (protocol reference §4.3); fees follow one by one.
pub(crate) fn totals(quote: &Quote, fee_type: fn(&Fee) -> &'static str) -> Vec<(&'static str, &str, i64)> {
    let sums = &quote.totals;
    let fulfillment = match quote.selected_option().map(|option| option.kind.as_str()) {
        Some("shipping") => "Shipping",
        _ => "Fulfillment",
    };
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

/// Where a line stands in `line_items`.
pub(crate) fn line_path(session: &Session, id: &str) -> String {
    match session.quote.lines.iter().position(|line| line.id.as_str() == id) {
        Some(index) => format!("$.line_items[{index}]"),
        None => "$.line_items".to_owned(),
    }
}

/// A field inside an object.
pub(crate) fn inside(object: &str, field: Option<&str>) -> String {
    field.map_or_else(|| object.to_owned(), |field| format!("{object}.{field}"))
}
