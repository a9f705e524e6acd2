//! Maps the response to `POST /payments` to the outcome of the charge.
//!
//! Only an explicit result is an approval or a decline. Everything else is unknown, because a wrong guess would charge a buyer twice
//! or ship unpaid goods.

use tillhouse_plugin::{egress::Response, payments::Action, prelude::*};

use crate::{
    authentication::requirements_for,
    errors, refusal, settings,
    units::Amount,
    wire::{self, Payment},
};

/// What was asked for, to compare the response with it.
#[derive(Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) reference: &'a str,
    pub(crate) amount: Amount,
    /// Brand of the card, which says which directory server authenticates its buyer.
    pub(crate) brand: Option<String>,
}

impl Asked<'_> {
    /// The outcome of the charge by the response to its request.
    pub(crate) fn outcome(&self, response: &Response) -> Result<Outcome, Failure> {
        if response.status == 200
            && let Some(payment) = wire::read::<Payment>(response)
        {
            let reference = payment.psp_reference.as_deref().and_then(wire::reference);
            return match &payment.merchant_reference {
                Some(other) if other != self.reference => Ok(Outcome::Unknown(reference)),
                _ => self.of_payment(&payment, reference),
            };
        }
        // Nothing was done, so another card or token may be tried.
        Ok(match errors::refusal(response) {
            Some(code) if code == errors::UNKNOWN_TOKEN => Outcome::declined("invalid_token", false),
            Some(_) => Outcome::declined("processor_declined", false),
            None => Outcome::Unknown(None),
        })
    }

    fn of_payment(&self, payment: &Payment, reference: Option<String>) -> Result<Outcome, Failure> {
        let code = payment.refusal_reason_code.as_deref();
        let result = payment.result_code.as_deref().unwrap_or_default();
        Ok(match (result, reference) {
            ("Authorised", Some(reference)) => {
                let amount = payment.amount.as_ref().unwrap_or(&self.amount);
                approved(reference, amount)?
            }
            // The amount that was authorised is another one: only Adyen can say which. The host leaves it to an operator.
            ("PartiallyAuthorised", Some(reference)) => match &payment.amount {
                Some(amount) => approved(reference, amount)?,
                None => Outcome::Unknown(Some(reference)),
            },
            ("Refused", _) if code == Some(refusal::AUTHENTICATION_REQUIRED) => self.authenticate(),
            // "Error" and "Cancelled" are final as well, and have a reference if there was a payment.
            ("Refused", _) | ("Error" | "Cancelled", Some(_)) => refusal::declined(code),
            ("Pending" | "Received" | "PresentToShopper", Some(reference)) => Outcome::Pending(reference),
            // Adyen waits for a step of the shopper that only its own pages offer, and charges nothing without it. The page is not
            // passed on: the agent authenticates the buyer, and the next charge carries the result.
            ("RedirectShopper" | "IdentifyShopper" | "ChallengeShopper", _) => self.authenticate(),
            (_, reference) => Outcome::Unknown(reference),
        })
    }

    fn authenticate(&self) -> Outcome {
        match requirements_for(self.brand.as_deref()) {
            Some(requirements) => Outcome::ActionRequired(Action::three_d_secure(requirements)),
            None => refusal::declined(Some(refusal::AUTHENTICATION_REQUIRED)),
        }
    }
}

/// An approval of this amount of Adyen's; unknown if it cannot be written in the contract's units.
pub(crate) fn approved(reference: String, amount: &Amount) -> Result<Outcome, Failure> {
    let Some(amount) = amount.money() else {
        return Ok(Outcome::Unknown(Some(reference)));
    };
    Ok(if settings::Capture::configured()?.is_promised() {
        Outcome::captured(reference, amount)
    } else {
        Outcome::authorized(reference, amount)
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    const PSP: &str = "993617895204576J";

    fn money(minor: i64) -> Money {
        Money {
            minor,
            currency: "USD".into(),
        }
    }

    fn asked(brand: Option<&str>) -> Asked<'static> {
        Asked {
            reference: "ref_1",
            amount: Amount::of(&money(4_598)).unwrap(),
            brand: brand.map(Into::into),
        }
    }

    fn outcome(status: u16, body: &str) -> Outcome {
        let response = Response {
            status,
            headers: vec![],
            body: body.into(),
        };
        asked(Some("visa")).outcome(&response).unwrap()
    }

    fn result(code: &str, more: &str) -> Outcome {
        let body = format!(r#"{{"resultCode":"{code}","pspReference":"{PSP}","merchantReference":"ref_1"{more}}}"#);
        outcome(200, &body)
    }

    #[test]
    fn each_result_has_its_outcome() {
        let _host = testing::Host::new().install();
        let psp = || Some(PSP.to_owned());
        for (code, more, expected) in [
            ("Authorised", "", Outcome::captured(PSP, money(4_598))),
            (
                "Authorised",
                r#","amount":{"currency":"USD","value":4598}"#,
                Outcome::captured(PSP, money(4_598)),
            ),
            (
                "PartiallyAuthorised",
                r#","amount":{"currency":"USD","value":2000}"#,
                Outcome::captured(PSP, money(2_000)),
            ),
            ("PartiallyAuthorised", "", Outcome::Unknown(psp())),
            (
                "Refused",
                r#","refusalReasonCode":"12""#,
                Outcome::declined("insufficient_funds", true),
            ),
            ("Refused", "", Outcome::declined("processor_declined", false)),
            (
                "Refused",
                r#","refusalReasonCode":"38""#,
                Outcome::declined("authentication_required", false),
            ),
            (
                "Error",
                r#","refusalReasonCode":"4""#,
                Outcome::declined("processor_declined", true),
            ),
            (
                "Cancelled",
                r#","refusalReasonCode":"15""#,
                Outcome::declined("processor_declined", false),
            ),
            ("Pending", "", Outcome::Pending(PSP.into())),
            ("Received", "", Outcome::Pending(PSP.into())),
            ("PresentToShopper", "", Outcome::Pending(PSP.into())),
            (
                "RedirectShopper",
                "",
                Outcome::declined("authentication_required", false),
            ),
            ("AuthenticationFinished", "", Outcome::Unknown(psp())),
            ("AuthenticationNotRequired", "", Outcome::Unknown(psp())),
            ("Success", "", Outcome::Unknown(psp())),
            ("", "", Outcome::Unknown(psp())),
        ] {
            assert_eq!(result(code, more), expected, "{code} {more}");
        }
    }

    #[test]
    fn a_result_without_a_reference_of_adyen_decides_only_what_it_can() {
        let _host = testing::Host::new().install();
        for (code, expected) in [
            ("Authorised", Outcome::Unknown(None)),
            ("Pending", Outcome::Unknown(None)),
            ("Error", Outcome::Unknown(None)),
            ("Cancelled", Outcome::Unknown(None)),
            ("Refused", Outcome::declined("processor_declined", false)),
        ] {
            for reference in ["", r#","pspReference":"no reference""#] {
                let body = format!(r#"{{"resultCode":"{code}"{reference}}}"#);
                assert_eq!(outcome(200, &body), expected, "{body}");
            }
        }
    }

    #[test]
    fn what_is_not_a_result_is_unknown_and_a_typed_refusal_a_decline() {
        let _host = testing::Host::new().install();
        let error = |kind: &str| format!(r#"{{"status":422,"errorCode":"101","message":"no","errorType":"{kind}"}}"#);
        let authorised = format!(r#"{{"resultCode":"Authorised","pspReference":"{PSP}"}}"#);
        for (status, body, expected) in [
            (422, error("validation"), Outcome::declined("processor_declined", false)),
            (
                422,
                error("validation").replace("101", "803"),
                Outcome::declined("invalid_token", false),
            ),
            (422, error("internal"), Outcome::Unknown(None)),
            (500, error("validation"), Outcome::Unknown(None)),
            (503, authorised.clone(), Outcome::Unknown(None)),
            (202, authorised, Outcome::Unknown(None)),
            (200, "<html>".into(), Outcome::Unknown(None)),
            (200, "{}".into(), Outcome::Unknown(None)),
            (
                200,
                format!(r#"{{"resultCode":"Authorised","pspReference":"{PSP}","merchantReference":"ref_2"}}"#),
                Outcome::Unknown(Some(PSP.into())),
            ),
        ] {
            assert_eq!(outcome(status, &body), expected, "{status} {body}");
        }
    }

    #[test]
    fn an_authentication_is_an_action_where_the_acquirer_is_configured() {
        let host = testing::Host::new()
            .config("acquirer-bin", "411111")
            .config("acquirer-country", "NL");
        let host = host
            .config("acquirer-merchant-id", "shop")
            .config("merchant-name", "Shop");
        let _host = host.install();
        for (code, more) in [
            ("RedirectShopper", ""),
            ("IdentifyShopper", ""),
            ("ChallengeShopper", ""),
            ("Refused", r#","refusalReasonCode":"38""#),
        ] {
            let Outcome::ActionRequired(action) = result(code, more) else {
                unreachable!("{code}: the agent can have the buyer authenticate")
            };
            assert_eq!((action.kind.as_str(), action.url), ("three_d_secure", None));
            assert_eq!(action.three_d_secure.unwrap().directory_server, "visa");
        }
    }

    #[test]
    fn an_amount_that_waits_for_a_capture_is_only_authorized() {
        let _host = testing::Host::new().config("capture", "manual").install();
        assert_eq!(result("Authorised", ""), Outcome::authorized(PSP, money(4_598)));
    }
}
