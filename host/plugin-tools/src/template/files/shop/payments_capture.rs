//! Captures of authorized amounts.

use tillhouse_plugin::payments::{CaptureLookup, CaptureOutcome};
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

    /// A charge is captured once, so its captured amount tells what became of the capture.
    fn lookup_capture(
        _op: Operation,
        processor_reference: String,
        amount: Money,
    ) -> Result<CaptureLookup, Failure> {
        let path = format!("/v1/charges/{processor_reference}");
        let answer = egress::get("acquirer", path)
            .bearer_secret("api_key")
            .send()?;
        let captured = read(&answer)["amount_captured"].as_i64();
        match captured.filter(|_| answer.status == 200) {
            Some(captured) if captured == amount.minor => {
                Ok(CaptureLookup::Found(CaptureOutcome::Captured))
            }
            Some(_) => Ok(CaptureLookup::Absent),
            None => Err(Failure::Unavailable(None)),
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

    #[test]
    fn a_capture_is_found_by_the_captured_amount_of_its_charge() {
        let host = testing::Host::new().answer(200, r#"{"amount_captured":500}"#);
        let host = host.answer(200, r#"{"amount_captured":0}"#);
        let _host = host.answer(500, "").install();
        let amount = Money {
            minor: 5_00,
            currency: "USD".into(),
        };
        let lookup =
            || Shop::lookup_capture(testing::operation("1"), "ch_1".into(), amount.clone());
        let captured = CaptureLookup::Found(CaptureOutcome::Captured);
        assert_eq!(lookup(), Ok(captured));
        assert_eq!(lookup(), Ok(CaptureLookup::Absent));
        assert_eq!(lookup(), Err(Failure::Unavailable(None)));
    }
}
