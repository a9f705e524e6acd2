//! The rule about repeated charges: a retry must send the same request.

use serde_json::Value;
use tillhouse_plugin::payments::ChargeOrder;
use tillhouse_plugin_protocol::{Capability, Function};

use super::calls::{call_without_fault, function_call};
use super::{RuleResult, broken, does_not_apply};
use crate::card::{self, Card};
use crate::env::{Env, FunctionCall, FunctionResult};
use crate::order::{operation, order};
use crate::upstream::Received;

pub(super) fn charge(card: Card, attempt: u32) -> FunctionCall {
    let mut operation = operation("charge");
    operation.attempt = attempt;
    let order = ChargeOrder::from(order().total(4_598, "usd").email("jane@example.com"));
    let mut call = function_call(Function::Charge)
        .with("op", &operation)
        .with("order", &order);
    call.card = Some(card);
    call
}

pub(super) fn charges(env: &Env) -> RuleResult {
    if env.exports(Capability::Payments) {
        Ok(())
    } else {
        does_not_apply("the component does not export payments")
    }
}

/// Requests that may have an effect at an upstream: all but `GET`.
fn sent(env: &Env) -> Vec<Received> {
    let all = env.upstreams().flat_map(|upstream| upstream.script().received.clone());
    all.filter(|request| request.method != "GET").collect()
}

pub(super) async fn same_request(env: &Env) -> RuleResult {
    charges(env)?;
    let profile = call_without_fault(env, &function_call(Function::Profile), "the profile").await?;
    let FunctionResult::Value(profile) = profile else {
        return broken(format!("payments.profile did not return a profile: {profile:?}"));
    };
    if profile.get("idempotency").is_none_or(Value::is_null) {
        return does_not_apply("the processor has no idempotency, so its charges are never retried");
    }
    call_without_fault(env, &charge(card::visa(), 1), "a charge").await?;
    let first = sent(env);
    call_without_fault(env, &charge(card::visa(), 2), "the same charge again").await?;
    let both = sent(env);
    let again = both.get(first.len()..).unwrap_or_default();
    if first.is_empty() {
        return does_not_apply("the charge sent no request");
    }
    if first != again {
        let shown = |requests: &[Received]| {
            let shown = requests
                .iter()
                .map(|request| format!("{} {}\n{}", request.method, request.path, request.text()));
            shown.collect::<Vec<_>>().join("\n")
        };
        let difference = crate::diff::lines(&shown(&first), &shown(again));
        return broken(format!(
            "a retry of the same operation sent a different request, which the processor treats as a second charge:\n{difference}"
        ));
    }
    Ok(())
}
