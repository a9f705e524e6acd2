//! Conversions from the domain to wire values, shared by the releases of ACP.

mod order_of_session;
mod shown_message;

pub(crate) use order_of_session::OrderOfSession;
pub(crate) use shown_message::{MessagePaths, ShownMessage, shown_messages};

use tillhouse_checkout::ids::OptionId;
use tillhouse_checkout::order_snapshot::OrderEventType;
use tillhouse_checkout::quote::{Quote, QuoteLine, QuoteOption};
use tillhouse_checkout::readiness::Readiness;
use tillhouse_checkout::session::{Session, SessionState};

/// Name of the discount extension, which is part of the release (ACP RFC discount extension).
pub(crate) const DISCOUNT_EXTENSION: &str = "discount";

/// Values of `status` that differ between releases.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StatusNames {
    /// The buyer has to continue on the merchant's own site.
    pub(crate) escalated: &'static str,
    /// The purchase has to be approved first.
    pub(crate) pending_approval: &'static str,
    pub(crate) committing: &'static str,
    pub(crate) authenticating: &'static str,
    pub(crate) expired: &'static str,
}

/// The `status` of a session.
///
/// Releases from 2026-01-30 also define `incomplete` and `in_progress`, without saying how they differ from
/// `not_ready_for_payment` and `complete_in_progress`, which every release knows or says more; they are not used.
pub(crate) fn status(session: &Session, names: StatusNames) -> &'static str {
    match &session.state {
        SessionState::Open => match session.readiness() {
            Readiness::Ready => "ready_for_payment",
            Readiness::NotReady => "not_ready_for_payment",
            Readiness::RequiresEscalation(_) => names.escalated,
            Readiness::PendingApproval => names.pending_approval,
        },
        SessionState::Committing { .. } | SessionState::Held { .. } => names.committing,
        SessionState::AuthenticationRequired { .. } => names.authenticating,
        SessionState::Completed { .. } => "completed",
        SessionState::Canceled => "canceled",
        SessionState::Expired => names.expired,
    }
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

/// The `type` of an order event, in every release.
pub(crate) const fn order_event_type(event: OrderEventType<'_>) -> &'static str {
    match event {
        OrderEventType::Created => "order_create",
        OrderEventType::Updated { .. } => "order_update",
    }
}
