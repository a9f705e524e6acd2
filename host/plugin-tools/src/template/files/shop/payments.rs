//! Payments: charges at the processor that the manifest calls `acquirer`.

use tillhouse_plugin::prelude::*;

use crate::Shop;

/// Where the host fills in each field of the card. The plugin never sees their values.
const CARD: [(&str, Slot); 6] = [
    ("/card/number", Slot::Number),
    ("/card/exp_month", Slot::ExpMonth),
    ("/card/exp_year", Slot::ExpYear),
    ("/card/cryptogram", Slot::Cryptogram),
    ("/card/cryptogram_type", Slot::CryptogramType),
    ("/card/eci", Slot::Eci),
];

impl Payments for Shop {
    /// Describes the processor's idempotency and visibility, on which the host bases its retries.
    fn profile() -> Result<ProcessorProfile, Failure> {
        Ok(ProcessorProfile {
            processor: "acquirer".into(),
            idempotency: Some(Idempotency {
                header: "Idempotency-Key".into(),
                key_life_s: 86_400,
                replays_errors: true,
            }),
            visibility_delay_s: 60,
            currencies: config::list("currencies"),
            extensions: Vec::new(),
        })
    }

    fn charge(
        op: Operation,
        order: ChargeOrder,
        credential: Credential<'_>,
    ) -> Result<Outcome, Failure> {
        let body = serde_json::json!({
            "amount": order.amount.minor,
            "currency": order.amount.currency.to_lowercase(),
            "reference": op.reference,
            "capture": true,
            "statement": order.statement,
            "card": {
                "number": null, "exp_month": null, "exp_year": null,
                "cryptogram": null, "cryptogram_type": null, "eci": null,
            },
        });
        let request = egress::post("acquirer", "/v1/charges").bearer_secret("api_key");
        let request = request.json(body.to_string()).slots(credential, &CARD);
        match request.send_with(credential) {
            Ok(answer) if matches!(answer.status, 201 | 202 | 402) => Ok(outcome(&read(&answer))),
            // An unknown outcome is not an error: the host looks the charge up.
            Ok(_) => Ok(Outcome::Unknown(None)),
            Err(error) if error.sent => Ok(Outcome::Unknown(None)),
            Err(error) => Err(error.into()),
        }
    }

    fn lookup(op: Operation, _amount: Money) -> Result<ChargeLookup, Failure> {
        let request = egress::get("acquirer", "/v1/charges").bearer_secret("api_key");
        let answer = request.query("reference", op.reference.as_str()).send()?;
        let list = read(&answer);
        let charges = list["data"].as_array().filter(|_| answer.status == 200);
        let mut charges = charges.ok_or(Failure::Unavailable(None))?.iter();
        let found = charges.find(|charge| charge["reference"] == op.reference.as_str());
        Ok(found.map_or(ChargeLookup::Absent, |charge| {
            ChargeLookup::Found(outcome(charge))
        }))
    }
}

/// Maps a charge to its outcome. Anything that is not clearly approved or declined is unknown.
pub(crate) fn outcome(charge: &serde_json::Value) -> Outcome {
    let text = |key: &str| charge[key].as_str().unwrap_or_default().to_owned();
    let amount = charge["amount"].as_i64();
    match (charge["status"].as_str(), amount) {
        (Some("approved"), Some(minor)) => Outcome::Approved(Approval {
            processor_reference: text("id"),
            amount: Money {
                minor,
                currency: text("currency").to_uppercase(),
            },
            captured: charge["captured"] == true,
            extensions: Vec::new(),
        }),
        (Some("pending"), _) => Outcome::Pending(text("id")),
        (Some("declined"), _) => {
            let code = text("decline_code");
            Outcome::declined(code.as_str(), code == "insufficient_funds")
        }
        (Some("voided"), _) => Outcome::declined("voided", false),
        _ => Outcome::Unknown(charge["id"].as_str().map(str::to_owned)),
    }
}

/// Parses the body of a response; null if it is not JSON.
pub(crate) fn read(answer: &egress::Response) -> serde_json::Value {
    serde_json::from_slice(&answer.body).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const APPROVED: &str = r#"{"id":"ch_1","status":"approved","amount":4598,"currency":"usd",
        "reference":"ref_1","captured":true}"#;

    fn charge() -> Result<Outcome, Failure> {
        let order = testing::charge_order(Money {
            minor: 45_98,
            currency: "USD".into(),
        });
        let card = testing::TestCredential::with_fields(&["number", "exp-month", "exp-year"]);
        Shop::charge(testing::operation("1"), order, card.handle())
    }

    #[test]
    fn an_approval_is_an_approval_and_a_decline_a_decline() {
        let declined = r#"{"id":"ch_2","status":"declined","decline_code":"expired_card"}"#;
        let host = testing::Host::new().answer(201, APPROVED);
        let _host = host.answer(402, declined).install();
        let amount = Money {
            minor: 45_98,
            currency: "USD".into(),
        };
        assert_eq!(charge(), Ok(Outcome::captured("ch_1", amount)));
        assert_eq!(charge(), Ok(Outcome::declined("expired_card", false)));
    }

    #[test]
    fn what_may_have_arrived_is_unknown_and_what_was_never_sent_is_not() {
        let host = testing::Host::new().answer(500, "{}");
        let host = host.no_answer("timeout", true);
        let _host = host.no_answer("not-connected", false).install();
        assert_eq!(charge(), Ok(Outcome::Unknown(None)));
        assert_eq!(charge(), Ok(Outcome::Unknown(None)));
        assert_eq!(charge(), Err(Failure::Unavailable(None)));
    }

    #[test]
    fn a_lookup_without_a_list_proves_nothing() {
        let list = format!(r#"{{"data":[{APPROVED}]}}"#);
        let host = testing::Host::new().answer(200, &list).answer(500, &list);
        let _host = host.answer(200, r#"{"data":[]}"#).install();
        let amount = Money::new(Amount::ZERO, "USD");
        let lookup = || Shop::lookup(testing::operation("1"), amount.clone());
        assert!(matches!(
            lookup(),
            Ok(ChargeLookup::Found(Outcome::Approved(_)))
        ));
        assert_eq!(lookup(), Err(Failure::Unavailable(None)));
        assert_eq!(lookup(), Ok(ChargeLookup::Absent));
    }
}
