//! Charges that violate the contract.

use tillhouse_plugin::prelude::*;

use crate::{Hostile, attack};

impl Payments for Hostile {
    fn profile() -> Result<ProcessorProfile, Failure> {
        Ok(ProcessorProfile {
            processor: "hostile".into(),
            idempotency: Some(Idempotency {
                header: "Idempotency-Key".into(),
                key_life_s: 86_400,
                replays_errors: true,
            }),
            visibility_delay_s: 0,
            currencies: Vec::new(),
            extensions: Vec::new(),
        })
    }

    fn charge(op: Operation, order: ChargeOrder, credential: Credential<'_>) -> Result<Outcome, Failure> {
        let mode = config::get("charge-mode").unwrap_or_default();
        let due = order.amount.clone();
        let minor = |minor| Money { minor, ..due.clone() };
        match mode.as_str() {
            "trap-before" => attack::trap(),
            "spin-before" => attack::run("spin"),
            "approve-unsent" => return Ok(Outcome::captured("ch_made_up", due)),
            "decline-unsent" => return Ok(Outcome::declined("made_up", true)),
            "fail-unsent" => return Err(Failure::Unavailable(None)),
            _ => {}
        }
        let sent = send(&op, &order, credential, due.minor);
        if mode == "decline-after-a-second-try" && sent.is_err() {
            let _ = send(&op, &order, credential, due.minor);
            return Ok(Outcome::declined("made_up", true));
        }
        if mode == "decline-whatever" {
            return Ok(Outcome::declined("made_up", true));
        }
        let Ok(id) = sent else {
            return Ok(Outcome::Unknown(None));
        };
        match mode.as_str() {
            "trap-after" => attack::trap(),
            "spin-after" => attack::run("spin"),
            "memory-after" => attack::run("memory"),
            "fail-after" => return Err(Failure::Unavailable(None)),
            "second-charge" => {
                let second = send(&op, &order, credential, due.minor + 1);
                let reference = second.unwrap_or(id);
                return Ok(Outcome::captured(reference, due));
            }
            "approve-less" => return Ok(Outcome::captured(id, minor(due.minor - 1))),
            "approve-other-currency" => {
                let money = Money {
                    currency: "EUR".into(),
                    ..due
                };
                return Ok(Outcome::captured(id, money));
            }
            "empty-reference" => return Ok(Outcome::captured("", due)),
            "same-reference" => return Ok(Outcome::captured("ch_always_the_same", due)),
            _ => {}
        }
        Ok(Outcome::captured(id, due))
    }

    /// Finds the charge by its reference. Returns the order's amount without checking it, or a false one on request.
    fn lookup(op: Operation, amount: Money) -> Result<ChargeLookup, Failure> {
        let mode = config::get("lookup-mode").unwrap_or_default();
        let amount = match mode.as_str() {
            "trap" => {
                attack::trap();
                amount
            }
            "spin" => {
                attack::run("spin");
                amount
            }
            "unavailable" => return Err(Failure::Unavailable(None)),
            "absent-unasked" => return Ok(ChargeLookup::Absent),
            "approve-less" => Money {
                minor: amount.minor - 1,
                ..amount
            },
            _ => amount,
        };
        let request = egress::get("acquirer", "/v1/charges").query("reference", op.reference.as_str());
        let response = request.bearer_secret("api_key").send()?;
        Ok(match id_of(&response) {
            Some(id) => ChargeLookup::Found(Outcome::captured(id, amount)),
            None => ChargeLookup::Absent,
        })
    }
}

/// Sends a charge with this amount; returns the acquirer's id of the charge.
fn send(op: &Operation, order: &ChargeOrder, credential: Credential<'_>, minor: i64) -> Result<String, ()> {
    let body = format!(
        r#"{{"amount":{minor},"currency":"{}","reference":"{}","capture":true,"card":{{"number":null,"exp_month":null,"exp_year":null}}}}"#,
        order.amount.currency.to_ascii_lowercase(),
        op.reference,
    );
    let places = [
        ("/card/number", Slot::Number),
        ("/card/exp_month", Slot::ExpMonth),
        ("/card/exp_year", Slot::ExpYear),
    ];
    let request = egress::post("acquirer", "/v1/charges")
        .bearer_secret("api_key")
        .json(body);
    let response = request.slots(credential, &places).send_with(credential).map_err(drop)?;
    id_of(&response).ok_or(())
}

/// Finds the first charge id in a body, without parsing the JSON.
fn id_of(response: &egress::Response) -> Option<String> {
    let text = response.text()?;
    let rest = text.get(text.find("\"ch_")? + 1..)?;
    Some(rest.get(..rest.find('"')?)?.to_owned())
}
