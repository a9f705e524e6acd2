//! Rules about notices of other systems: only signed ones are accepted, and each has one reading.

use std::time::Duration;

use tillhouse_plugin::types::Notice;
use tillhouse_plugin_protocol::{Capability, Function};

use super::calls::{call_without_fault, function_call};
use super::{RuleResult, Verdict, broken, does_not_apply};
use crate::env::{Env, FunctionCall, FunctionResult};
use crate::generate::HOSTILE;
use crate::notice::notice;

/// Notices that no system has signed.
const FORGED: [(&str, &str); 5] = [
    ("application/json", "{}"),
    (
        "application/json",
        r#"{"id":"evt_forged","type":"charge.succeeded","reference":"ref_1","amount":1,"currency":"usd","status":"approved"}"#,
    ),
    (
        "application/json",
        r#"{"id":"evt_forged","order":"ord_1","status":"shipped"}"#,
    ),
    (
        "application/x-www-form-urlencoded",
        "id=evt_forged&reference=ref_1&status=approved",
    ),
    ("text/plain", ""),
];

/// The functions that read notices, as far as the component exports them.
fn readers(env: &Env) -> Result<Vec<Function>, Verdict> {
    let readers = [Function::ReadNotice, Function::ReadOrderNotice].into_iter();
    let readers: Vec<Function> = readers.filter(|function| env.exports(function.capability())).collect();
    if readers.is_empty() {
        return does_not_apply(format!(
            "the component exports neither {} nor {}",
            Capability::PaymentsNotices,
            Capability::OrdersNotices
        ));
    }
    Ok(readers)
}

fn reading(function: Function, notice: &Notice) -> FunctionCall {
    function_call(function).with("notice", notice)
}

pub(super) async fn forged_are_rejected(env: &Env) -> RuleResult {
    for function in readers(env)? {
        let known = FORGED.into_iter().chain(HOSTILE.map(|text| ("text/plain", text)));
        let mut forged: Vec<Notice> = known
            .map(|(kind, body)| notice(&[("content-type", kind)], body.into()))
            .collect();
        let examples = env.examples().into_iter().filter(|(of, _)| *of == function);
        forged.extend(examples.filter_map(|(_, example)| without_signature(example)));
        for notice in forged {
            let body = String::from_utf8_lossy(&notice.body).into_owned();
            let situation = format!("an unsigned notice {body:?}");
            let read = call_without_fault(env, &reading(function, &notice), &situation).await?;
            if let FunctionResult::Value(read) = read {
                return broken(format!(
                    "{} must reject {situation} with `rejected`, but it answered {read}",
                    function.name()
                ));
            }
        }
    }
    Ok(())
}

/// The example without the headers that may sign it; `None` if it has none, because then its body is signed.
fn without_signature(example: Notice) -> Option<Notice> {
    let signs = |(name, _): &(String, String)| name != "content-type";
    if !example.headers.iter().any(signs) {
        return None;
    }
    Some(Notice {
        headers: example.headers.into_iter().filter(|header| !signs(header)).collect(),
        ..example
    })
}

pub(super) async fn have_one_reading(env: &Env) -> RuleResult {
    readers(env)?;
    let examples = env.examples();
    if examples.is_empty() {
        return does_not_apply(
            "the setup gives no example of a notice that the plugin accepts: env.payments().example_notice(), \
             env.orders().example_notice()",
        );
    }
    for (function, example) in examples {
        let name = function.name();
        let call = reading(function, &example);
        let first = call_without_fault(env, &call, &format!("{name} of the example of the setup")).await?;
        if let FunctionResult::Failure(failure) = first {
            return broken(format!("{name}: the example of the setup is not accepted: {failure}"));
        }
        // As a system that got no response would send it again.
        env.advance(Duration::from_secs(1)).rng_seed(1);
        let again = call_without_fault(env, &call, &format!("{name} of the same notice again")).await?;
        if first != again {
            return broken(format!(
                "{name} answered {first:?}, but for the same notice a second later {again:?}: the host detects a repeated \
                 notice by the ids of its events"
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_loses_the_headers_that_may_sign_it() {
        let signed = notice(
            &[("content-type", "application/json"), ("x-signature", "k1")],
            b"{}".to_vec(),
        );
        let forged = without_signature(signed).unwrap();
        assert_eq!(forged, notice(&[("content-type", "application/json")], b"{}".to_vec()));
        assert_eq!(without_signature(forged), None, "its body is signed");
    }
}
