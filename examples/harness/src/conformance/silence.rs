//! The rule about missing and inconclusive answers: a plugin must not report what the processor did not say.

use serde_json::{Value, json};
use tillhouse_plugin_protocol::Function;

use super::calls::{call_without_fault, function_call};
use super::echo::{clear_expectations, set_fallback_answer};
use super::payments::{charge, charges};
use super::{RuleResult, broken, does_not_apply};
use crate::card;
use crate::env::{Env, FunctionCall, FunctionResult};
use crate::order::{money, operation};
use crate::upstream::{Fault, UpstreamAnswer};

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

pub(super) async fn decides_nothing(env: &Env) -> RuleResult {
    charges(env)?;
    let mut sent = false;
    for (name, silent) in answers() {
        clear_expectations(env);
        set_fallback_answer(env, &silent);
        for call in calls(env) {
            let before = received(env);
            let function = call.function;
            let situation = format!("{} with an upstream that answers with {name}", function.name());
            let result = call_without_fault(env, &call, &situation).await?;
            if received(env) > before {
                sent = true;
                check_result(function, &result).or_else(|how| broken(format!("{situation}: {how}")))?;
            }
        }
    }
    if sent {
        Ok(())
    } else {
        does_not_apply("no call sent a request to the processor")
    }
}

fn answers() -> Vec<(String, UpstreamAnswer)> {
    let faults = FAULTS
        .into_iter()
        .map(|fault| (format!("{fault:?}"), UpstreamAnswer::Fault(fault)));
    let mut answers: Vec<(String, UpstreamAnswer)> = faults.collect();
    for status in NO_ANSWER {
        answers.push((
            format!("{status} and an empty body"),
            UpstreamAnswer::Text(status, String::new()),
        ));
        let body = json!({"error": {"type": "error", "code": "error", "message": "Try again later."}});
        answers.push((
            format!("{status} and an error body"),
            UpstreamAnswer::Json(status, body),
        ));
    }
    let page = "<html>Service Unavailable</html>";
    answers.push((
        "200 and a body that is not JSON".to_owned(),
        UpstreamAnswer::Text(200, page.to_owned()),
    ));
    answers
}

/// The exported functions that decide about money.
fn calls(env: &Env) -> Vec<FunctionCall> {
    let amount = money(4_598, "USD");
    let of_charge = |function: Function| function_call(function).with("processor_reference", &"ch_1");
    let of_amount = |function: Function| of_charge(function).with("amount", &amount);
    let calls = [
        function_call(Function::Lookup).with("amount", &amount),
        of_charge(Function::Void),
        of_charge(Function::LookupVoid),
        of_amount(Function::Refund),
        of_amount(Function::LookupRefund),
        of_amount(Function::Capture),
        of_amount(Function::LookupCapture),
        function_call(Function::CancelByReference),
    ];
    let op = operation("silence");
    let calls = calls.into_iter().map(|call| call.with("op", &op));
    let there = calls.filter(|call| env.exports(call.function.capability()));
    std::iter::once(charge(card::visa(), 1)).chain(there).collect()
}

fn received(env: &Env) -> usize {
    env.upstreams().map(|upstream| upstream.script().received.len()).sum()
}

/// `Err` is the reason why the answer breaks the rule.
fn check_result(function: Function, result: &FunctionResult) -> Result<(), String> {
    match (function, result) {
        (_, FunctionResult::Fault(fault)) => Err(fault.to_string()),
        (Function::Charge, FunctionResult::Failure(failure)) => Err(format!(
            "a failure means that no request was sent, but one was: {failure}; answer unknown"
        )),
        (_, FunctionResult::Failure(_)) => Ok(()),
        (_, FunctionResult::Value(value)) => decision(function, value).map_or(Ok(()), |case| {
            Err(format!(
                "the upstream did not say {}, so the plugin must not either; answer {}",
                case.to_lowercase(),
                match found_outcome(function) {
                    Some(_) => "unavailable",
                    None => "unknown",
                },
            ))
        }),
    }
}

/// For a lookup that answers `found` with an outcome: the function whose outcome that is.
const fn found_outcome(function: Function) -> Option<Function> {
    match function {
        Function::Lookup => Some(Function::Charge),
        Function::LookupVoid => Some(Function::Void),
        Function::LookupRefund => Some(Function::Refund),
        Function::LookupCapture => Some(Function::Capture),
        _ => None,
    }
}

/// The case of the answer that states an outcome, or `None` if it leaves the outcome open.
fn decision(function: Function, value: &Value) -> Option<&'static str> {
    if let (Some(of), Some(found)) = (found_outcome(function), value.get("Found")) {
        return decision(of, found);
    }
    let cases: &[&'static str] = match function {
        Function::Charge => &["Approved", "Declined", "Pending", "ActionRequired"],
        Function::Lookup | Function::LookupVoid | Function::LookupRefund | Function::LookupCapture => &["Absent"],
        Function::Void => &["Voided", "TooLate"],
        Function::Refund => &["Refunded", "Pending", "Declined"],
        Function::Capture => &["Captured", "Pending", "Declined"],
        Function::CancelByReference => &["Canceled", "TooLate"],
        _ => &[],
    };
    let is = |case: &&&str| value.get(**case).is_some() || value.as_str() == Some(**case);
    cases.iter().find(is).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_open_outcome_is_an_answer_to_silence() {
        for (function, decides) in [
            (
                Function::Charge,
                json!({"Declined": {"code": "do_not_honor", "retryable": true}}),
            ),
            (Function::Lookup, json!("Absent")),
            (Function::Lookup, json!({"Found": {"Approved": {}}})),
            (Function::Void, json!("Voided")),
            (Function::LookupVoid, json!("Absent")),
            (Function::LookupVoid, json!({"Found": "Voided"})),
            (Function::Refund, json!({"Declined": "not_found"})),
            (Function::LookupRefund, json!("Absent")),
            (Function::LookupRefund, json!({"Found": {"Refunded": "re_1"}})),
            (Function::Capture, json!("Captured")),
            (Function::LookupCapture, json!({"Found": {"Pending": "cap_1"}})),
            (Function::Charge, json!({"ActionRequired": {"kind": "redirect"}})),
            (Function::CancelByReference, json!("TooLate")),
        ] {
            assert!(
                check_result(function, &FunctionResult::Value(decides.clone())).is_err(),
                "{decides}"
            );
        }
        for (function, open) in [
            (Function::Charge, json!({"Unknown": null})),
            (Function::Lookup, json!({"Found": {"Unknown": "ch_1"}})),
            (Function::Void, json!("Unknown")),
            (Function::LookupVoid, json!({"Found": "Unknown"})),
            (Function::LookupRefund, json!({"Found": "Unknown"})),
        ] {
            assert_eq!(
                check_result(function, &FunctionResult::Value(open.clone())),
                Ok(()),
                "{open}"
            );
        }
        let failure = FunctionResult::Failure(json!({"Unavailable": null}));
        assert_eq!(check_result(Function::Lookup, &failure), Ok(()));
        assert!(
            check_result(Function::Charge, &failure).is_err(),
            "the request was sent"
        );
    }
}
