//! Maps the acquirer's responses to outcomes.
//!
//! Only an explicit response is an approval or a decline. Everything else is unknown, because a wrong guess would charge a
//! buyer twice or ship unpaid goods.

use tillhouse_plugin::{
    egress::{Error, Response},
    payments::{Action, RefundOutcome},
    prelude::*,
};

use crate::{
    authentication::requirements_for,
    wire::{self, Charge, ErrorBody, Refund},
};

/// Maps the response to a charge request to the outcome of the charge. The brand of the card says which directory server
/// authenticates its buyer.
pub(crate) fn outcome_of_response(response: &Response, reference: &str, brand: Option<&str>) -> Outcome {
    if let 201 | 202 | 402 = response.status
        && let Some(charge) = wire::read::<Charge>(response)
    {
        return match &charge.reference {
            Some(other) if other != reference => Outcome::Unknown(Some(charge.id)),
            _ => outcome_of_charge(charge),
        };
    }
    match rejection_code(response) {
        Some(code) if code == "authentication_required" => match requirements_for(brand) {
            Some(requirements) => Outcome::ActionRequired(Action::three_d_secure(requirements)),
            None => Outcome::declined(code, false),
        },
        Some(code) => {
            log::warn(
                "charge refused",
                &[("status".into(), response.status.to_string()), ("code".into(), code)],
            );
            Outcome::declined("processor_declined", false)
        }
        None => Outcome::Unknown(None),
    }
}

/// Maps the status of a charge to its outcome.
pub(crate) fn outcome_of_charge(charge: Charge) -> Outcome {
    match charge.status.as_str() {
        "approved" => Outcome::Approved(Approval {
            amount: charge.money(),
            captured: charge.captured,
            processor_reference: charge.id,
            extensions: Vec::new(),
        }),
        "pending" => Outcome::Pending(charge.id),
        "declined" => {
            let code = charge.decline_code.unwrap_or_else(|| "processor_declined".into());
            let retryable = matches!(code.as_str(), "insufficient_funds" | "incorrect_cvc" | "do_not_honor");
            Outcome::declined(code, retryable)
        }
        // The charge was voided: no money moved, and none will.
        "voided" => Outcome::declined("voided", false),
        _ => Outcome::Unknown(Some(charge.id)),
    }
}

/// Maps the status of a refund to its outcome.
pub(crate) fn outcome_of_refund(refund: Refund) -> RefundOutcome {
    match refund.status.as_str() {
        "succeeded" => RefundOutcome::Refunded(refund.id),
        "pending" => RefundOutcome::Pending(refund.id),
        "failed" => RefundOutcome::Declined(refund.status),
        _ => RefundOutcome::Unknown,
    }
}

/// Returns the code of a definitive rejection: a 4xx status with an error type that means the acquirer did nothing.
///
/// A conflict, a reused idempotency key, a rate limit or a timeout is not definitive: an earlier request of the same operation
/// may have succeeded.
pub(crate) fn rejection_code(response: &Response) -> Option<String> {
    if !(400..500).contains(&response.status) || matches!(response.status, 408 | 409 | 425 | 429) {
        return None;
    }
    let error = wire::read::<ErrorBody>(response)?.error;
    let refused = error.kind != "api_error" && error.kind != "idempotency_error";
    refused.then(|| error.code.unwrap_or(error.kind))
}

/// Returns the failure of a request of which no byte was sent; `None` if the acquirer may have received it.
pub(crate) fn failure_if_unsent(error: Error) -> Option<Failure> {
    (!error.sent).then(|| error.into())
}

/// Returns the failure for a query without a usable response: the host retries, unless the API key is invalid.
pub(crate) fn failure_of_response(response: &Response) -> Failure {
    match response.status {
        401 | 403 => Failure::Misconfigured("the acquirer rejected the secret `api_key`".into()),
        _ => Failure::Unavailable(None),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn response(status: u16, body: &str) -> Response {
        Response {
            status,
            headers: vec![],
            body: body.into(),
        }
    }

    fn charge(status: &str, more: &str) -> String {
        format!(
            r#"{{"id":"ch_1","object":"charge","status":"{status}","amount":4598,"currency":"usd","reference":"ref",
            "captured":true,"created":1{more}}}"#
        )
    }

    fn error(kind: &str, code: &str) -> String {
        format!(r#"{{"error":{{"type":"{kind}","code":"{code}","message":"no"}}}}"#)
    }

    #[test]
    fn only_a_valid_answer_decides_the_outcome() {
        let approved = Outcome::captured(
            "ch_1",
            Money {
                minor: 4_598,
                currency: "USD".into(),
            },
        );
        let refused = Outcome::declined("processor_declined", false);
        for (status, body, outcome) in [
            (201, charge("approved", ""), approved),
            (202, charge("pending", ""), Outcome::Pending("ch_1".into())),
            (
                402,
                charge("declined", r#","decline_code":"insufficient_funds""#),
                Outcome::declined("insufficient_funds", true),
            ),
            (
                402,
                charge("declined", r#","decline_code":"expired_card""#),
                Outcome::declined("expired_card", false),
            ),
            (402, charge("declined", ""), refused.clone()),
            (400, error("invalid_request_error", "invalid"), refused.clone()),
            (401, error("authentication_error", "unauthorized"), refused.clone()),
            (422, error("invalid_request_error", "invalid"), refused),
            (201, charge("weird", ""), Outcome::Unknown(Some("ch_1".into()))),
            (201, "{}".into(), Outcome::Unknown(None)),
            (201, String::new(), Outcome::Unknown(None)),
            (200, charge("approved", ""), Outcome::Unknown(None)),
            (402, "Payment Required".into(), Outcome::Unknown(None)),
            (400, "Bad Request".into(), Outcome::Unknown(None)),
            (400, error("api_error", "sandbox_fault"), Outcome::Unknown(None)),
            (
                409,
                error("idempotency_error", "idempotency_key_in_use"),
                Outcome::Unknown(None),
            ),
            (
                409,
                error("invalid_request_error", "reference_in_use"),
                Outcome::Unknown(None),
            ),
            (
                422,
                error("idempotency_error", "idempotency_key_reused"),
                Outcome::Unknown(None),
            ),
            (429, error("rate_limit_error", "slow_down"), Outcome::Unknown(None)),
            (500, error("api_error", "internal_error"), Outcome::Unknown(None)),
            (503, charge("approved", ""), Outcome::Unknown(None)),
        ] {
            assert_eq!(
                outcome_of_response(&response(status, &body), "ref", None),
                outcome,
                "{status} {body}"
            );
        }
    }

    #[test]
    fn a_demand_for_an_authentication_is_an_action_where_there_is_a_directory_server() {
        let _host = testing::Host::new().install();
        let demand = response(402, &error("card_error", "authentication_required"));
        let Outcome::ActionRequired(action) = outcome_of_response(&demand, "ref", Some("visa")) else {
            unreachable!("the agent can have the buyer authenticate")
        };
        assert_eq!(action.three_d_secure.unwrap().directory_server, "visa");
        let declined = outcome_of_response(&demand, "ref", None);
        assert_eq!(declined, Outcome::declined("authentication_required", false));
    }

    #[test]
    fn a_charge_with_another_reference_is_unknown() {
        let outcome = outcome_of_response(&response(201, &charge("approved", "")), "other", None);
        assert_eq!(outcome, Outcome::Unknown(Some("ch_1".into())));
    }

    #[test]
    fn only_an_unsent_request_is_a_failure() {
        let error = |code: &str, sent| Error {
            code: code.into(),
            message: "why".into(),
            sent,
        };
        assert_eq!(
            failure_if_unsent(error("not-connected", false)),
            Some(Failure::Unavailable(None))
        );
        assert_eq!(
            failure_if_unsent(error("denied", false)),
            Some(Failure::Misconfigured("why".into()))
        );
        assert_eq!(failure_if_unsent(error("timeout", true)), None);
    }
}
