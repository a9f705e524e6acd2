//! Charges of tokens and cards: `POST /payments`.

use tillhouse_plugin::prelude::*;

use crate::{
    Processor,
    answer::Asked,
    errors,
    request::{self, Method},
    settings,
    units::Amount,
};

impl Payments for Processor {
    fn profile() -> Result<ProcessorProfile, Failure> {
        Ok(settings::profile()?)
    }

    /// Charges the token or card. The host adds the idempotency key, as declared in the profile.
    fn charge(op: Operation, order: ChargeOrder, credential: Credential<'_>) -> Result<Outcome, Failure> {
        let Some(method) = Method::of(credential)? else {
            log::warn(
                "the plugin takes no credential of this kind, or `raw-cards` is off",
                &[("kind".into(), credential.kind())],
            );
            return Ok(Outcome::declined("processor_declined", false));
        };
        let asked = Asked {
            reference: &op.reference,
            amount: Amount::of(&order.amount)?,
            brand: credential.display().brand,
        };
        let payment = request::payment(&op, &order, &asked.amount, method, credential)?;
        let mut request = settings::authorized(egress::post(settings::UPSTREAM, "/payments"))?.json(payment.document);
        for (pointer, slot) in payment.places {
            request = request.fill(&pointer, slot);
        }
        match request.send_with(credential) {
            Ok(response) => asked.outcome(&response),
            Err(error) => errors::failure_if_unsent(error).map_or(Ok(Outcome::Unknown(None)), Err),
        }
    }

    /// Adyen has no request that looks a payment up: see the README for what the host does instead.
    fn lookup(_op: Operation, _amount: Money) -> Result<ChargeLookup, Failure> {
        Err(Failure::Unsupported)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use tillhouse_plugin::{egress::Body, testing::TestCredential};

    use super::*;

    const AUTHORISED: &str = r#"{"pspReference":"993617895204576J","resultCode":"Authorised","merchantReference":"ref_1",
        "amount":{"currency":"USD","value":4598}}"#;

    fn money() -> Money {
        Money {
            minor: 4_598,
            currency: "USD".into(),
        }
    }

    fn charge(kind: &str, fields: &[&str]) -> Result<Outcome, Failure> {
        let mut credential = TestCredential::with_fields(fields);
        credential.kind = kind.into();
        Processor::charge(
            testing::operation("1"),
            testing::charge_order(money()),
            credential.handle(),
        )
    }

    fn host() -> testing::Host {
        testing::Host::new().config("merchant-account", "AcmeECOM")
    }

    #[test]
    fn a_charge_is_authorised_with_the_key_and_has_the_place_of_the_token() {
        let host = host().answer(200, AUTHORISED).install();
        let charged = charge("psp_token", &["psp-token"]).unwrap();
        assert_eq!(charged, Outcome::captured("993617895204576J", money()));
        let request = host.requests().pop().unwrap();
        assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/payments"));
        assert_eq!(
            request.headers,
            [("x-api-key".to_owned(), Fill::secret("api_key"))],
            "the host adds the idempotency key"
        );
        let Body::Json(json) = request.body else {
            unreachable!("{:?}", request.body)
        };
        assert_eq!(json.fills.len(), 1);
        assert_eq!(json.fills[0].0, "/paymentMethod/storedPaymentMethodId");
    }

    #[test]
    fn a_card_is_charged_only_where_the_operator_takes_raw_cards() {
        let host = host().answer(200, AUTHORISED).install();
        let declined = Ok(Outcome::declined("processor_declined", false));
        assert_eq!(charge("fpan", &["number"]), declined);
        host.set_config("raw-cards", "true");
        assert_eq!(charge("vehicle", &["number"]), declined, "an unknown kind");
        assert_eq!(charge("fpan", &["encrypted-block"]), declined, "no number");
        assert!(host.requests().is_empty());
        assert!(charge("fpan", &["number"]).is_ok());
        assert_eq!(host.requests().len(), 1);
    }

    #[test]
    fn a_broken_connection_is_unknown_once_anything_was_sent() {
        let host = host().no_answer("timeout", true).no_answer("not-connected", false);
        let _host = host.install();
        assert_eq!(charge("psp_token", &["psp-token"]), Ok(Outcome::Unknown(None)));
        assert_eq!(charge("psp_token", &["psp-token"]), Err(Failure::Unavailable(None)));
    }

    #[test]
    fn without_a_merchant_account_nothing_is_sent() {
        let host = testing::Host::new().install();
        let refused = charge("psp_token", &["psp-token"]);
        assert!(matches!(refused, Err(Failure::Misconfigured(text)) if text.contains("merchant-account")));
        assert!(host.requests().is_empty());
    }

    #[test]
    fn a_lookup_asks_nothing_and_says_nothing() {
        let host = host().install();
        let lookup = Processor::lookup(testing::operation("1"), money());
        assert_eq!(lookup, Err(Failure::Unsupported));
        assert!(host.requests().is_empty());
    }
}
