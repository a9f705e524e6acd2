//! Changes of a payment: void, refund and capture. Adyen acknowledges them, and reports the result with the Standard webhook.

use serde::Serialize;
use tillhouse_plugin::prelude::*;

use crate::{
    errors,
    settings::{self, IDEMPOTENCY_KEY},
    units::Amount,
    wire::{self, Modification},
};

mod capture;
mod refund;
mod void;

/// Body of a change of a payment.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Change<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<Amount>,
    merchant_account: String,
    reference: &'a str,
}

/// What became of the request for a change.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Requested {
    /// Adyen has it, under this reference, and decides later.
    Received(String),
    /// Adyen did nothing; carries its code.
    Refused(String),
    /// Adyen may have received it.
    Unknown,
}

/// Asks for a change of a payment.
fn request(op: &Operation, payment: &str, change: &str, amount: Option<&Money>) -> Result<Requested, Failure> {
    let body = wire::write(&Change {
        amount: amount.map(Amount::of).transpose()?,
        merchant_account: settings::merchant_account()?,
        reference: &op.reference,
    })?;
    let request = egress::post(settings::UPSTREAM, path(payment, change)?);
    let request = settings::authorized(request)?.idempotency(IDEMPOTENCY_KEY, op);
    let response = match request.json(body).send() {
        Ok(response) => response,
        Err(error) => return errors::failure_if_unsent(error).map_or(Ok(Requested::Unknown), Err),
    };
    if let 200 | 201 = response.status
        && let Some(received) = wire::read::<Modification>(&response)
        && received.status == "received"
        && received
            .payment_psp_reference
            .as_deref()
            .is_none_or(|other| other == payment)
        && let Some(reference) = wire::reference(&received.psp_reference)
    {
        return Ok(Requested::Received(reference));
    }
    Ok(errors::refusal(&response).map_or(Requested::Unknown, Requested::Refused))
}

/// Returns the path of a change. A reference that is not one of Adyen's would leave the path.
fn path(payment: &str, change: &str) -> Result<String, Failure> {
    match wire::reference(payment) {
        Some(payment) => Ok(format!("/payments/{payment}/{change}")),
        None => Err(Failure::rejected(
            "invalid",
            Subject::payment(),
            "invalid reference of a payment",
        )),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use tillhouse_plugin::egress::Body;

    use super::{responses::*, *};

    #[test]
    fn a_change_has_the_account_the_reference_and_the_key_of_its_operation() {
        let host = host().answer(201, &received()).install();
        let asked = request(&op(), PAYMENT, "refunds", Some(&cents())).unwrap();
        assert_eq!(asked, Requested::Received(CHANGE.into()));
        let request = host.requests().pop().unwrap();
        assert_eq!(request.path, format!("/payments/{PAYMENT}/refunds"));
        assert!(
            request
                .headers
                .contains(&("Idempotency-Key".into(), Fill::text("key_1")))
        );
        let Body::Json(json) = request.body else {
            unreachable!("{:?}", request.body)
        };
        assert_eq!(
            json.document,
            r#"{"amount":{"currency":"USD","value":100},"merchantAccount":"AcmeECOM","reference":"ref_1"}"#
        );
    }

    #[test]
    fn only_an_acknowledgement_of_this_payment_is_received() {
        let of_another = received().replace(PAYMENT, "ANOTHERPAYMENT01");
        let elsewhere = received().replace("received", "queued");
        for (status, body, asked) in [
            (201, received(), Requested::Received(CHANGE.into())),
            (201, of_another, Requested::Unknown),
            (201, elsewhere, Requested::Unknown),
            (201, "{}".to_owned(), Requested::Unknown),
            (422, error("validation", "167"), Requested::Refused("167".into())),
            (422, error("validation", "704"), Requested::Unknown),
            (422, error("internal", "000"), Requested::Unknown),
            (500, received(), Requested::Unknown),
        ] {
            let _host = host().answer(status, &body).install();
            assert_eq!(
                request(&op(), PAYMENT, "refunds", None).unwrap(),
                asked,
                "{status} {body}"
            );
        }
    }

    #[test]
    fn a_change_that_was_not_sent_fails_and_one_that_may_have_been_is_unknown() {
        let host = host().no_answer("not-connected", false).no_answer("timeout", true);
        let _host = host.install();
        let ask = || request(&op(), PAYMENT, "captures", Some(&cents()));
        assert_eq!(ask(), Err(Failure::Unavailable(None)));
        assert_eq!(ask(), Ok(Requested::Unknown));
    }

    #[test]
    fn a_reference_that_would_leave_the_path_is_refused_unsent() {
        let host = host().install();
        for payment in ["", "../payments", "A/refunds?x", "A 1"] {
            let refused = request(&op(), payment, "refunds", None);
            assert!(matches!(refused, Err(Failure::Rejected(_))), "{payment:?}");
        }
        assert!(host.requests().is_empty());
    }
}

#[cfg(test)]
mod responses {
    //! Responses of Adyen, and arguments of the functions.

    use tillhouse_plugin::prelude::*;

    pub(super) const PAYMENT: &str = "993617895204576J";
    pub(super) const CHANGE: &str = "JDD6LKT8MBLZNN84";

    pub(super) fn host() -> testing::Host {
        testing::Host::new().config("merchant-account", "AcmeECOM")
    }

    pub(super) fn received() -> String {
        format!(
            r#"{{"merchantAccount":"AcmeECOM","paymentPspReference":"{PAYMENT}","pspReference":"{CHANGE}","reference":"ref_1",
            "status":"received"}}"#
        )
    }

    pub(super) fn error(kind: &str, code: &str) -> String {
        format!(r#"{{"status":422,"errorCode":"{code}","message":"no","errorType":"{kind}"}}"#)
    }

    pub(super) fn cents() -> Money {
        Money {
            minor: 100,
            currency: "USD".into(),
        }
    }

    pub(super) fn op() -> Operation {
        testing::operation("1")
    }
}
