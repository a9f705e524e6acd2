//! The rule about missing and inconclusive answers: a plugin must not report what the processor did not say.

use serde_json::{Value, json};
use tillhouse_plugin_protocol::Function;

use super::echo::{forget, otherwise};
use super::payments::{charge, charges};
use super::questions::{answer, asked};
use super::{Judged, broken, no_matter};
use crate::card;
use crate::env::{Asked, Env, Said};
use crate::order::{money, operation};
use crate::upstream::{Answer, Fault};

/// Faults after the request was sent, so the outcome is unknown.
const FAULTS: [Fault; 5] = [
    Fault::ResetAfterRequest,
    Fault::ResetBeforeAnswer,
    Fault::Truncated,
    Fault::Garbage,
    Fault::Timeout,
];

/// Statuses for "retry later", "busy" or "server error": they say nothing about the charge, whatever the body says.
const NO_ANSWER: [u16; 10] = [408, 409, 425, 429, 500, 501, 502, 503, 504, 529];

pub(super) async fn decides_nothing(env: &Env) -> Judged {
    charges(env)?;
    let mut sent = false;
    for (name, silent) in answers() {
        forget(env);
        otherwise(env, &silent);
        for question in questions(env) {
            let before = received(env);
            let function = question.function;
            let circumstances = format!("{} with an upstream that answers with {name}", function.name());
            let said = answer(env, &question, &circumstances).await?;
            if received(env) > before {
                sent = true;
                judge(function, &said).or_else(|how| broken(format!("{circumstances}: {how}")))?;
            }
        }
    }
    if sent {
        Ok(())
    } else {
        no_matter("no call sent a request to the processor")
    }
}

fn answers() -> Vec<(String, Answer)> {
    let faults = FAULTS
        .into_iter()
        .map(|fault| (format!("{fault:?}"), Answer::Fault(fault)));
    let mut answers: Vec<(String, Answer)> = faults.collect();
    for status in NO_ANSWER {
        answers.push((
            format!("{status} and an empty body"),
            Answer::Text(status, String::new()),
        ));
        let body = json!({"error": {"type": "error", "code": "error", "message": "Try again later."}});
        answers.push((format!("{status} and an error body"), Answer::Json(status, body)));
    }
    let page = "<html>Service Unavailable</html>";
    answers.push((
        "200 and a body that is not JSON".to_owned(),
        Answer::Text(200, page.to_owned()),
    ));
    answers
}

/// The exported functions that decide about money.
fn questions(env: &Env) -> Vec<Asked> {
    let amount = money(4_598, "USD");
    let of_charge = |function: Function| asked(function).with("processor_reference", &"ch_1");
    let questions = [
        asked(Function::Lookup).with("amount", &amount),
        of_charge(Function::Void),
        of_charge(Function::Refund).with("amount", &amount),
        asked(Function::CancelByReference),
    ];
    let op = operation("silence");
    let questions = questions.into_iter().map(|asked| asked.with("op", &op));
    let there = questions.filter(|asked| env.exports(asked.function.capability()));
    std::iter::once(charge(card::visa(), 1)).chain(there).collect()
}

fn received(env: &Env) -> usize {
    env.upstreams().map(|upstream| upstream.script().received.len()).sum()
}

/// `Err` is the reason why the answer breaks the rule.
fn judge(function: Function, said: &Said) -> Result<(), String> {
    match (function, said) {
        (_, Said::Fault(fault)) => Err(fault.to_string()),
        (Function::Charge, Said::Failure(failure)) => Err(format!(
            "a failure means that no request was sent, but one was: {failure}; answer unknown"
        )),
        (_, Said::Failure(_)) => Ok(()),
        (_, Said::Value(value)) => decision(function, value).map_or(Ok(()), |case| {
            Err(format!(
                "the upstream did not say {}, so the plugin must not either; answer {}",
                case.to_lowercase(),
                if function == Function::Lookup {
                    "unavailable"
                } else {
                    "unknown"
                },
            ))
        }),
    }
}

/// The case of the answer that states an outcome, or `None` if it leaves the outcome open.
fn decision(function: Function, value: &Value) -> Option<&'static str> {
    let cases: &[&'static str] = match function {
        Function::Charge => &["Approved", "Declined", "Pending"],
        Function::Lookup => &["Absent"],
        Function::Void => &["Voided", "TooLate"],
        Function::Refund => &["Refunded", "Pending", "Declined"],
        Function::CancelByReference => &["Canceled", "TooLate"],
        _ => &[],
    };
    let is = |case: &&&str| value.get(**case).is_some() || value.as_str() == Some(**case);
    let found = match value.get("Found") {
        Some(found) if function == Function::Lookup => return decision(Function::Charge, found),
        _ => cases.iter().find(is),
    };
    found.copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_leaves_it_open_is_an_answer_to_silence() {
        for (function, decides) in [
            (
                Function::Charge,
                json!({"Declined": {"code": "do_not_honor", "retryable": true}}),
            ),
            (Function::Lookup, json!("Absent")),
            (Function::Lookup, json!({"Found": {"Approved": {}}})),
            (Function::Void, json!("Voided")),
            (Function::Refund, json!({"Declined": "not_found"})),
            (Function::CancelByReference, json!("TooLate")),
        ] {
            assert!(judge(function, &Said::Value(decides.clone())).is_err(), "{decides}");
        }
        for (function, open) in [
            (Function::Charge, json!({"Unknown": null})),
            (Function::Lookup, json!({"Found": {"Unknown": "ch_1"}})),
            (Function::Void, json!("Unknown")),
        ] {
            assert_eq!(judge(function, &Said::Value(open.clone())), Ok(()), "{open}");
        }
        let failure = Said::Failure(json!({"Unavailable": null}));
        assert_eq!(judge(Function::Lookup, &failure), Ok(()));
        assert!(judge(Function::Charge, &failure).is_err(), "the request was sent");
    }
}
