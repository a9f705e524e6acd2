//! Charges, and lookups of their status.

use tillhouse_plugin::prelude::*;

use crate::{
    Processor, answer, settings,
    wire::{self, ChargeBody, List, Placeholders, SLOT_POINTERS},
};

impl Payments for Processor {
    fn profile() -> Result<ProcessorProfile, Failure> {
        Ok(settings::profile()?)
    }

    /// Charges the card. The host adds the idempotency key, as declared in the profile.
    fn charge(op: Operation, order: ChargeOrder, credential: Credential<'_>) -> Result<Outcome, Failure> {
        if !credential.has(Slot::Number) {
            log::warn(
                "no card number in the credential",
                &[("kind".into(), credential.kind())],
            );
            return Ok(Outcome::declined("processor_declined", false));
        }
        let body = wire::write(&ChargeBody {
            amount: order.amount.minor,
            currency: &order.amount.currency.to_ascii_lowercase(),
            reference: &op.reference,
            capture: settings::captures()?,
            statement: order.statement.as_deref(),
            card: Placeholders::default(),
            authentication: order.authentication.map(Into::into),
        })?;
        let brand = credential.display().brand;
        let request = settings::authorized(egress::post("acquirer", "/v1/charges"))?;
        match request
            .json(body)
            .slots(credential, &SLOT_POINTERS)
            .send_with(credential)
        {
            Ok(response) => Ok(answer::outcome_of_response(&response, &op.reference, brand.as_deref())),
            Err(error) => answer::failure_if_unsent(error).map_or(Ok(Outcome::Unknown(None)), Err),
        }
    }

    fn lookup(op: Operation, _amount: Money) -> Result<ChargeLookup, Failure> {
        let request = egress::get("acquirer", "/v1/charges").query("reference", op.reference.as_str());
        let response = settings::authorized(request)?.send()?;
        let list = (response.status == 200)
            .then(|| wire::read::<List>(&response))
            .flatten();
        let list = list.ok_or_else(|| answer::failure_of_response(&response))?;
        let found = list
            .data
            .into_iter()
            .find(|charge| charge.reference.as_ref() == Some(&op.reference));
        Ok(found.map_or(ChargeLookup::Absent, |charge| {
            ChargeLookup::Found(answer::outcome_of_charge(charge))
        }))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use tillhouse_plugin::egress::Body;

    use super::*;

    const APPROVED: &str = r#"{"id":"ch_1","object":"charge","status":"approved","amount":4598,"currency":"usd",
        "reference":"ref_1","captured":true,"created":1}"#;

    fn order() -> ChargeOrder {
        testing::charge_order(Money {
            minor: 4_598,
            currency: "USD".into(),
        })
    }

    fn charge(fields: &[&str]) -> Result<Outcome, Failure> {
        let credential = testing::TestCredential::with_fields(fields);
        Processor::charge(testing::operation("1"), order(), credential.handle())
    }

    fn lookup() -> Result<ChargeLookup, Failure> {
        Processor::lookup(testing::operation("1"), order().amount)
    }

    #[test]
    fn a_charge_has_placeholders_and_never_card_data() {
        let host = testing::Host::new().answer(201, APPROVED).install();
        assert_eq!(
            charge(&["number", "exp-month", "exp-year"]).unwrap(),
            Outcome::captured("ch_1", order().amount)
        );
        let request = host.requests().pop().unwrap();
        assert_eq!(
            (request.method.as_str(), request.path.as_str()),
            ("POST", "/v1/charges")
        );
        assert_eq!(
            request.headers,
            [("authorization".to_owned(), Fill::Bearer("api_key".into()))]
        );
        let Body::Json(json) = request.body else {
            unreachable!("{:?}", request.body)
        };
        assert_eq!(
            json.document,
            concat!(
                r#"{"amount":4598,"currency":"usd","reference":"ref_1","capture":true,"statement":null,"card":{"#,
                r#""number":null,"exp_month":null,"exp_year":null,"cryptogram":null,"cryptogram_type":null,"eci":null}}"#
            )
        );
        let filled: Vec<&str> = json.fills.iter().map(|(pointer, _)| pointer.as_str()).collect();
        assert_eq!(
            filled,
            ["/card/number", "/card/exp_month", "/card/exp_year"],
            "a field that is absent stays null"
        );
    }

    #[test]
    fn a_credential_without_a_number_is_declined_and_nothing_is_sent() {
        let host = testing::Host::new().install();
        assert_eq!(
            charge(&["psp-token"]).unwrap(),
            Outcome::declined("processor_declined", false)
        );
        assert!(host.requests().is_empty());
    }

    #[test]
    fn a_broken_connection_is_unknown_once_anything_was_sent() {
        let host = testing::Host::new()
            .no_answer("interrupted", true)
            .no_answer("not-connected", false);
        let _host = host.install();
        assert_eq!(charge(&["number"]), Ok(Outcome::Unknown(None)));
        assert_eq!(charge(&["number"]), Err(Failure::Unavailable(None)));
    }

    #[test]
    fn a_lookup_finds_the_charge_of_its_reference_only() {
        let list = |reference: &str| format!(r#"{{"data":[{}]}}"#, APPROVED.replace("ref_1", reference));
        let host = testing::Host::new()
            .answer(200, &list("ref_1"))
            .answer(200, &list("ref_2"));
        let host = host.answer(200, r#"{"object":"list","data":[]}"#).install();
        assert_eq!(
            lookup(),
            Ok(ChargeLookup::Found(Outcome::captured("ch_1", order().amount)))
        );
        assert_eq!(lookup(), Ok(ChargeLookup::Absent));
        assert_eq!(lookup(), Ok(ChargeLookup::Absent));
        assert_eq!(
            host.requests().pop().unwrap().query,
            [("reference".to_owned(), "ref_1".to_owned())]
        );
    }

    #[test]
    fn a_lookup_without_a_list_does_not_prove_absence() {
        let host = testing::Host::new()
            .answer(500, "{}")
            .answer(200, "{}")
            .answer(401, "{}");
        let _host = host.no_answer("timeout", true).install();
        assert_eq!(lookup(), Err(Failure::Unavailable(None)));
        assert_eq!(lookup(), Err(Failure::Unavailable(None)));
        assert!(matches!(lookup(), Err(Failure::Misconfigured(text)) if text.contains("api_key")));
        assert_eq!(lookup(), Err(Failure::Unavailable(None)));
    }
}
