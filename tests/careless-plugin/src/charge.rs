//! Charges at an acquirer, with mistakes on request.

use tillhouse_plugin::{egress::Response, prelude::*};

use crate::{Careless, has_mistake};

impl Payments for Careless {
    fn profile() -> Result<ProcessorProfile, Failure> {
        Ok(ProcessorProfile {
            processor: "careless".into(),
            idempotency: Some(Idempotency {
                header: "Idempotency-Key".into(),
                key_life_s: 86_400,
                replays_errors: true,
            }),
            visibility_delay_s: 60,
            currencies: Vec::new(),
            extensions: Vec::new(),
        })
    }

    fn charge(op: Operation, order: ChargeOrder, credential: Credential<'_>) -> Result<Outcome, Failure> {
        if !credential.has(Slot::Number) {
            return Ok(Outcome::declined("processor_declined", false));
        }
        let reference = if has_mistake("new-reference") {
            format!("{}-{}", op.reference, op.attempt)
        } else {
            op.reference.clone()
        };
        let body = format!(
            r#"{{"amount":{},"reference":"{reference}","card":{{"number":null}}}}"#,
            order.amount.minor
        );
        let request = egress::post("acquirer", "/v1/charges")
            .bearer_secret("api_key")
            .json(body);
        let sent = request
            .slots(credential, &[("/card/number", Slot::Number)])
            .send_with(credential);
        let Ok(response) = sent else {
            return Ok(if has_mistake("silence-is-no") {
                Outcome::declined("processor_declined", true)
            } else {
                Outcome::Unknown(None)
            });
        };
        let body = || response.text().unwrap_or_default().to_owned();
        if response.status == 201 && has_mistake("log-the-approval") {
            log::info("approved", &[("body".into(), body())]);
        }
        if !matches!(response.status, 201 | 402) && has_mistake("fail-with-the-answer") {
            return Err(Failure::Misconfigured(body()));
        }
        // Must come last, because later work may overwrite the copy that it leaves in memory.
        if has_mistake("log-the-answer") {
            log_reversed(&response);
        }
        Ok(match response.status {
            201 => Outcome::captured(format!("ch_{}", op.reference), order.amount),
            402 => Outcome::declined("insufficient_funds", true),
            429 if has_mistake("busy-is-no") => Outcome::declined("processor_declined", true),
            _ => Outcome::Unknown(None),
        })
    }

    fn lookup(op: Operation, _amount: Money) -> Result<ChargeLookup, Failure> {
        let request = egress::get("acquirer", "/v1/charges").bearer_secret("api_key");
        let answer = request.query("reference", op.reference.as_str()).send()?;
        match (answer.status, answer.text().unwrap_or_default()) {
            (200, r#"{"data":[]}"#) => Ok(ChargeLookup::Absent),
            (500.., _) if has_mistake("silence-is-absent") => Ok(ChargeLookup::Absent),
            _ => Err(Failure::Unavailable(None)),
        }
    }
}

/// Logs the field `reversed` in its original order, which reveals data that the host's redaction did not find.
fn log_reversed(response: &Response) {
    let text = response.text().unwrap_or_default();
    let answer: String = text
        .split("\"reversed\":\"")
        .skip(1)
        .flat_map(|rest| rest.chars().rev())
        .collect();
    log::info("the processor answered", &[("answer".into(), answer)]);
}
