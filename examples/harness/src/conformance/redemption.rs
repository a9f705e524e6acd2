//! The rule about codes with a limited number of uses: one operation takes one use, and restoring returns exactly one.

use tillhouse_plugin_protocol::{Capability, Function};

use super::calls::{call_without_fault, function_call};
use super::effects::{PluginData, attempt, call_twice, nonzero_counters, plugin_data};
use super::{RuleResult, Verdict, broken, does_not_apply};
use crate::env::{Env, FunctionCall, FunctionResult};

/// How many uses of a code are taken to find out whether its uses are limited.
const MAX_USES: u32 = 128;

/// Maximum number of codes whose uses are exhausted.
const MAX_EXHAUSTED: usize = 3;

/// Maximum number of codes that are tried.
const MAX_CODES: usize = 20;

pub(super) async fn once(env: &Env) -> RuleResult {
    if !env.exports(Capability::PricingRedemption) {
        return does_not_apply("the component does not export pricing-redemption");
    }
    let codes = codes(env);
    let all = Codes::new(&codes, "all");
    let mut is_counted = all.are_counted(env).await?;
    let mut exhausted = 0;
    for code in &codes {
        let one = Codes::new(std::slice::from_ref(code), code);
        if exhausted < MAX_EXHAUSTED && one.are_counted(env).await? {
            is_counted = true;
            exhausted += 1;
            one.exhaust(env).await?;
        }
    }
    if is_counted {
        Ok(())
    } else {
        does_not_apply(format!("the plugin does not count uses of {}", codes.join(", ")))
    }
}

/// Words of configuration keys that look like codes: `discounts.SAVE10.percent`.
fn codes(env: &Env) -> Vec<String> {
    let is_code = |word: &&str| {
        word.len() > 3
            && word
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    };
    let config = env.config_and_secrets().0;
    let words = config.keys().flat_map(|key| key.split('.')).filter(is_code);
    let mut codes: Vec<String> = words.map(str::to_owned).collect();
    codes.dedup();
    codes.truncate(MAX_CODES);
    if codes.is_empty() {
        codes.push("SAVE10".to_owned());
    }
    codes
}

/// Codes that are redeemed together.
#[derive(Debug)]
struct Codes {
    name: String,
    redeem: FunctionCall,
    restore: FunctionCall,
}

impl Codes {
    fn new(codes: &[String], name: &str) -> Self {
        Self {
            name: name.to_owned(),
            redeem: function_call(Function::Redeem).with("codes", &codes),
            restore: function_call(Function::Restore).with("codes", &codes),
        }
    }

    /// Takes a use and restores it. Returns whether the codes had a use to take.
    async fn are_counted(&self, env: &Env) -> Result<bool, Verdict> {
        let (before, stood) = (plugin_data(env), nonzero_counters(env));
        let id = format!("redeem-{}", self.name);
        if let FunctionResult::Failure(failure) = call_twice(env, &self.redeem, &id).await? {
            if stood != nonzero_counters(env) {
                return broken(format!(
                    "pricing-redemption.redeem took a use although it answered with a failure: {failure}"
                ));
            }
            return Ok(false);
        }
        let taken = plugin_data(env);
        if taken == before {
            return Ok(false);
        }
        for time in ["the first", "the second"] {
            self.restore_once(env, &id, time).await?;
            let stands = nonzero_counters(env);
            if stood != stands {
                return broken(format!(
                    "pricing-redemption.restore did not return the use when it was called for {time} time: the counters were {stood:?} before redeem and are {stands:?} after restore"
                ));
            }
        }
        if taken.1 == before.1 {
            self.restores_exactly(env, &plugin_data(env)).await?;
        }
        Ok(true)
    }

    async fn restore_once(&self, env: &Env, id: &str, time: &str) -> RuleResult {
        let restore = attempt(&self.restore, id, 1);
        match call_without_fault(env, &restore, &format!("restored for {time} time")).await? {
            FunctionResult::Failure(failure) => broken(format!(
                "pricing-redemption.restore failed when it was called for {time} time, so the use is lost: {failure}"
            )),
            _ => Ok(()),
        }
    }

    /// For uses that are counted in `kv`: after another redeem and restore, `kv` is the same as before.
    async fn restores_exactly(&self, env: &Env, left: &PluginData) -> RuleResult {
        let id = format!("redeem-{}-again", self.name);
        if let FunctionResult::Failure(failure) =
            call_without_fault(env, &attempt(&self.redeem, &id, 1), "redeemed again").await?
        {
            return broken(format!("a restored use cannot be redeemed again: {failure}"));
        }
        self.restore_once(env, &id, "the first").await?;
        for (key, value) in plugin_data(env).0 {
            let before = left.0.iter().find(|(name, _)| *name == key);
            if let Some((_, before)) = before.filter(|(_, before)| *before != value) {
                return broken(format!(
                    "restored uses were not returned: kv `{key}` was {}, and is {} after another redeem and restore",
                    String::from_utf8_lossy(before),
                    String::from_utf8_lossy(&value)
                ));
            }
        }
        Ok(())
    }

    /// Redeems the codes until that is refused; a restore must then return exactly one use.
    async fn exhaust(&self, env: &Env) -> RuleResult {
        let redeem = |id: &str| attempt(&self.redeem, id, 1);
        let mut last: Option<String> = None;
        for number in 1..=MAX_USES {
            let id = format!("use-{}-{number}", self.name);
            if let FunctionResult::Failure(failure) = call_without_fault(env, &redeem(&id), "another use").await? {
                return match last {
                    Some(last) => self.one_use_is_restored(env, &last).await,
                    None => broken(format!("a restored use cannot be redeemed again: {failure}")),
                };
            }
            last = Some(id);
        }
        Ok(())
    }

    async fn one_use_is_restored(&self, env: &Env, last: &str) -> RuleResult {
        let again = attempt(&self.redeem, last, 2);
        if let FunctionResult::Failure(failure) =
            call_without_fault(env, &again, "the last use, asked for again").await?
        {
            return broken(format!(
                "the last use was redeemed, but the retry of the same operation was refused: {failure}"
            ));
        }
        for time in ["the first", "the second"] {
            self.restore_once(env, last, time).await?;
        }
        let next = attempt(&self.redeem, &format!("{last}-next"), 1);
        if let FunctionResult::Failure(failure) = call_without_fault(env, &next, "the use that was restored").await? {
            return broken(format!("a restored use cannot be redeemed again: {failure}"));
        }
        let more = attempt(&self.redeem, &format!("{last}-more"), 1);
        match call_without_fault(env, &more, "one use more than was restored").await? {
            FunctionResult::Failure(_) => Ok(()),
            _ => broken("restoring one use twice made two uses available"),
        }
    }
}
