//! Changes of a charge: void, refund, capture, and cancellation by reference.

use tillhouse_plugin::{
    egress::Response,
    payments::{CancelOutcome, CaptureOutcome, RefundOutcome, VoidOutcome},
    prelude::*,
};

use crate::{
    Processor, answer,
    settings::{self, IDEMPOTENCY_KEY},
    wire::{self, CancelBody, Cancellation, CaptureBody, Charge, ErrorBody, Refund, RefundBody},
};

impl PaymentsVoid for Processor {
    fn void(op: Operation, processor_reference: String) -> Result<VoidOutcome, Failure> {
        let Some(response) = send(&op, &processor_reference, "void", "{}".into())? else {
            return Ok(VoidOutcome::Unknown);
        };
        let voided = || wire::read::<Charge>(&response).is_some_and(|charge| charge.status == "voided");
        Ok(match response.status {
            200 if voided() => VoidOutcome::Voided,
            409 if conflict(&response).as_deref() == Some("already_settled") => VoidOutcome::TooLate,
            _ => VoidOutcome::Unknown,
        })
    }
}

impl PaymentsRefund for Processor {
    fn refund(op: Operation, processor_reference: String, amount: Money) -> Result<RefundOutcome, Failure> {
        let body = wire::write(&RefundBody {
            amount: amount.minor,
            reference: &op.reference,
        })?;
        let Some(response) = send(&op, &processor_reference, "refunds", body)? else {
            return Ok(RefundOutcome::Unknown);
        };
        if response.status == 201
            && let Some(refund) = wire::read::<Refund>(&response)
        {
            return Ok(match refund.status.as_str() {
                "succeeded" => RefundOutcome::Refunded(refund.id),
                "pending" => RefundOutcome::Pending(refund.id),
                _ => RefundOutcome::Unknown,
            });
        }
        Ok(conflict(&response)
            .or_else(|| answer::rejection_code(&response))
            .map_or(RefundOutcome::Unknown, RefundOutcome::Declined))
    }
}

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
}

impl PaymentsCancelByReference for Processor {
    fn cancel_by_reference(op: Operation) -> Result<CancelOutcome, Failure> {
        let body = wire::write(&CancelBody {
            reference: &op.reference,
        })?;
        let Some(response) = post(&op, "/v1/charges/cancel".into(), body)? else {
            return Ok(CancelOutcome::Unknown);
        };
        let canceled = || {
            let read = wire::read::<Cancellation>(&response);
            read.is_some_and(|it| it.status == "canceled" && it.reference == op.reference)
        };
        Ok(match response.status {
            200 if canceled() => CancelOutcome::Canceled,
            409 if conflict(&response).as_deref() == Some("already_approved") => CancelOutcome::TooLate,
            _ => CancelOutcome::Unknown,
        })
    }
}

/// Sends a change of a charge; `None` if the acquirer may have received it, but did not answer.
fn send(op: &Operation, charge: &str, change: &str, body: String) -> Result<Option<Response>, Failure> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if charge.is_empty() || !charge.bytes().all(plain) {
        return Err(Failure::rejected("invalid", Subject::session(), "invalid charge id"));
    }
    post(op, format!("/v1/charges/{charge}/{change}"), body)
}

fn post(op: &Operation, path: String, body: String) -> Result<Option<Response>, Failure> {
    let request = settings::authorized(egress::post("acquirer", path))?;
    match request.idempotency(IDEMPOTENCY_KEY, op).json(body).send() {
        Ok(response) => Ok(Some(response)),
        Err(error) => answer::failure_if_unsent(error).map_or(Ok(None), Err),
    }
}

/// Returns the code of a conflict with the state of the charge, as opposed to a conflict with a request in flight.
fn conflict(response: &Response) -> Option<String> {
    let error = (response.status == 409)
        .then(|| wire::read::<ErrorBody>(response))
        .flatten()?
        .error;
    error.code.filter(|_| error.kind == "invalid_request_error")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn charge(status: &str, captured: bool) -> String {
        format!(r#"{{"id":"ch_1","status":"{status}","amount":1,"currency":"usd","captured":{captured},"created":1}}"#)
    }

    fn error(kind: &str, code: &str) -> String {
        format!(r#"{{"error":{{"type":"{kind}","code":"{code}","message":"no"}}}}"#)
    }

    fn cents() -> Money {
        Money {
            minor: 100,
            currency: "USD".into(),
        }
    }

    fn op() -> Operation {
        testing::operation("1")
    }

    #[test]
    fn a_void_is_done_too_late_or_unknown() {
        for (status, body, outcome) in [
            (200, charge("voided", true), VoidOutcome::Voided),
            (200, charge("approved", true), VoidOutcome::Unknown),
            (
                409,
                error("invalid_request_error", "already_settled"),
                VoidOutcome::TooLate,
            ),
            (
                409,
                error("idempotency_error", "idempotency_key_in_use"),
                VoidOutcome::Unknown,
            ),
            (500, String::new(), VoidOutcome::Unknown),
        ] {
            let _host = testing::Host::new().answer(status, &body).install();
            assert_eq!(
                Processor::void(op(), "ch_1".into()).unwrap(),
                outcome,
                "{status} {body}"
            );
        }
    }

    #[test]
    fn a_refund_is_done_refused_or_unknown() {
        for (status, body, outcome) in [
            (
                201,
                r#"{"id":"re_1","status":"succeeded"}"#.into(),
                RefundOutcome::Refunded("re_1".into()),
            ),
            (
                201,
                r#"{"id":"re_1","status":"pending"}"#.into(),
                RefundOutcome::Pending("re_1".into()),
            ),
            (201, "{}".into(), RefundOutcome::Unknown),
            (
                409,
                error("invalid_request_error", "refund_exceeds_charge"),
                RefundOutcome::Declined("refund_exceeds_charge".into()),
            ),
            (
                409,
                error("idempotency_error", "idempotency_key_in_use"),
                RefundOutcome::Unknown,
            ),
            (
                404,
                error("invalid_request_error", "not_found"),
                RefundOutcome::Declined("not_found".into()),
            ),
            (503, String::new(), RefundOutcome::Unknown),
        ] {
            let _host = testing::Host::new().answer(status, &body).install();
            assert_eq!(
                Processor::refund(op(), "ch_1".into(), cents()).unwrap(),
                outcome,
                "{status} {body}"
            );
        }
    }

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
    fn a_cancellation_is_done_too_late_or_unknown() {
        let canceled = |reference: &str| format!(r#"{{"reference":"{reference}","status":"canceled"}}"#);
        let reference = op().reference;
        for (status, body, outcome) in [
            (200, canceled(&reference), CancelOutcome::Canceled),
            (200, canceled("another"), CancelOutcome::Unknown),
            (
                409,
                error("invalid_request_error", "already_approved"),
                CancelOutcome::TooLate,
            ),
            (
                422,
                error("idempotency_error", "idempotency_key_reused"),
                CancelOutcome::Unknown,
            ),
            (500, String::new(), CancelOutcome::Unknown),
        ] {
            let host = testing::Host::new().answer(status, &body).install();
            assert_eq!(
                Processor::cancel_by_reference(op()).unwrap(),
                outcome,
                "{status} {body}"
            );
            assert_eq!(host.requests().pop().unwrap().path, "/v1/charges/cancel");
        }
    }

    #[test]
    fn a_change_carries_the_key_of_its_operation() {
        let host = testing::Host::new().answer(500, "").install();
        Processor::void(op(), "ch_1".into()).unwrap();
        let request = host.requests().pop().unwrap();
        assert_eq!(request.path, "/v1/charges/ch_1/void");
        assert!(
            request
                .headers
                .contains(&("Idempotency-Key".into(), Fill::text("key_1")))
        );
    }

    #[test]
    fn a_reference_that_would_leave_the_path_is_refused_unsent() {
        let host = testing::Host::new().install();
        for reference in ["", "../refunds", "ch_1/void?x", "ch 1"] {
            assert!(
                matches!(Processor::void(op(), reference.into()), Err(Failure::Rejected(_))),
                "{reference:?}"
            );
        }
        assert!(host.requests().is_empty());
    }

    #[test]
    fn a_change_that_was_not_sent_fails_and_one_that_may_have_been_is_unknown() {
        let _host = testing::Host::new()
            .no_answer("not-connected", false)
            .no_answer("timeout", true)
            .install();
        assert_eq!(
            Processor::refund(op(), "ch_1".into(), cents()),
            Err(Failure::Unavailable(None))
        );
        assert_eq!(
            Processor::refund(op(), "ch_1".into(), cents()),
            Ok(RefundOutcome::Unknown)
        );
    }
}
