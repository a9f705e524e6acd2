//! Discount codes with a limited number of uses over all orders.

use tillhouse_plugin::prelude::*;

use crate::Shop;

impl PricingRedemption for Shop {
    /// Redeems each code once, all or none. The host may call again with the same operation.
    fn redeem(_ctx: Context, op: Operation, codes: Vec<String>) -> Result<(), Failure> {
        let limit = config::parse_or("uses-per-code", 100)?;
        if kv::get(&redemption(&op))?.is_some() {
            return Ok(());
        }
        for (taken, code) in codes.iter().enumerate() {
            if let Err(error) = counters::add(&used(code), -1, Some(-limit)) {
                restore_uses(codes.iter().take(taken).map(String::as_str))?;
                return Err(refused(error, code));
            }
        }
        let note = codes.join("\n");
        Ok(kv::set(
            &redemption(&op),
            note.as_bytes(),
            kv::Expectation::Absent,
        )?)
    }

    /// Restores the uses that the payment redeemed.
    fn restore(_ctx: Context, op: Operation, _codes: Vec<String>) -> Result<(), Failure> {
        let Some(taken) = kv::get(&redemption(&op))? else {
            return Ok(());
        };
        restore_uses(String::from_utf8_lossy(&taken.value).lines())?;
        Ok(kv::delete(
            &redemption(&op),
            kv::Expectation::Version(taken.version),
        )?)
    }
}

fn restore_uses<'a>(codes: impl Iterator<Item = &'a str>) -> Result<(), Failure> {
    for code in codes {
        counters::add(&used(code), 1, None)?;
    }
    Ok(())
}

fn refused(error: counters::Error, code: &str) -> Failure {
    let reason = "discount_code_usage_limit_reached";
    match error {
        counters::Error::Insufficient => {
            let text = format!("{code} has been used up.");
            Failure::rejected(reason, Subject::code(code), text)
        }
        other => other.into(),
    }
}

fn redemption(op: &Operation) -> String {
    format!("redemption/{}", op.reference)
}

fn used(code: &str) -> String {
    format!("used/{code}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redeem(op: &str) -> Result<(), Failure> {
        let op = testing::operation(op);
        Shop::redeem(testing::context("USD"), op, vec!["FIRST".into()])
    }

    #[test]
    fn a_code_is_used_once_per_operation_and_given_back() {
        let host = testing::Host::new().install();
        redeem("1").unwrap();
        redeem("1").unwrap();
        assert_eq!(host.counter("used/FIRST"), -1);
        Shop::restore(testing::context("USD"), testing::operation("1"), vec![]).unwrap();
        assert_eq!(host.counter("used/FIRST"), 0);
    }

    #[test]
    fn a_code_that_is_used_up_is_refused() {
        let _host = testing::Host::new().config("uses-per-code", "1").install();
        redeem("1").unwrap();
        assert!(matches!(redeem("2"), Err(Failure::Rejected(_))));
    }
}
