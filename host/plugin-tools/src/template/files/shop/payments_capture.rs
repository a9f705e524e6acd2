//! Captures of authorized amounts.

use tillhouse_plugin::payments::CaptureOutcome;
use tillhouse_plugin::prelude::*;

use crate::{Shop, payments::read};

impl PaymentsCapture for Shop {
    fn capture(
        op: Operation,
        processor_reference: String,
        amount: Money,
    ) -> Result<CaptureOutcome, Failure> {
        let path = format!("/v1/charges/{processor_reference}/capture");
        let body = serde_json::json!({"amount": amount.minor});
        let request = egress::post("acquirer", path).bearer_secret("api_key");
        let request = request.idempotency("Idempotency-Key", &op);
        match request.json(body.to_string()).send() {
            Ok(answer) if answer.status == 200 && read(&answer)["captured"] == true => {
                Ok(CaptureOutcome::Captured)
            }
            Ok(_) => Ok(CaptureOutcome::Unknown),
            Err(error) if error.sent => Ok(CaptureOutcome::Unknown),
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_answer_that_says_so_is_a_capture() {
        let host = testing::Host::new().answer(200, r#"{"captured":true}"#);
        let _host = host.answer(200, r#"{"captured":false}"#).install();
        let amount = Money::new(Amount::ZERO, "USD");
        let capture = || Shop::capture(testing::operation("1"), "ch_1".into(), amount.clone());
        assert_eq!(capture(), Ok(CaptureOutcome::Captured));
        assert_eq!(capture(), Ok(CaptureOutcome::Unknown));
    }
}
