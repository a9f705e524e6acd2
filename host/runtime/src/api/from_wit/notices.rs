//! Notices of the processor, and the responses that the senders of notices expect.

use super::{capture_outcome, charge_outcome, refund_outcome};
use crate::api::bindings::exports::tillhouse::merchant::payments_notices as payments;
use crate::api::bindings::tillhouse::merchant::types::Reply;
use crate::api::check;
use tillhouse_checkout::decision::{
    Dispute, ProcessorEvent, ProcessorReport, ReportedAmount, WebhookReading, WebhookReply,
};

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

pub(super) fn reply(reply: Reply) -> Result<WebhookReply, String> {
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
}
