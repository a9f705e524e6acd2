//! Refunds of captured charges.

use tillhouse_plugin::payments::RefundOutcome;
use tillhouse_plugin::prelude::*;

use crate::{Shop, payments::read};

impl PaymentsRefund for Shop {
    fn refund(
        op: Operation,
        processor_reference: String,
        amount: Money,
    ) -> Result<RefundOutcome, Failure> {
        let path = format!("/v1/charges/{processor_reference}/refunds");
        let body = serde_json::json!({"amount": amount.minor, "reference": op.reference});
        let request = egress::post("acquirer", path).bearer_secret("api_key");
        let request = request.idempotency("Idempotency-Key", &op);
        match request.json(body.to_string()).send() {
            Ok(answer) => {
                let refund = read(&answer);
                let id = refund["id"].as_str().unwrap_or_default().to_owned();
                Ok(match refund["status"].as_str() {
                    Some("succeeded") => RefundOutcome::Refunded(id),
                    Some("pending") => RefundOutcome::Pending(id),
                    _ => RefundOutcome::Unknown,
                })
            }
            Err(error) if error.sent => Ok(RefundOutcome::Unknown),
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refund_is_what_the_processor_says() {
        let host = testing::Host::new().answer(201, r#"{"id":"re_1","status":"succeeded"}"#);
        let _host = host.answer(500, "").install();
        let amount = Money::new(Amount::ZERO, "USD");
        let refund = || Shop::refund(testing::operation("1"), "ch_1".into(), amount.clone());
        assert_eq!(refund(), Ok(RefundOutcome::Refunded("re_1".into())));
        assert_eq!(refund(), Ok(RefundOutcome::Unknown));
    }
}
