//! Notices of other systems: events of the processor, changes of orders, and the responses that the senders expect.

use super::address::address;
use super::{capture_outcome, charge_outcome, line_id, refund_outcome};
use crate::api::bindings::exports::tillhouse::merchant::orders_notices::Confirmation;
use crate::api::bindings::exports::tillhouse::merchant::{orders_notices as orders, payments_notices as payments};
use crate::api::bindings::tillhouse::merchant::orders_types::{Adjustment, Fulfillment, LineUnits};
use crate::api::bindings::tillhouse::merchant::types::Reply;
use crate::api::check;
use tillhouse_checkout::decision::{
    Dispute, ProcessorEvent, ProcessorReport, ReportedAmount, WebhookReading, WebhookReply,
};
use tillhouse_checkout::money::Currency;

pub(crate) fn processor_events(reading: payments::Reading) -> Result<WebhookReading, String> {
    Ok(WebhookReading {
        events: check::list("events", reading.events, check::EVENTS, processor_event)?,
        reply: reading.reply.map(reply).transpose()?,
    })
}

fn processor_event(event: payments::ProcessorEvent) -> Result<ProcessorEvent, String> {
    let amount = event.amount.map(|amount| {
        Ok::<_, String>(ReportedAmount {
            minor: amount.minor,
            currency: check::text("event.amount.currency", amount.currency, check::ID)?,
        })
    });
    Ok(ProcessorEvent {
        id: check::id("event.id", event.id)?,
        reference: check::optional("event.reference", event.reference, check::ID)?,
        processor_reference: check::optional("event.processor-reference", event.processor_reference, check::ID)?,
        amount: amount.transpose()?,
        report: report(event.what)?,
    })
}

fn report(report: payments::Report) -> Result<ProcessorReport, String> {
    Ok(match report {
        payments::Report::Charge(outcome) => ProcessorReport::Charge(charge_outcome(outcome)?),
        payments::Report::Refund(outcome) => ProcessorReport::Refund(refund_outcome(outcome)?),
        payments::Report::Capture(outcome) => ProcessorReport::Capture(capture_outcome(outcome)?),
        payments::Report::Dispute(dispute) => ProcessorReport::Dispute(Dispute {
            reference: check::text("dispute.reference", dispute.reference, check::ID)?,
            status: check::text("dispute.status", dispute.status, check::ID)?,
            reason: check::optional("dispute.reason", dispute.reason, check::TEXT)?,
        }),
        payments::Report::Other(name) => ProcessorReport::Other(check::text("event.other", name, check::ID)?),
    })
}

fn reply(reply: Reply) -> Result<WebhookReply, String> {
    if !(200..=299).contains(&reply.status) {
        return Err(format!("reply.status is {}; it must be from 200 to 299", reply.status));
    }
    let content_type = check::text("reply.content-type", reply.content_type, check::ID)?;
    if !content_type.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Err(format!(
            "reply.content-type {content_type:?} is not the value of a header"
        ));
    }
    let length = reply.body.len();
    if length > check::REPLY {
        return Err(format!("reply.body has {length} bytes; the limit is {}", check::REPLY));
    }
    Ok(WebhookReply {
        status: reply.status,
        content_type,
        body: reply.body,
    })
}

/// Check the limits of a notice about orders. Only trials read such notices yet, so it becomes no domain value.
pub(crate) fn order_changes(reading: orders::Reading) -> Result<(), String> {
    check::list("changes", reading.changes, check::EVENTS, |change| {
        check::id("change.id", change.id)?;
        check::id("change.order", change.order)?;
        match change.what {
            orders::Change::Fulfilled(fulfillment) => check_fulfillment(fulfillment),
            orders::Change::Adjusted(adjustment) => check_adjustment(adjustment),
            orders::Change::Status(status) => check::text("status", status, check::ID).map(drop),
            orders::Change::Confirmed(confirmation) => check_confirmation(confirmation),
        }
    })?;
    reading.reply.map(reply).transpose().map(drop)
}

fn check_fulfillment(fulfillment: Fulfillment) -> Result<(), String> {
    check::id("fulfillment.id", fulfillment.id)?;
    check::text("fulfillment.kind", fulfillment.kind, check::ID)?;
    check::text("fulfillment.status", fulfillment.status, check::ID)?;
    check_units("fulfillment.lines", fulfillment.lines)?;
    check::optional("fulfillment.carrier", fulfillment.carrier, check::ID)?;
    check::optional("fulfillment.tracking-number", fulfillment.tracking_number, check::ID)?;
    check::optional_web_url("fulfillment.tracking-url", fulfillment.tracking_url)?;
    check::optional("fulfillment.description", fulfillment.description, check::TEXT)?;
    let destination = fulfillment.destination;
    destination
        .map(|to| address("fulfillment.destination", to))
        .transpose()?;
    if let Some(digital) = fulfillment.digital {
        check::optional_web_url("fulfillment.digital.url", digital.url)?;
        check::optional("fulfillment.digital.license-key", digital.license_key, check::TEXT)?;
    }
    check::list("fulfillment.events", fulfillment.events, check::EVENTS, |event| {
        check::id("fulfillment.event.id", event.id)?;
        check::text("fulfillment.event.kind", event.kind, check::ID)?;
        check::optional("fulfillment.event.description", event.description, check::TEXT)?;
        check::optional("fulfillment.event.location", event.location, check::TEXT)
    })
    .map(drop)
}

fn check_adjustment(adjustment: Adjustment) -> Result<(), String> {
    check::id("adjustment.id", adjustment.id)?;
    check::text("adjustment.kind", adjustment.kind, check::ID)?;
    check::text("adjustment.status", adjustment.status, check::ID)?;
    check_units("adjustment.lines", adjustment.lines)?;
    check::optional("adjustment.reason", adjustment.reason, check::TEXT)?;
    check::optional("adjustment.code", adjustment.code, check::ID)?;
    if let Some(amount) = adjustment.amount {
        Currency::new(&amount.currency).map_err(|error| format!("adjustment.amount: {error}"))?;
    }
    Ok(())
}

fn check_confirmation(confirmation: Confirmation) -> Result<(), String> {
    check::optional("confirmation.number", confirmation.number, check::ID)?;
    check::optional("confirmation.invoice", confirmation.invoice, check::ID)?;
    check::optional_web_url("confirmation.receipt-url", confirmation.receipt_url).map(drop)
}

fn check_units(what: &str, lines: Vec<LineUnits>) -> Result<(), String> {
    check::list(what, lines, check::LINES, |units| line_id(units.line)).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: u16, content_type: &str, bytes: usize) -> Result<WebhookReading, String> {
        processor_events(payments::Reading {
            events: vec![],
            reply: Some(Reply {
                status,
                content_type: content_type.into(),
                body: vec![b'x'; bytes],
            }),
        })
    }

    #[test]
    fn a_reply_is_a_success_of_http_within_its_limits() {
        let reading = answered(202, "application/json; charset=utf-8", check::REPLY).unwrap();
        assert_eq!(reading.reply.unwrap().status, 202);
        for (status, content_type, bytes, error) in [
            (199, "text/plain", 0, "reply.status is 199; it must be from 200 to 299"),
            (300, "text/plain", 0, "reply.status is 300; it must be from 200 to 299"),
            (
                200,
                "text/plain\r\nset-cookie: a=b",
                0,
                "reply.content-type must not contain control characters; remove U+000D",
            ),
            (
                200,
                "text/plain; name=é",
                0,
                "reply.content-type \"text/plain; name=é\" is not the value of a header",
            ),
            (
                200,
                "text/plain",
                check::REPLY + 1,
                "reply.body has 65537 bytes; the limit is 65536",
            ),
        ] {
            assert_eq!(answered(status, content_type, bytes).unwrap_err(), error);
        }
    }

    #[test]
    fn an_event_without_an_id_violates_the_contract_because_repeats_could_not_be_detected() {
        let event = payments::ProcessorEvent {
            id: " ".into(),
            reference: None,
            processor_reference: None,
            amount: None,
            what: payments::Report::Other("report_available".into()),
            extensions: vec![],
        };
        let reading = payments::Reading {
            events: vec![event],
            reply: None,
        };
        assert_eq!(processor_events(reading).unwrap_err(), "event.id is blank");
    }

    #[test]
    fn a_change_of_an_order_is_held_to_the_limits() {
        let shipped = |tracking_url: &str, quantity: usize| orders::Reading {
            changes: vec![orders::OrderChange {
                id: "c1".into(),
                order: "ord_1".into(),
                what: orders::Change::Fulfilled(Fulfillment {
                    id: "f1".into(),
                    kind: "shipping".into(),
                    status: "shipped".into(),
                    lines: (0..quantity)
                        .map(|n| LineUnits {
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
        assert_eq!(order_changes(shipped("https://carrier.example/1", 200)), Ok(()));
        let error = order_changes(shipped("carrier.example/1", 1)).unwrap_err();
        assert!(error.starts_with("fulfillment.tracking-url"), "{error}");
        let error = order_changes(shipped("https://carrier.example/1", 201)).unwrap_err();
        assert_eq!(error, "fulfillment.lines has 201 items; the limit is 200");
    }
}
