//! Voids, refunds and captures of charges, and lookups of them, with mistakes on request.

use tillhouse_plugin::{
    egress::Response,
    payments::{CaptureLookup, CaptureOutcome, PaymentsCapture, RefundLookup, RefundOutcome, VoidLookup, VoidOutcome},
    prelude::*,
};

use crate::{Careless, has_mistake};

impl PaymentsVoid for Careless {
    fn void(op: Operation, processor_reference: String) -> Result<VoidOutcome, Failure> {
        Ok(match change(&op, &processor_reference, "void")? {
            Some(answer) if answer.status == 200 && has_status(&answer, "voided") => VoidOutcome::Voided,
            Some(answer) if answer.status == 409 && has_mistake("conflict-is-void") => VoidOutcome::Voided,
            _ => VoidOutcome::Unknown,
        })
    }

    fn lookup_void(_op: Operation, processor_reference: String) -> Result<VoidLookup, Failure> {
        let request = egress::get("acquirer", format!("/v1/charges/{processor_reference}"));
        let answer = request.bearer_secret("api_key").send();
        if has_mistake("lookup-voids") {
            return Ok(VoidLookup::Found(VoidOutcome::Voided));
        }
        let answer = answer?;
        match answer.status {
            200 if has_status(&answer, "voided") => Ok(VoidLookup::Found(VoidOutcome::Voided)),
            200 if has_status(&answer, "approved") => Ok(VoidLookup::Absent),
            _ => Err(Failure::Unavailable(None)),
        }
    }
}

impl PaymentsRefund for Careless {
    fn refund(
        op: Operation,
        processor_reference: String,
        _amount: Money,
        _reason: Option<String>,
    ) -> Result<RefundOutcome, Failure> {
        Ok(match change(&op, &processor_reference, "refunds")? {
            Some(answer) if answer.status == 201 && has_status(&answer, "succeeded") => refunded(&op),
            None if has_mistake("silence-is-refund") => RefundOutcome::Pending(format!("re_{}", op.reference)),
            _ => RefundOutcome::Unknown,
        })
    }

    fn lookup_refund(op: Operation, processor_reference: String, _amount: Money) -> Result<RefundLookup, Failure> {
        if has_mistake("lookup-refunds-again") {
            change(&op, &processor_reference, "refunds")?;
        }
        match look_up(&op, "/v1/refunds", "silence-is-no-refund")? {
            true => Ok(RefundLookup::Found(refunded(&op))),
            false => Ok(RefundLookup::Absent),
        }
    }
}

impl PaymentsCapture for Careless {
    fn capture(op: Operation, processor_reference: String, _amount: Money) -> Result<CaptureOutcome, Failure> {
        Ok(match change(&op, &processor_reference, "capture")? {
            Some(answer) if answer.status == 200 && has_status(&answer, "captured") => CaptureOutcome::Captured,
            None if has_mistake("silence-is-capture") => CaptureOutcome::Captured,
            _ => CaptureOutcome::Unknown,
        })
    }

    fn lookup_capture(op: Operation, _processor_reference: String, _amount: Money) -> Result<CaptureLookup, Failure> {
        match look_up(&op, "/v1/captures", "silence-is-no-capture")? {
            true => Ok(CaptureLookup::Found(CaptureOutcome::Captured)),
            false => Ok(CaptureLookup::Absent),
        }
    }
}

fn refunded(op: &Operation) -> RefundOutcome {
    RefundOutcome::Refunded(format!("re_{}", op.reference))
}

/// Sends a change of a charge; `None` if the acquirer may have received it, but did not answer.
fn change(op: &Operation, charge: &str, change: &str) -> Result<Option<Response>, Failure> {
    let request = egress::post("acquirer", format!("/v1/charges/{charge}/{change}")).bearer_secret("api_key");
    match request.idempotency("Idempotency-Key", op).json("{}").send() {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.sent => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Whether the acquirer has a change with the operation's reference. With the mistake, an error of the acquirer means no.
fn look_up(op: &Operation, path: &str, mistake: &str) -> Result<bool, Failure> {
    let request = egress::get("acquirer", path).bearer_secret("api_key");
    let answer = request.query("reference", op.reference.as_str()).send()?;
    match (answer.status, answer.text()) {
        (200, Some(r#"{"data":[]}"#)) => Ok(false),
        (200, _) if has_status(&answer, "succeeded") => Ok(true),
        (500.., _) if has_mistake(mistake) => Ok(false),
        _ => Err(Failure::Unavailable(None)),
    }
}

fn has_status(answer: &Response, status: &str) -> bool {
    let status = format!("\"status\":\"{status}\"");
    answer.text().is_some_and(|text| text.contains(&status))
}
