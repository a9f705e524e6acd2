//! The rule about lookups: they ask, and make nothing.

use tillhouse_plugin_protocol::Function;

use super::calls::{call_without_fault, function_call};
use super::effects::{attempt, plugin_data};
use super::payments::{charge, charges};
use super::{RuleResult, broken, does_not_apply};
use crate::card;
use crate::env::{Env, FunctionCall, FunctionResult};
use crate::order::money;
use crate::upstream::Received;

/// A function that moves money, and the one that looks up what became of it.
struct Pair {
    makes: FunctionCall,
    looks_up: FunctionCall,
}

/// The pairs that the component exports.
fn pairs(env: &Env) -> Vec<Pair> {
    let amount = money(4_598, "USD");
    let of_charge = |function: Function| function_call(function).with("processor_reference", &"ch_1");
    let of_amount = |function: Function| of_charge(function).with("amount", &amount);
    let pair = |makes: FunctionCall, looks_up: FunctionCall| Pair { makes, looks_up };
    let pairs = [
        pair(
            charge(card::visa(), 1),
            function_call(Function::Lookup).with("amount", &amount),
        ),
        pair(of_charge(Function::Void), of_charge(Function::LookupVoid)),
        pair(of_amount(Function::Refund), of_amount(Function::LookupRefund)),
        pair(of_amount(Function::Capture), of_amount(Function::LookupCapture)),
    ];
    let exported = |pair: &Pair| env.exports(pair.makes.function.capability());
    pairs.into_iter().filter(exported).collect()
}

pub(super) async fn make_nothing(env: &Env) -> RuleResult {
    charges(env)?;
    let mut asked = false;
    for Pair { makes, looks_up } in pairs(env) {
        let id = format!("lookup-of-{}", makes.function.name());
        let (_, made) = sent_by(env, &attempt(&makes, &id, 1)).await?;
        let data = plugin_data(env);
        let (first, questions) = sent_by(env, &attempt(&looks_up, &id, 1)).await?;
        let (second, again) = sent_by(env, &attempt(&looks_up, &id, 2)).await?;
        let name = looks_up.function.name();
        if let Some(request) = questions.iter().find(|request| has_effect(request, &made)) {
            return broken(format!(
                "{name} sent {} {}, which {} sends too: a lookup must not make what it looks up",
                request.method,
                request.path,
                makes.function.name()
            ));
        }
        if first != second || questions != again {
            return broken(format!(
                "{name} answered {first:?} and sent {}, but again {second:?} and {}",
                shown(&questions),
                shown(&again)
            ));
        }
        if data != plugin_data(env) {
            return broken(format!("{name} changed plugin data"));
        }
        asked |= !questions.is_empty();
    }
    if asked {
        Ok(())
    } else {
        does_not_apply("no lookup sent a request")
    }
}

/// Makes a call, and returns its result with the requests that it sent.
async fn sent_by(env: &Env, call: &FunctionCall) -> Result<(FunctionResult, Vec<Received>), super::Verdict> {
    let before = received(env).len();
    let result = call_without_fault(env, call, call.function.name()).await?;
    Ok((result, received(env).split_off(before)))
}

fn received(env: &Env) -> Vec<Received> {
    env.upstreams()
        .flat_map(|upstream| upstream.script().received.clone())
        .collect()
}

/// Whether a request of a lookup is one of those that made what it looks up.
fn has_effect(request: &Received, made: &[Received]) -> bool {
    let is_same =
        |other: &Received| (&other.method, &other.path, &other.body) == (&request.method, &request.path, &request.body);
    request.method != "GET" && made.iter().any(is_same)
}

fn shown(requests: &[Received]) -> String {
    let shown = requests
        .iter()
        .map(|request| format!("{} {}", request.method, request.path));
    shown.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_request_that_made_it_is_an_effect_of_a_lookup() {
        let made = [
            Received::new("POST", "/refunds", r#"{"amount":5}"#),
            Received::new("GET", "/charges/ch_1", ""),
        ];
        assert!(has_effect(&made[0], &made));
        assert!(!has_effect(&made[1], &made), "a question");
        assert!(!has_effect(&Received::new("POST", "/refunds/search", "{}"), &made));
    }
}
