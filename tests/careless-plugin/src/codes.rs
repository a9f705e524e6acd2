//! Redemptions of codes, with mistakes on request.

use tillhouse_plugin::{kv::Expectation, prelude::*, pricing::PricingRedemption};

use crate::{Careless, has_mistake};

/// Usage limit of each code, for mistakes that need one.
const USES: u64 = 5;

impl PricingRedemption for Careless {
    fn redeem(_ctx: Context, op: Operation, codes: Vec<String>) -> Result<(), Failure> {
        let counted = counted(&codes);
        if counted.is_empty() {
            return Ok(());
        }
        if kv::get(&marker(&op))?.is_some() && !has_mistake("redeem-twice") && !has_mistake("redeem-listed-twice") {
            return Ok(());
        }
        for code in &counted {
            take(code)?;
        }
        Ok(kv::set(&marker(&op), counted.join("\n").as_bytes(), Expectation::Any)?)
    }

    fn restore(_ctx: Context, op: Operation, _codes: Vec<String>) -> Result<(), Failure> {
        let Some(taken) = kv::get(&marker(&op))? else {
            return Ok(());
        };
        // The mistake: uses that are kept in `kv` are not restored.
        if !keeps_in_kv() {
            for code in String::from_utf8_lossy(&taken.value).lines() {
                counters::add(&redeemed(code), 1, None)?;
            }
        }
        Ok(kv::delete(&marker(&op), Expectation::Any)?)
    }
}

/// Returns the codes whose uses are counted: all, unless the mistake concerns codes of the configuration.
fn counted(codes: &[String]) -> Vec<String> {
    let listed = |code: &&String| config::get(&format!("codes.{code}")).is_some();
    let all = !has_mistake("redeem-listed-twice");
    codes.iter().filter(|code| all || listed(code)).cloned().collect()
}

fn keeps_in_kv() -> bool {
    has_mistake("uses-in-kv") || has_mistake("five-uses-in-kv")
}

fn take(code: &str) -> Result<(), Failure> {
    if has_mistake("five-uses-in-kv") {
        return take_numbered_use(code);
    }
    if !keeps_in_kv() {
        return Ok(counters::add(&redeemed(code), -1, None)?);
    }
    let before = kv::get(&redeemed(code))?;
    let text = before.map(|before| String::from_utf8_lossy(&before.value).into_owned());
    let uses = text.and_then(|text| text.parse::<u64>().ok()).unwrap_or_default() + 1;
    Ok(kv::set(&redeemed(code), uses.to_string().as_bytes(), Expectation::Any)?)
}

/// Takes the first free key of `USES` numbered keys.
fn take_numbered_use(code: &str) -> Result<(), Failure> {
    for number in 1..=USES {
        let key = format!("{}/{number}", redeemed(code));
        if kv::get(&key)?.is_none() {
            return Ok(kv::set(&key, b"taken", Expectation::Absent)?);
        }
    }
    let about = Subject::code(code);
    Err(Failure::rejected(
        "discount_code_usage_limit_reached",
        about,
        "It is used up.",
    ))
}

/// Key that records what a payment redeemed.
fn marker(op: &Operation) -> String {
    format!("redemption/{}", op.reference)
}

fn redeemed(code: &str) -> String {
    format!("redeemed/{code}")
}
