//! Changes of orders, as the merchant's own system reports them.

use super::address::address;
use super::line_id;
use super::notices::reply;
use crate::api::bindings::exports::tillhouse::merchant::orders_notices as wit;
use crate::api::bindings::tillhouse::merchant::orders_types;
use crate::api::check;
use tillhouse_checkout::decision::{
    Adjustment, DigitalDelivery, Fulfillment, FulfillmentEvent, LineUnits, OrderNotice, ReportedOrderChange,
};
use tillhouse_checkout::ids::OrderId;
use tillhouse_checkout::money::{Amount, Currency, Money};
use tillhouse_checkout::order::{Confirmation, OrderChangeKind, OrderStatus};
use tillhouse_checkout::time::Timestamp;

pub(crate) fn order_changes(reading: wit::Reading) -> Result<OrderNotice, String> {
    Ok(OrderNotice {
        changes: check::list("changes", reading.changes, check::EVENTS, order_change)?,
        reply: reading.reply.map(reply).transpose()?,
    })
}

fn order_change(change: wit::OrderChange) -> Result<ReportedOrderChange, String> {
    Ok(ReportedOrderChange {
        id: check::id("change.id", change.id)?,
        order: OrderId::new(check::id("change.order", change.order)?),
        what: match change.what {
            wit::Change::Fulfilled(it) => OrderChangeKind::Fulfilled(Box::new(fulfillment(it)?)),
            wit::Change::Adjusted(it) => OrderChangeKind::Adjusted(Box::new(adjustment(it)?)),
            wit::Change::Status(status) => OrderChangeKind::Status(order_status(status)?),
            wit::Change::Confirmed(it) => OrderChangeKind::Confirmed(confirmation(it)?),
        },
    })
}

fn order_status(name: String) -> Result<OrderStatus, String> {
    let name = check::text("status", name, check::ID)?;
    OrderStatus::named(&name).ok_or_else(|| {
        let known: Vec<&str> = OrderStatus::ALL.into_iter().map(OrderStatus::name).collect();
        format!("status is {name:?}; it must be one of: {}", known.join(", "))
    })
}

fn fulfillment(fulfillment: orders_types::Fulfillment) -> Result<Fulfillment, String> {
    let destination = fulfillment.destination;
    Ok(Fulfillment {
        id: check::id("fulfillment.id", fulfillment.id)?,
        kind: check::id("fulfillment.kind", fulfillment.kind)?,
        status: check::id("fulfillment.status", fulfillment.status)?,
        lines: line_units("fulfillment.lines", fulfillment.lines)?,
        carrier: check::optional("fulfillment.carrier", fulfillment.carrier, check::ID)?,
        tracking_number: check::optional("fulfillment.tracking-number", fulfillment.tracking_number, check::ID)?,
        tracking_url: check::optional_web_url("fulfillment.tracking-url", fulfillment.tracking_url)?,
        description: check::optional("fulfillment.description", fulfillment.description, check::TEXT)?,
        destination: destination
            .map(|to| address("fulfillment.destination", to))
            .transpose()?,
        earliest: fulfillment.earliest.map(Timestamp),
        latest: fulfillment.latest.map(Timestamp),
        digital: fulfillment.digital.map(digital_delivery).transpose()?,
        events: check::list("fulfillment.events", fulfillment.events, check::EVENTS, event)?,
        at: Timestamp(fulfillment.at),
    })
}

fn digital_delivery(digital: orders_types::DigitalDelivery) -> Result<DigitalDelivery, String> {
    Ok(DigitalDelivery {
        url: check::optional_web_url("fulfillment.digital.url", digital.url)?,
        license_key: check::optional("fulfillment.digital.license-key", digital.license_key, check::TEXT)?,
        expires: digital.expires.map(Timestamp),
    })
}

fn event(event: orders_types::FulfillmentEvent) -> Result<FulfillmentEvent, String> {
    Ok(FulfillmentEvent {
        id: check::id("fulfillment.event.id", event.id)?,
        kind: check::text("fulfillment.event.kind", event.kind, check::ID)?,
        description: check::optional("fulfillment.event.description", event.description, check::TEXT)?,
        location: check::optional("fulfillment.event.location", event.location, check::TEXT)?,
        at: Timestamp(event.at),
    })
}

fn adjustment(adjustment: orders_types::Adjustment) -> Result<Adjustment, String> {
    let amount = adjustment.amount.map(|money| {
        let wrong = |error: &dyn std::fmt::Display| format!("adjustment.amount: {error}");
        Ok::<_, String>(Money {
            amount: Amount::new(money.minor).map_err(|error| wrong(&error))?,
            currency: Currency::new(&money.currency).map_err(|error| wrong(&error))?,
        })
    });
    Ok(Adjustment {
        id: check::id("adjustment.id", adjustment.id)?,
        kind: check::id("adjustment.kind", adjustment.kind)?,
        status: check::id("adjustment.status", adjustment.status)?,
        lines: line_units("adjustment.lines", adjustment.lines)?,
        amount: amount.transpose()?,
        reason: check::optional("adjustment.reason", adjustment.reason, check::TEXT)?,
        code: check::optional("adjustment.code", adjustment.code, check::ID)?,
        at: Timestamp(adjustment.at),
    })
}

fn confirmation(confirmation: wit::Confirmation) -> Result<Confirmation, String> {
    Ok(Confirmation {
        number: check::optional("confirmation.number", confirmation.number, check::ID)?,
        invoice: check::optional("confirmation.invoice", confirmation.invoice, check::ID)?,
        receipt_url: check::optional_web_url("confirmation.receipt-url", confirmation.receipt_url)?,
        email_sent: confirmation.email_sent,
    })
}

fn line_units(what: &str, lines: Vec<orders_types::LineUnits>) -> Result<Vec<LineUnits>, String> {
    check::list(what, lines, check::LINES, |units| {
        Ok(LineUnits {
            line: line_id(units.line)?.to_string(),
            quantity: units.quantity,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_of_an_order_is_held_to_the_limits() {
        let shipped = |tracking_url: &str, quantity: usize| wit::Reading {
            changes: vec![wit::OrderChange {
                id: "c1".into(),
                order: "ord_1".into(),
                what: wit::Change::Fulfilled(orders_types::Fulfillment {
                    id: "f1".into(),
                    kind: "shipping".into(),
                    status: "shipped".into(),
                    lines: (0..quantity)
                        .map(|n| orders_types::LineUnits {
                            line: n.to_string(),
                            quantity: 1,
                        })
                        .collect(),
                    carrier: None,
                    tracking_number: None,
                    tracking_url: Some(tracking_url.into()),
                    description: None,
                    destination: None,
                    earliest: None,
                    latest: None,
                    digital: None,
                    events: vec![],
                    at: 0,
                    extensions: vec![],
                }),
            }],
            reply: None,
        };
        assert_eq!(
            order_changes(shipped("https://carrier.example/1", 200))
                .unwrap()
                .changes
                .len(),
            1
        );
        let error = order_changes(shipped("carrier.example/1", 1)).unwrap_err();
        assert!(error.starts_with("fulfillment.tracking-url"), "{error}");
        let error = order_changes(shipped("https://carrier.example/1", 201)).unwrap_err();
        assert_eq!(error, "fulfillment.lines has 201 items; the limit is 200");
    }
}
