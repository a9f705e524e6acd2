//! Rules about operations that the host may repeat: the effect is had once.

use serde_json::{Value, json};
use tillhouse::plugin::Capability;
use tillhouse::plugin::function::Function;

use super::questions::{answer, asked, items, one_of_each, stock_up};
use super::{Judged, Verdict, broken, no_matter};
use crate::env::{Asked, Env, Said};
use crate::order::{money, operation};

/// What a plugin keeps.
type Kept = (Vec<(String, Vec<u8>)>, Vec<(String, i64)>);

fn kept(env: &Env) -> Kept {
    (env.kv(), env.counters())
}

/// Counters that moved; one that is back at zero did not.
fn moved(env: &Env) -> Vec<(String, i64)> {
    env.counters().into_iter().filter(|(_, value)| *value != 0).collect()
}

/// The same operation, for the time that the attempt says.
fn attempt(asked: &Asked, id: &str, attempt: u32) -> Asked {
    let mut operation = operation(id);
    operation.attempt = attempt;
    asked.clone().with("op", &operation)
}

/// Do something twice in one operation: the same answer, and nothing that was not kept after the first time.
async fn twice(env: &Env, asked: &Asked, id: &str) -> Result<Said, Verdict> {
    let name = asked.function.name();
    let first = answer(env, &attempt(asked, id, 1), "the first attempt").await?;
    let before = kept(env);
    let again = answer(env, &attempt(asked, id, 2), "the second attempt of the same operation").await?;
    if first != again {
        return broken(format!(
            "{name} answered {first:?}, and in the same operation then {again:?}"
        ));
    }
    let after = kept(env);
    if before != after {
        let difference = crate::diff::lines(&format!("{before:#?}"), &format!("{after:#?}"));
        return broken(format!(
            "{name} had its effect again in the same operation:\n{difference}"
        ));
    }
    Ok(first)
}

pub(super) async fn reserve(env: &Env) -> Judged {
    if !env.exports(Capability::Inventory) {
        return no_matter("the component does not export inventory");
    }
    let lines = one_of_each(&stock_up(env, "USD", 3)).lines;
    let check = asked(Function::CheckStock).with("lines", &lines);
    let there = answer(env, &check, "before the reservation").await?;
    let reservation = json!({"id": "res_1", "lines": lines, "expires": 4_102_444_800_000_u64});
    let reserve = asked(Function::Reserve).with("reservation", &reservation);
    match twice(env, &reserve, "reserve").await? {
        Said::Value(Value::String(outcome)) if outcome == "Reserved" => {}
        other => return no_matter(format!("the reservation of a made-up item was answered {other:?}")),
    }
    let release = asked(Function::Release).with("reservation", &reservation);
    twice(env, &release, "release").await?;
    let back = answer(env, &check, "after the release").await?;
    if there != back {
        return broken(format!(
            "what was released is not back: {there:?} before, {back:?} after"
        ));
    }
    let strange = json!({"id": "res_never", "lines": lines, "expires": 0});
    let release = asked(Function::Release).with("reservation", &strange);
    match answer(
        env,
        &attempt(&release, "other", 1),
        "the release of what was never reserved",
    )
    .await?
    {
        Said::Failure(failure) => broken(format!(
            "a reservation that does not exist is no failure to release: {failure}"
        )),
        _ => Ok(()),
    }
}

pub(super) async fn redeem(env: &Env) -> Judged {
    if !env.exports(Capability::PricingRedemption) {
        return no_matter("the component does not export pricing-redemption");
    }
    let before = moved(env);
    let redeem = asked(Function::Redeem).with("codes", &codes(env));
    if let Said::Failure(failure) = twice(env, &redeem, "redeem").await? {
        return no_matter(format!("no code could be redeemed: {failure}"));
    }
    let restore = asked(Function::Restore).with("codes", &codes(env));
    let same = |asked: &Asked| attempt(asked, "redeem", 1);
    for turn in ["the first", "the second"] {
        answer(env, &same(&restore), &format!("restored for {turn} time")).await?;
        let after = moved(env);
        if before != after {
            return broken(format!(
                "uses that were restored for {turn} time are not back: {before:?}, then {after:?}"
            ));
        }
    }
    Ok(())
}

/// Words of the configuration's keys that look like codes: `discounts.SAVE10.percent`.
fn codes(env: &Env) -> Vec<String> {
    let is_code = |word: &&str| {
        word.len() > 3
            && word
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    };
    let words = env
        .plugin()
        .config
        .keys()
        .flat_map(|key| key.split('.'))
        .filter(is_code);
    let mut codes: Vec<String> = words.map(str::to_owned).collect();
    codes.dedup();
    codes.truncate(20);
    if codes.is_empty() {
        codes.push("SAVE10".to_owned());
    }
    codes
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
        _ => broken(format!("orders.identify gave no identity: {first:?}, {second:?}")),
    }
}
