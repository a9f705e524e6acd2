//! Refunds of captured charges.

use serde_json::Value;
use tillhouse_plugin::payments::{RefundLookup, RefundOutcome};
use tillhouse_plugin::prelude::*;

use crate::{Shop, payments::read};

impl PaymentsRefund for Shop {
    fn refund(
        op: Operation,
        processor_reference: String,
        amount: Money,
        reason: Option<String>,
    ) -> Result<RefundOutcome, Failure> {
        let path = format!("/v1/charges/{processor_reference}/refunds");
        let body = serde_json::json!({
            "amount": amount.minor, "reference": op.reference, "reason": reason,
        });
        let request = egress::post("acquirer", path).bearer_secret("api_key");
        let request = request.idempotency("Idempotency-Key", &op);
        match request.json(body.to_string()).send() {
            Ok(answer) => Ok(refund_outcome(&read(&answer))),
            Err(error) if error.sent => Ok(RefundOutcome::Unknown),
            Err(error) => Err(error.into()),
        }
    }

    /// Only a list of refunds proves that there is none with this reference.
    fn lookup_refund(
        op: Operation,
        processor_reference: String,
        _amount: Money,
    ) -> Result<RefundLookup, Failure> {
        let path = format!("/v1/charges/{processor_reference}/refunds");
        let request = egress::get("acquirer", path).bearer_secret("api_key");
        let answer = request.query("reference", op.reference.as_str()).send()?;
        let list = read(&answer);
        let refunds = list["data"].as_array().filter(|_| answer.status == 200);
        let mut refunds = refunds.ok_or(Failure::Unavailable(None))?.iter();
        let found = refunds.find(|refund| refund["reference"] == op.reference.as_str());
        Ok(found.map_or(RefundLookup::Absent, |refund| {
            RefundLookup::Found(refund_outcome(refund))
        }))
    }
}

fn refund_outcome(refund: &Value) -> RefundOutcome {
    let id = refund["id"].as_str().unwrap_or_default().to_owned();
    match refund["status"].as_str() {
        Some("succeeded") => RefundOutcome::Refunded(id),
        Some("pending") => RefundOutcome::Pending(id),
        _ => RefundOutcome::Unknown,
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
        let refund = || {
            let op = testing::operation("1");
            Shop::refund(op, "ch_1".into(), amount.clone(), None)
        };
        assert_eq!(refund(), Ok(RefundOutcome::Refunded("re_1".into())));
        assert_eq!(refund(), Ok(RefundOutcome::Unknown));
    }

    #[test]
    fn a_refund_is_absent_only_if_a_list_says_so() {
        let found = r#"{"data":[{"id":"re_1","status":"pending","reference":"ref_1"}]}"#;
        let host = testing::Host::new().answer(200, found).answer(500, found);
        let _host = host.answer(200, r#"{"data":[]}"#).install();
        let amount = Money::new(Amount::ZERO, "USD");
        let lookup = || Shop::lookup_refund(testing::operation("1"), "ch_1".into(), amount.clone());
        let pending = RefundOutcome::Pending("re_1".into());
        assert_eq!(lookup(), Ok(RefundLookup::Found(pending)));
        assert_eq!(lookup(), Err(Failure::Unavailable(None)));
        assert_eq!(lookup(), Ok(RefundLookup::Absent));
    }
}
