//! The rule about codes with a limited number of uses: one operation takes one use, and restoring returns exactly one.

use tillhouse_plugin_protocol::{Capability, Function};

use super::effects::{Kept, attempt, kept, moved, twice};
use super::questions::{answer, asked};
use super::{Judged, Verdict, broken, no_matter};
use crate::env::{Asked, Env, Said};

/// How many uses of a code are taken to find out whether its uses are limited.
const USES: u32 = 128;

/// Maximum number of codes whose uses are exhausted.
const USED_UP: usize = 3;

/// Maximum number of codes that are tried.
const CODES: usize = 20;

pub(super) async fn once(env: &Env) -> Judged {
    if !env.exports(Capability::PricingRedemption) {
        return no_matter("the component does not export pricing-redemption");
    }
    let codes = codes(env);
    let all = Codes::new(&codes, "all");
    let mut is_counted = all.are_counted(env).await?;
    let mut used_up = 0;
    for code in &codes {
        let one = Codes::new(std::slice::from_ref(code), code);
        if used_up < USED_UP && one.are_counted(env).await? {
            is_counted = true;
            used_up += 1;
            one.come_to_an_end(env).await?;
        }
    }
    if is_counted {
        Ok(())
    } else {
        no_matter(format!("the plugin does not count uses of {}", codes.join(", ")))
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
    let config = env.told().0;
    let words = config.keys().flat_map(|key| key.split('.')).filter(is_code);
    let mut codes: Vec<String> = words.map(str::to_owned).collect();
    codes.dedup();
    codes.truncate(CODES);
    if codes.is_empty() {
        codes.push("SAVE10".to_owned());
    }
    codes
}

/// Codes that are redeemed together.
#[derive(Debug)]
struct Codes {
    called: String,
    redeem: Asked,
    restore: Asked,
}

impl Codes {
    fn new(codes: &[String], called: &str) -> Self {
        Self {
            called: called.to_owned(),
            redeem: asked(Function::Redeem).with("codes", &codes),
            restore: asked(Function::Restore).with("codes", &codes),
        }
    }

    /// Takes a use and restores it. Returns whether the codes had a use to take.
    async fn are_counted(&self, env: &Env) -> Result<bool, Verdict> {
        let (before, stood) = (kept(env), moved(env));
        let id = format!("redeem-{}", self.called);
        if let Said::Failure(failure) = twice(env, &self.redeem, &id).await? {
            if stood != moved(env) {
                return broken(format!(
                    "pricing-redemption.redeem took a use although it answered with a failure: {failure}"
                ));
            }
            return Ok(false);
        }
        let taken = kept(env);
        if taken == before {
            return Ok(false);
        }
        for turn in ["the first", "the second"] {
            self.give_back(env, &id, turn).await?;
            let stands = moved(env);
            if stood != stands {
                return broken(format!(
                    "pricing-redemption.restore did not return the use when it was called for {turn} time: the counters were {stood:?} before redeem and are {stands:?} after restore"
                ));
            }
        }
        if taken.1 == before.1 {
            self.do_not_grow(env, &kept(env)).await?;
        }
        Ok(true)
    }

    async fn give_back(&self, env: &Env, id: &str, turn: &str) -> Judged {
        let restore = attempt(&self.restore, id, 1);
        match answer(env, &restore, &format!("restored for {turn} time")).await? {
            Said::Failure(failure) => broken(format!(
                "pricing-redemption.restore failed when it was called for {turn} time, so the use is lost: {failure}"
            )),
            _ => Ok(()),
        }
    }

    /// For uses that are counted in `kv`: after another redeem and restore, `kv` is the same as before.
    async fn do_not_grow(&self, env: &Env, left: &Kept) -> Judged {
        let id = format!("redeem-{}-again", self.called);
        if let Said::Failure(failure) = answer(env, &attempt(&self.redeem, &id, 1), "redeemed again").await? {
            return broken(format!("a restored use cannot be redeemed again: {failure}"));
        }
        self.give_back(env, &id, "the first").await?;
        for (key, value) in kept(env).0 {
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
    async fn come_to_an_end(&self, env: &Env) -> Judged {
        let redeem = |id: &str| attempt(&self.redeem, id, 1);
        let mut last: Option<String> = None;
        for number in 1..=USES {
            let id = format!("use-{}-{number}", self.called);
            if let Said::Failure(failure) = answer(env, &redeem(&id), "another use").await? {
                return match last {
                    Some(last) => self.one_comes_back(env, &last).await,
                    None => broken(format!("a restored use cannot be redeemed again: {failure}")),
                };
            }
            last = Some(id);
        }
        Ok(())
    }

    async fn one_comes_back(&self, env: &Env, last: &str) -> Judged {
        let again = attempt(&self.redeem, last, 2);
        if let Said::Failure(failure) = answer(env, &again, "the last use, asked for again").await? {
            return broken(format!(
                "the last use was redeemed, but the retry of the same operation was refused: {failure}"
            ));
        }
        for turn in ["the first", "the second"] {
            self.give_back(env, last, turn).await?;
        }
        let next = attempt(&self.redeem, &format!("{last}-next"), 1);
        if let Said::Failure(failure) = answer(env, &next, "the use that was given back").await? {
            return broken(format!("a restored use cannot be redeemed again: {failure}"));
        }
        let more = attempt(&self.redeem, &format!("{last}-more"), 1);
        match answer(env, &more, "one use more than was given back").await? {
            Said::Failure(_) => Ok(()),
            _ => broken("restoring one use twice made two uses available"),
        }
    }
}
