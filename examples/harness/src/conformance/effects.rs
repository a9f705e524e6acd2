//! Rules about operations that the host may retry: the effect happens once.

use serde_json::{Value, json};
use tillhouse_plugin_protocol::{Capability, Function};

use super::questions::{answer, asked, items, one_of_each};
use super::{Judged, Verdict, broken, no_matter};
use crate::env::{Asked, Env, Said};
use crate::order::{money, operation};

/// Plugin data: the entries of `kv` and the counters.
pub(super) type Kept = (Vec<(String, Vec<u8>)>, Vec<(String, i64)>);

pub(super) fn kept(env: &Env) -> Kept {
    (env.kv(), env.counters())
}

/// Counters that are not zero; a counter that is back at zero counts as unchanged.
pub(super) fn moved(env: &Env) -> Vec<(String, i64)> {
    env.counters().into_iter().filter(|(_, value)| *value != 0).collect()
}

/// The same call with this operation id and attempt number.
pub(super) fn attempt(asked: &Asked, id: &str, attempt: u32) -> Asked {
    let mut operation = operation(id);
    operation.attempt = attempt;
    asked.clone().with("op", &operation)
}

/// Makes a call twice in one operation: the retry must give the same answer and change no plugin data.
pub(super) async fn twice(env: &Env, asked: &Asked, id: &str) -> Result<Said, Verdict> {
    let name = asked.function.name();
    let first = answer(env, &attempt(asked, id, 1), "the first attempt").await?;
    let before = kept(env);
    let again = answer(env, &attempt(asked, id, 2), "the second attempt of the same operation").await?;
    if first != again {
        return broken(format!(
            "{name} answered {first:?}, but its retry in the same operation {again:?}"
        ));
    }
    let after = kept(env);
    if before != after {
        let difference = crate::diff::lines(&format!("{before:#?}"), &format!("{after:#?}"));
        return broken(format!(
            "{name} changed plugin data again when it was retried in the same operation:\n{difference}"
        ));
    }
    Ok(first)
}

pub(super) async fn identify(env: &Env) -> Judged {
    if !env.exports(Capability::Orders) {
        return no_matter("the component does not export orders");
    }
    let draft = json!({"cart": one_of_each(&items(env)), "total": money(4_598, "USD"), "extensions": []});
    let identify = asked(Function::IdentifyOrder).with("draft", &draft);
    let first = twice(env, &identify, "first").await?;
    let second = answer(env, &attempt(&identify, "second", 1), "another order").await?;
    let id = |said: &Said| match said {
        Said::Value(identity) => identity.get("id").and_then(Value::as_str).map(str::to_owned),
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
