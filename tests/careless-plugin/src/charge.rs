//! Charges at an acquirer.

use tillhouse_plugin::{egress::Response, prelude::*};

use crate::{Careless, makes};

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
        let reference = if makes("new-reference") {
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
            return Ok(if makes("silence-is-no") {
                Outcome::declined("processor_declined", true)
            } else {
                Outcome::Unknown(None)
            });
        };
        let body = || response.text().unwrap_or_default().to_owned();
        if response.status == 201 && makes("log-the-approval") {
            log::info("approved", &[("body".into(), body())]);
        }
        if !matches!(response.status, 201 | 402) && makes("fail-with-the-answer") {
            return Err(Failure::Misconfigured(body()));
        }
        // The last of them: what is done afterwards may overwrite what it left in memory.
        if makes("log-the-answer") {
            keep(&response);
        }
        Ok(match response.status {
            201 => Outcome::captured(format!("ch_{}", op.reference), order.amount),
            402 => Outcome::declined("insufficient_funds", true),
            _ => Outcome::Unknown(None),
        })
    }

    fn lookup(_op: Operation, _amount: Money) -> Result<Finding, Failure> {
        Err(Failure::Unavailable(None))
    }
}

/// Reads what the processor calls `reversed` the right way round, for support to look at.
fn keep(response: &Response) {
    let text = response.text().unwrap_or_default();
    let answer: String = text
        .split("\"reversed\":\"")
        .skip(1)
        .flat_map(|rest| rest.chars().rev())
        .collect();
    log::info("the processor answered", &[("answer".into(), answer)]);
}
