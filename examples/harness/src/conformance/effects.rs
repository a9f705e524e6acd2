//! Rules about operations that the host may retry: the effect happens once.

use serde_json::Value;
use tillhouse_plugin::testing;
use tillhouse_plugin_protocol::{Capability, Function};

use super::calls::{call_without_fault, function_call, items, one_of_each};
use super::{RuleResult, Verdict, broken, does_not_apply};
use crate::env::{Env, FunctionCall, FunctionResult};
use crate::order::{money, operation};

/// Plugin data: the entries of `kv` and the counters.
pub(super) type PluginData = (Vec<(String, Vec<u8>)>, Vec<(String, i64)>);

pub(super) fn plugin_data(env: &Env) -> PluginData {
    (env.kv(), env.counters())
}

/// Counters that are not zero; a counter that is back at zero counts as unchanged.
pub(super) fn nonzero_counters(env: &Env) -> Vec<(String, i64)> {
    env.counters().into_iter().filter(|(_, value)| *value != 0).collect()
}

/// The same call with this operation id and attempt number.
pub(super) fn attempt(call: &FunctionCall, id: &str, attempt: u32) -> FunctionCall {
    let mut operation = operation(id);
    operation.attempt = attempt;
    call.clone().with("op", &operation)
}

/// Makes a call twice in one operation: the retry must give the same answer and change no plugin data.
pub(super) async fn call_twice(env: &Env, call: &FunctionCall, id: &str) -> Result<FunctionResult, Verdict> {
    let name = call.function.name();
    let first = call_without_fault(env, &attempt(call, id, 1), "the first attempt").await?;
    let before = plugin_data(env);
    let again = call_without_fault(env, &attempt(call, id, 2), "the second attempt of the same operation").await?;
    if first != again {
        return broken(format!(
            "{name} answered {first:?}, but its retry in the same operation {again:?}"
        ));
    }
    let after = plugin_data(env);
    if before != after {
        let difference = crate::diff::lines(&format!("{before:#?}"), &format!("{after:#?}"));
        return broken(format!(
            "{name} changed plugin data again when it was retried in the same operation:\n{difference}"
        ));
    }
    Ok(first)
}

pub(super) async fn identify(env: &Env) -> RuleResult {
    if !env.exports(Capability::Orders) {
        return does_not_apply("the component does not export orders");
    }
    let draft = testing::draft(one_of_each(&items(env)), money(4_598, "USD"));
    let identify = function_call(Function::IdentifyOrder).with("draft", &draft);
    let first = call_twice(env, &identify, "first").await?;
    let second = call_without_fault(env, &attempt(&identify, "second", 1), "another order").await?;
    let id = |result: &FunctionResult| match result {
        FunctionResult::Value(identity) => identity.get("id").and_then(Value::as_str).map(str::to_owned),
        _ => None,
    };
    match (id(&first), id(&second)) {
        (Some(first), Some(second)) if first == second => broken(format!("two orders have the identity {first}")),
        (Some(_), Some(_)) => Ok(()),
        _ => broken(format!(
            "orders.identify did not return an identity: {first:?}, {second:?}"
        )),
    }
}
