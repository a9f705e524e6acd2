//! Cancellation by reference: resolves a charge whose outcome is unknown.

use tillhouse_plugin::payments::CancelOutcome;
use tillhouse_plugin::prelude::*;

use crate::{Shop, payments::read};

impl PaymentsCancelByReference for Shop {
    fn cancel_by_reference(op: Operation) -> Result<CancelOutcome, Failure> {
        let body = serde_json::json!({"reference": op.reference});
        let request = egress::post("acquirer", "/v1/charges/cancel").bearer_secret("api_key");
        let request = request.idempotency("Idempotency-Key", &op);
        match request.json(body.to_string()).send() {
            Ok(answer) if answer.status == 200 && read(&answer)["status"] == "canceled" => {
                Ok(CancelOutcome::Canceled)
            }
            Ok(answer) if read(&answer)["error"]["code"] == "already_approved" => {
                Ok(CancelOutcome::TooLate)
            }
            Ok(_) => Ok(CancelOutcome::Unknown),
            Err(error) if error.sent => Ok(CancelOutcome::Unknown),
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_answer_that_says_so_is_a_cancellation() {
        let host = testing::Host::new().answer(200, r#"{"status":"canceled"}"#);
        let late = r#"{"error":{"code":"already_approved"}}"#;
        let _host = host.answer(409, late).answer(500, "").install();
        let cancel = || Shop::cancel_by_reference(testing::operation("1"));
        assert_eq!(cancel(), Ok(CancelOutcome::Canceled));
        assert_eq!(cancel(), Ok(CancelOutcome::TooLate));
        assert_eq!(cancel(), Ok(CancelOutcome::Unknown));
    }
}
