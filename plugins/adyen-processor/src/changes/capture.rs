//! Captures of authorised amounts.

use tillhouse_plugin::{
    payments::{CaptureLookup, CaptureOutcome},
    prelude::*,
};

use super::{Requested, request};
use crate::Processor;

impl PaymentsCapture for Processor {
    fn capture(op: Operation, processor_reference: String, amount: Money) -> Result<CaptureOutcome, Failure> {
        let asked = request(&op, &processor_reference, "captures", Some(&amount))?;
        Ok(match asked {
            Requested::Received(capture) => CaptureOutcome::Pending(capture),
            Requested::Refused(code) => CaptureOutcome::Declined(code),
            Requested::Unknown => CaptureOutcome::Unknown,
        })
    }

    /// Adyen has no request that looks a change up.
    fn lookup_capture(_op: Operation, _processor_reference: String, _amount: Money) -> Result<CaptureLookup, Failure> {
        Err(Failure::Unsupported)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::super::responses::{CHANGE, PAYMENT, cents, error, host, op, received};
    use super::*;

    #[test]
    fn a_capture_is_pending_until_the_webhook_says_more() {
        for (status, body, outcome) in [
            (201, received(), CaptureOutcome::Pending(CHANGE.into())),
            (422, error("validation", "137"), CaptureOutcome::Declined("137".into())),
            (502, String::new(), CaptureOutcome::Unknown),
        ] {
            let host = host().answer(status, &body).install();
            let captured = Processor::capture(op(), PAYMENT.into(), cents());
            assert_eq!(captured.unwrap(), outcome, "{status}");
            assert_eq!(
                host.requests().pop().unwrap().path,
                format!("/payments/{PAYMENT}/captures")
            );
        }
        let _host = host().install();
        let lookup = Processor::lookup_capture(op(), PAYMENT.into(), cents());
        assert_eq!(lookup, Err(Failure::Unsupported));
    }
}
