//! What Stripe is told after the sale: an order event for each parcel and each adjustment that has changed.
//!
//! Stripe has the object in its SDKs (`delegated_checkout.order_event` of stripe-python 16.1.0a4), and no public page of an endpoint that
//! takes it. What follows from that is assumed here, and here only:
//!
//! - An event has the members of the object that a seller knows: `type`, `order`, `requested_session`, `occurred_at`, and the fulfillment
//!   or the adjustment. `order` is the order's id as the checkout's answer had it, `requested_session` the id of the checkout in Stripe's
//!   calls, and `key` of a line item the id of the line.
//! - A new order is told as `confirmed`, or `pending` while it is reviewed; later events are about what has changed for Stripe: a parcel
//!   that goes from `in_transit` to `out_for_delivery` is shipped before and after.
//! - `fulfilled` is a pickup that waits for the buyer. A parcel that failed or was canceled is not told: its units are in another one or in
//!   a cancellation.
//! - A refund returns the payment (`original_payment_refund`), unless the merchant's system calls it `store_credit_refund`. An adjustment of
//!   a kind that Stripe has no word for is not told.
//!
//! What Stripe has reported itself is not told back to it.

use serde_json::{Map, Value, json};

use tillhouse_checkout::caller::Protocol;
use tillhouse_checkout::decision::{Adjustment, Fulfillment, LineUnits};
use tillhouse_checkout::order::{ChangeSource, Order, OrderStatus};
use tillhouse_checkout::order_snapshot::{OrderEventType, OrderSnapshot};
use tillhouse_checkout::party_units::Party;
use tillhouse_checkout::time::Timestamp;

/// The part of an order that its merchant states as a whole.
const WHOLE: &str = "order";

/// The events that a change of an order is for Stripe. Empty for orders of other protocols, and for changes that it is not told of.
///
/// Each has the name of the part of the order that it is about, which is unique among them.
#[must_use]
pub fn stripe_order_events(snapshot: &OrderSnapshot<'_>) -> Vec<(String, Value)> {
    let protocol = snapshot.session.protocol.as_ref();
    let is_stripes = matches!(protocol, Some(Protocol::StripeAcs | Protocol::StripeHooks));
    if !is_stripes || is_stripes_report(snapshot.order) {
        return Vec::new();
    }
    let before = match snapshot.event {
        OrderEventType::Created => None,
        OrderEventType::Updated { before } => Some(before),
    };
    let order = snapshot.order;
    let whole = whole(order, before).into_iter();
    whole
        .chain(parcels(order, before))
        .chain(adjustments(order, before))
        .collect()
}

/// Whether the last change is one that the party that took the payment has reported: that is Stripe.
fn is_stripes_report(order: &Order) -> bool {
    let last = order.progress.applied.last();
    last.is_some_and(|change| change.source == ChangeSource::Payer && change.revision == order.revision())
}

/// The new order, or what the merchant's own system says of it without naming parcels.
fn whole(order: &Order, before: Option<&Order>) -> Option<(String, Value)> {
    let status = stated(order.status())?;
    if let Some(before) = before
        && (order.progress.stated == before.progress.stated || stated(before.status()) == Some(status))
    {
        return None;
    }
    let lines = order.lines().into_iter().filter(|line| line.current > 0);
    let lines: Value = lines
        .map(|line| json!({"key": line.line, "quantity": line.current}))
        .collect();
    let last = order.progress.applied.last().and_then(|change| change.at);
    let at = last.unwrap_or(order.created);
    let part = members([
        ("status", Some(status.into())),
        ("line_items", Some(lines)),
        (time_of(status), Some(at.seconds().into())),
    ]);
    Some((WHOLE.to_owned(), event(order, "fulfillment", part, at)))
}

const fn stated(status: OrderStatus) -> Option<&'static str> {
    match status {
        OrderStatus::ManualReview => Some("pending"),
        OrderStatus::Confirmed | OrderStatus::Processing => Some("confirmed"),
        OrderStatus::Shipped => Some("shipped"),
        OrderStatus::Completed => Some("delivered"),
        OrderStatus::Canceled => None,
    }
}

/// The member with the time at which a status was reached; empty for one without.
const fn time_of(status: &str) -> &'static str {
    match status.as_bytes() {
        b"shipped" => "shipped_at",
        b"delivered" => "delivered_at",
        _ => "",
    }
}

fn parcels<'a>(order: &'a Order, before: Option<&'a Order>) -> impl Iterator<Item = (String, Value)> + 'a {
    order.progress.fulfillments.iter().filter_map(move |parcel| {
        let known = before.and_then(|before| before.progress.fulfillments.iter().find(|it| it.id == parcel.id));
        let told = parcel_members(parcel)?;
        let is_news = known.and_then(parcel_members).is_none_or(|known| known != told);
        is_news.then(|| {
            let part = format!("fulfillment:{}", parcel.id);
            (part, event(order, "fulfillment", told, parcel.at))
        })
    })
}

fn parcel_members(parcel: &Fulfillment) -> Option<Map<String, Value>> {
    let status = match parcel.status.as_str() {
        "failed" | "canceled" | "undeliverable" => return None,
        "shipped" | "in_transit" | "out_for_delivery" | "failed_attempt" => "shipped",
        "ready_for_pickup" => "fulfilled",
        "delivered" => "delivered",
        "returned_to_sender" => "returned",
        "pending" => "pending",
        // The names of a status are open: one that is not known is being prepared, as in the order model.
        _ => "confirmed",
    };
    let text = |text: &Option<String>| text.as_deref().map(Value::from);
    let first = |kinds: &[&str]| {
        let mut events = parcel.events.iter();
        events
            .find(|event| kinds.contains(&event.kind.as_str()))
            .map(|event| event.at.seconds().into())
    };
    Some(members([
        ("status", Some(status.into())),
        ("line_items", Some(line_items(&parcel.lines))),
        ("carrier", text(&parcel.carrier)),
        ("tracking_number", text(&parcel.tracking_number)),
        ("tracking_url", text(&parcel.tracking_url)),
        ("shipped_at", first(&["shipped", "in_transit", "out_for_delivery"])),
        ("delivered_at", first(&["delivered"])),
    ]))
}

fn adjustments<'a>(order: &'a Order, before: Option<&'a Order>) -> impl Iterator<Item = (String, Value)> + 'a {
    order.progress.adjustments.iter().filter_map(move |adjustment| {
        let known = before.and_then(|before| before.progress.adjustments.iter().find(|it| it.id == adjustment.id));
        let told = adjustment_members(adjustment)?;
        let is_news = known.and_then(adjustment_members).is_none_or(|known| known != told);
        is_news.then(|| {
            let part = format!("adjustment:{}", adjustment.id);
            (part, event(order, "adjustment", told, adjustment.at))
        })
    })
}

fn adjustment_members(adjustment: &Adjustment) -> Option<Map<String, Value>> {
    let (kind, description) = match adjustment.kind.as_str() {
        "refund" | "partial_refund" => ("original_payment_refund", "Refund"),
        "store_credit_refund" => ("store_credit_refund", "Refund as store credit"),
        "return" => ("return", "Return"),
        "credit" => ("credit", "Credit"),
        "cancellation" => ("cancellation", "Cancellation"),
        "dispute" => ("dispute", "Dispute"),
        _ => return None,
    };
    let status = match adjustment.status.as_str() {
        status @ ("completed" | "failed") => status,
        _ => "pending",
    };
    // An amount that Stripe has no unit for is left out rather than rounded.
    let amount = adjustment.amount.filter(|money| !money.amount.is_zero());
    let amount = amount.and_then(|money| Some((Party::Stripe.amount(money).ok()?, money.currency.lower())));
    let description = adjustment
        .reason
        .as_deref()
        .filter(|reason| !reason.is_empty())
        .unwrap_or(description);
    let lines = (!adjustment.lines.is_empty()).then(|| line_items(&adjustment.lines));
    Some(members([
        ("type", Some(kind.into())),
        ("status", Some(status.into())),
        ("description", Some(description.into())),
        ("amount", amount.as_ref().map(|(value, _)| (*value).into())),
        ("currency", amount.map(|(_, currency)| currency.into())),
        ("line_items", lines),
    ]))
}

fn line_items(lines: &[LineUnits]) -> Value {
    let items = lines
        .iter()
        .map(|units| json!({"key": units.line, "quantity": units.quantity}));
    items.collect()
}

fn event(order: &Order, kind: &'static str, part: Map<String, Value>, at: Timestamp) -> Value {
    members([
        ("type", Some(kind.into())),
        ("order", Some(order.id.as_str().into())),
        ("requested_session", Some(order.session.as_str().into())),
        ("occurred_at", Some(at.seconds().into())),
        (kind, Some(part.into())),
    ])
    .into()
}

/// The members that have a name and a value.
fn members<const N: usize>(members: [(&str, Option<Value>); N]) -> Map<String, Value> {
    let named = members.into_iter().filter(|(name, _)| !name.is_empty());
    named
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect()
}

#[cfg(test)]
mod tests;
