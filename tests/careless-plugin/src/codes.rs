//! Uses of codes.

use tillhouse_plugin::{kv::Expectation, prelude::*, pricing::PricingRedemption};

use crate::{Careless, makes};

impl PricingRedemption for Careless {
    fn redeem(_ctx: Context, op: Operation, codes: Vec<String>) -> Result<(), Failure> {
        if kv::get(&marker(&op))?.is_some() && !makes("redeem-twice") {
            return Ok(());
        }
        for code in &codes {
            counters::add(&redeemed(code), -1, None)?;
        }
        Ok(kv::set(&marker(&op), codes.join("\n").as_bytes(), Expectation::Any)?)
    }

    fn restore(_ctx: Context, op: Operation, _codes: Vec<String>) -> Result<(), Failure> {
        let Some(taken) = kv::get(&marker(&op))? else {
            return Ok(());
        };
        for code in String::from_utf8_lossy(&taken.value).lines() {
            counters::add(&redeemed(code), 1, None)?;
        }
        Ok(kv::delete(&marker(&op), Expectation::Any)?)
    }
}

/// Marks what a payment took.
fn marker(op: &Operation) -> String {
    format!("redemption/{}", op.reference)
}

fn redeemed(code: &str) -> String {
    format!("redeemed/{code}")
}
