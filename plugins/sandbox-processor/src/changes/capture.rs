//! Captures of authorized amounts.

use tillhouse_plugin::{
    payments::{CaptureLookup, CaptureOutcome, PaymentsCapture},
    prelude::*,
};

use super::{conflict, retrieve, send};
use crate::{
    Processor, answer,
    wire::{self, CaptureBody, Charge},
};

impl PaymentsCapture for Processor {
    fn capture(op: Operation, processor_reference: String, amount: Money) -> Result<CaptureOutcome, Failure> {
        let body = wire::write(&CaptureBody { amount: amount.minor })?;
        let Some(response) = send(&op, &processor_reference, "capture", body)? else {
            return Ok(CaptureOutcome::Unknown);
        };
        let captured = || wire::read::<Charge>(&response).is_some_and(|charge| charge.captured);
        if response.status == 200 && captured() {
            return Ok(CaptureOutcome::Captured);
        }
        let refused = conflict(&response).or_else(|| answer::rejection_code(&response));
        Ok(refused.map_or(CaptureOutcome::Unknown, CaptureOutcome::Declined))
    }

    /// A charge is captured once, so its captured amount tells what became of the capture of that amount.
    fn lookup_capture(_op: Operation, processor_reference: String, amount: Money) -> Result<CaptureLookup, Failure> {
        let charge = retrieve(&processor_reference)?;
        Ok(if charge.captured && charge.amount_captured == amount.minor {
            CaptureLookup::Found(CaptureOutcome::Captured)
        } else {
            CaptureLookup::Absent
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::super::responses::{cents, charge, error, op};
    use super::*;

    #[test]
    fn a_capture_is_done_refused_or_unknown() {
        for (status, body, outcome) in [
            (200, charge("approved", true), CaptureOutcome::Captured),
            (200, charge("approved", false), CaptureOutcome::Unknown),
            (
                409,
                error("invalid_request_error", "already_captured"),
                CaptureOutcome::Declined("already_captured".into()),
            ),
            (502, String::new(), CaptureOutcome::Unknown),
        ] {
            let _host = testing::Host::new().answer(status, &body).install();
            assert_eq!(
                Processor::capture(op(), "ch_1".into(), cents()).unwrap(),
                outcome,
                "{status} {body}"
            );
        }
    }

    #[test]
    fn a_lookup_finds_the_capture_of_its_amount_only() {
        let lookup = |minor| {
            let amount = Money { minor, ..cents() };
            Processor::lookup_capture(op(), "ch_1".into(), amount)
        };
        let host = testing::Host::new()
            .answer(200, &charge("approved", true))
            .answer(200, &charge("approved", true));
        let host = host.answer(200, &charge("approved", false)).answer(500, "");
        let _host = host.install();
        assert_eq!(lookup(100), Ok(CaptureLookup::Found(CaptureOutcome::Captured)));
        assert_eq!(lookup(60), Ok(CaptureLookup::Absent));
        assert_eq!(lookup(100), Ok(CaptureLookup::Absent));
        assert_eq!(lookup(100), Err(Failure::Unavailable(None)));
    }
}
