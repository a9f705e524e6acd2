//! Cancellations of charges by the host's reference.

use tillhouse_plugin::{payments::CancelOutcome, prelude::*};

use super::{conflict, post};
use crate::{
    Processor,
    wire::{self, CancelBody, Cancellation},
};

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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::super::responses::{error, op};
    use super::*;

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
}
