//! Redemption of codes that have a usage limit.

use tillhouse_plugin::{counters::Error, kv::Expectation, prelude::*, pricing::PricingRedemption};

use crate::{
    Shop,
    discounts::{Rule, canonical},
};

impl PricingRedemption for Shop {
    fn redeem(_ctx: Context, op: Operation, codes: Vec<String>) -> Result<(), Failure> {
        let limited = limited(&codes)?;
        if limited.is_empty() || kv::get(&marker(&op))?.is_some() {
            return Ok(());
        }
        for (taken, (code, rule, limit)) in limited.iter().enumerate() {
            match counters::add(&rule.counter(), -1, Some(-limit)) {
                Ok(()) => {}
                Err(error) => {
                    restore_uses(limited.iter().take(taken).map(|(_, rule, _)| rule.id.as_str()))?;
                    return Err(redemption_failure(error, code));
                }
            }
        }
        let ids: Vec<&str> = limited.iter().map(|(_, rule, _)| rule.id.as_str()).collect();
        Ok(kv::set(&marker(&op), ids.join("\n").as_bytes(), Expectation::Absent)?)
    }

    fn restore(_ctx: Context, op: Operation, _codes: Vec<String>) -> Result<(), Failure> {
        let Some(taken) = kv::get(&marker(&op))? else {
            return Ok(());
        };
        restore_uses(String::from_utf8_lossy(&taken.value).lines())?;
        Ok(kv::delete(&marker(&op), Expectation::Version(taken.version))?)
    }
}

/// Key that records what a payment redeemed. `redeem` and `restore` get the same reference, and may be retried.
fn marker(op: &Operation) -> String {
    format!("redemption/{}", op.reference)
}

/// Returns the codes that have a usage limit, without duplicates, as the buyer typed them, with their rules and limits.
fn limited(codes: &[String]) -> Result<Vec<(&String, Rule, i64)>, Failure> {
    let mut limited: Vec<(&String, Rule, i64)> = Vec::new();
    for code in codes {
        let Some(id) = canonical(code) else { continue };
        if limited.iter().any(|(_, rule, _)| rule.id == id) {
            continue;
        }
        let Some(rule) = Rule::read(&id)? else { continue };
        if let Some(limit) = rule.usage_limit {
            limited.push((code, rule, limit));
        }
    }
    Ok(limited)
}

fn restore_uses<'a>(ids: impl Iterator<Item = &'a str>) -> Result<(), Failure> {
    for id in ids {
        counters::add(&format!("redeemed/{id}"), 1, None)?;
    }
    Ok(())
}

fn redemption_failure(error: Error, code: &str) -> Failure {
    match error {
        Error::Insufficient => Failure::rejected(
            "discount_code_usage_limit_reached",
            Subject::code(code),
            format!("The code {code} has been used up."),
        ),
        other => other.into(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn host() -> testing::Host {
        let host = testing::Host::new().config("discounts.FREE.percent", "10");
        let host = host
            .config("discounts.ONE.percent", "10")
            .config("discounts.ONE.usage-limit", "1");
        host.config("discounts.TWO.percent", "10")
            .config("discounts.TWO.usage-limit", "2")
    }

    fn redeem(op: &str, codes: &[&str]) -> Result<(), Failure> {
        let codes = codes.iter().map(|code| (*code).into()).collect();
        Shop::redeem(testing::context("USD"), testing::operation(op), codes)
    }

    fn restore(op: &str) {
        Shop::restore(testing::context("USD"), testing::operation(op), vec![]).unwrap();
    }

    #[test]
    fn a_use_is_taken_once_per_payment_however_often_it_is_retried() {
        let host = host().install();
        redeem("a", &["two", "TWO", "FREE"]).unwrap();
        redeem("a", &["two", "TWO", "FREE"]).unwrap();
        assert_eq!((host.counter("redeemed/TWO"), host.counter("redeemed/FREE")), (-1, 0));
        restore("a");
        restore("a");
        assert_eq!(host.counter("redeemed/TWO"), 0);
    }

    #[test]
    fn beyond_the_limit_nothing_is_taken_and_the_code_is_named() {
        let host = host().install();
        redeem("a", &["ONE"]).unwrap();
        let refused = redeem("b", &["TWO", "one"]);
        let Err(Failure::Rejected(rejection)) = refused else {
            unreachable!("{refused:?}")
        };
        assert_eq!(rejection.code, "discount_code_usage_limit_reached");
        assert_eq!(rejection.about, Subject::code("one"));
        assert_eq!((host.counter("redeemed/ONE"), host.counter("redeemed/TWO")), (-1, 0));
        assert!(host.value("redemption/ref_b").is_none());
    }

    #[test]
    fn a_restored_use_can_be_taken_by_another_payment() {
        let _host = host().install();
        redeem("a", &["ONE"]).unwrap();
        restore("a");
        redeem("b", &["ONE"]).unwrap();
        assert!(redeem("c", &["ONE"]).is_err());
    }
}
