//! Refunds of captured charges.

use tillhouse_plugin::{
    payments::{RefundLookup, RefundOutcome},
    prelude::*,
};

use super::{conflict, path, send};
use crate::{
    Processor, answer, settings,
    wire::{self, Refund, RefundBody, Refunds},
};

impl PaymentsRefund for Processor {
    fn refund(
        op: Operation,
        processor_reference: String,
        amount: Money,
        reason: Option<String>,
    ) -> Result<RefundOutcome, Failure> {
        let body = wire::write(&RefundBody {
            amount: amount.minor,
            reference: &op.reference,
            reason: reason.as_deref(),
        })?;
        let Some(response) = send(&op, &processor_reference, "refunds", body)? else {
            return Ok(RefundOutcome::Unknown);
        };
        if response.status == 201
            && let Some(refund) = wire::read::<Refund>(&response)
        {
            return Ok(answer::outcome_of_refund(refund));
        }
        Ok(conflict(&response)
            .or_else(|| answer::rejection_code(&response))
            .map_or(RefundOutcome::Unknown, RefundOutcome::Declined))
    }

    fn lookup_refund(op: Operation, processor_reference: String, amount: Money) -> Result<RefundLookup, Failure> {
        let request = egress::get("acquirer", format!("{}/refunds", path(&processor_reference)?));
        let response = settings::authorized(request.query("reference", op.reference.as_str()))?.send()?;
        let list = (response.status == 200)
            .then(|| wire::read::<Refunds>(&response))
            .flatten();
        // Only a list proves that the refund is absent.
        let list = list.ok_or_else(|| answer::failure_of_response(&response))?;
        let is_it =
            |refund: &Refund| refund.reference.as_ref() == Some(&op.reference) && refund.amount == Some(amount.minor);
        let found = list.data.into_iter().find(is_it);
        Ok(found.map_or(RefundLookup::Absent, |refund| {
            RefundLookup::Found(answer::outcome_of_refund(refund))
        }))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use tillhouse_plugin::egress::Body;

    use super::super::responses::{cents, error, op};
    use super::*;

    fn body(status: &str, reference: &str, amount: i64) -> String {
        format!(r#"{{"id":"re_1","status":"{status}","reference":"{reference}","amount":{amount}}}"#)
    }

    fn refund(reason: Option<&str>) -> Result<RefundOutcome, Failure> {
        Processor::refund(op(), "ch_1".into(), cents(), reason.map(Into::into))
    }

    fn lookup() -> Result<RefundLookup, Failure> {
        Processor::lookup_refund(op(), "ch_1".into(), cents())
    }

    #[test]
    fn a_refund_is_done_refused_or_unknown() {
        for (status, body, outcome) in [
            (
                201,
                body("succeeded", "ref_1", 100),
                RefundOutcome::Refunded("re_1".into()),
            ),
            (
                201,
                body("pending", "ref_1", 100),
                RefundOutcome::Pending("re_1".into()),
            ),
            (
                201,
                body("failed", "ref_1", 100),
                RefundOutcome::Declined("failed".into()),
            ),
            (201, body("created", "ref_1", 100), RefundOutcome::Unknown),
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
            assert_eq!(refund(None).unwrap(), outcome, "{status} {body}");
        }
    }

    #[test]
    fn a_refund_carries_its_reason_if_there_is_one() {
        let host = testing::Host::new().answer(500, "").answer(500, "").install();
        refund(None).unwrap();
        refund(Some("The last one was sold.")).unwrap();
        let bodies: Vec<String> = host
            .requests()
            .into_iter()
            .map(|request| match request.body {
                Body::Json(json) => json.document,
                other => unreachable!("{other:?}"),
            })
            .collect();
        assert_eq!(
            bodies,
            [
                r#"{"amount":100,"reference":"ref_1"}"#,
                r#"{"amount":100,"reference":"ref_1","reason":"The last one was sold."}"#
            ]
        );
    }

    #[test]
    fn a_lookup_finds_the_refund_of_its_reference_and_amount_only() {
        let list = |refund: &str| format!(r#"{{"data":[{refund}]}}"#);
        let host = testing::Host::new()
            .answer(200, &list(&body("succeeded", "ref_1", 100)))
            .answer(200, &list(&body("pending", "ref_1", 100)))
            .answer(200, &list(&body("succeeded", "ref_1", 60)))
            .answer(200, &list(&body("succeeded", "ref_2", 100)))
            .answer(200, r#"{"data":[]}"#);
        let host = host.install();
        let found = |outcome| Ok(RefundLookup::Found(outcome));
        assert_eq!(lookup(), found(RefundOutcome::Refunded("re_1".into())));
        assert_eq!(lookup(), found(RefundOutcome::Pending("re_1".into())));
        for _ in 0..3 {
            assert_eq!(lookup(), Ok(RefundLookup::Absent));
        }
        let request = host.requests().pop().unwrap();
        assert_eq!(request.path, "/v1/charges/ch_1/refunds");
        assert_eq!(request.query, [("reference".to_owned(), "ref_1".to_owned())]);
    }

    #[test]
    fn a_lookup_without_a_list_does_not_prove_absence() {
        let host = testing::Host::new().answer(503, "").answer(200, "{}");
        let _host = host.answer(404, &error("invalid_request_error", "not_found")).install();
        for _ in 0..3 {
            assert_eq!(lookup(), Err(Failure::Unavailable(None)));
        }
    }

    #[test]
    fn a_change_that_was_not_sent_fails_and_one_that_may_have_been_is_unknown() {
        let host = testing::Host::new().no_answer("not-connected", false);
        let _host = host.no_answer("timeout", true).install();
        assert_eq!(refund(None), Err(Failure::Unavailable(None)));
        assert_eq!(refund(None), Ok(RefundOutcome::Unknown));
    }
}
