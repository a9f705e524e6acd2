//! What a token may be used for, and what was used of it. Amounts are in Stripe's units, and read into minor units here.

use serde::Deserialize;

use tillhouse_checkout::money::{Amount, Currency};
use tillhouse_checkout::party_units::{Party, UnitsError};
use tillhouse_checkout::time::Timestamp;

/// What was used of a token.
#[derive(Deserialize)]
pub(super) struct UsageDetails {
    amount_captured: Option<Captured>,
}

#[derive(Deserialize)]
struct Captured {
    value: i64,
    currency: Option<String>,
}

/// What a token may be used for.
#[derive(Deserialize)]
pub(super) struct UsageLimits {
    currency: Option<String>,
    expires_at: Option<u64>,
    max_amount: Option<i64>,
}

/// Limits and use in the domain's terms.
#[derive(Debug)]
pub(super) struct ReadUsage {
    pub(super) currency: Option<Currency>,
    pub(super) expires: Option<Timestamp>,
    pub(super) most: Option<Amount>,
    pub(super) captured: Amount,
}

impl ReadUsage {
    /// # Errors
    /// The name of a member that cannot be used.
    pub(super) fn of(limits: Option<UsageLimits>, details: Option<UsageDetails>) -> Result<Self, &'static str> {
        let (currency, expires, most) = limits.map_or((None, None, None), |limits| {
            (limits.currency, limits.expires_at, limits.max_amount)
        });
        let currency = read_currency(currency)?;
        let most = match (most, currency) {
            (None, _) => None,
            // An amount without a currency may be any amount.
            (Some(_), None) => return Err("currency of its limit"),
            (Some(most), Some(currency)) => Some(amount(Party::Stripe.granted(most, currency), "limit")?),
        };
        let captured = details.and_then(|usage| usage.amount_captured);
        Ok(Self {
            currency,
            expires: expires.map(|seconds| Timestamp(seconds.saturating_mul(1000))),
            most,
            captured: captured.map_or(Ok(Amount::ZERO), |captured| captured.read(currency))?,
        })
    }
}

impl Captured {
    /// `limit` is the currency of the token's limit, in which it is captured.
    fn read(self, limit: Option<Currency>) -> Result<Amount, &'static str> {
        const WHAT: &str = "captured amount";
        let own = read_currency(self.currency)?;
        match own.or(limit) {
            Some(currency) if limit.is_none_or(|limit| limit == currency) => {
                amount(Party::Stripe.used(self.value, currency), WHAT)
            }
            None if self.value == 0 => Ok(Amount::ZERO),
            _ => Err(WHAT),
        }
    }
}

fn read_currency(code: Option<String>) -> Result<Option<Currency>, &'static str> {
    let currency = code.map(|code| Currency::new(&code)).transpose();
    currency.map_err(|_| "currency")
}

/// An amount as read. In a currency that Stripe has no units for nothing is granted: it pays no checkout, and the currencies are
/// compared before the amounts.
fn amount(read: Result<Amount, UnitsError>, what: &'static str) -> Result<Amount, &'static str> {
    match read {
        Ok(amount) => Ok(amount),
        Err(UnitsError::Currency { .. }) => Ok(Amount::ZERO),
        Err(_) => Err(what),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Token {
        usage_details: Option<UsageDetails>,
        usage_limits: Option<UsageLimits>,
    }

    fn read(json: &str) -> Result<ReadUsage, &'static str> {
        let token: Token = serde_json::from_str(json).unwrap();
        ReadUsage::of(token.usage_limits, token.usage_details)
    }

    fn limit(code: &str, most: i64, captured: i64) -> (Option<i64>, i64) {
        let json = format!(
            r#"{{"usage_limits": {{"currency": "{code}", "max_amount": {most}}},
                 "usage_details": {{"amount_captured": {{"value": {captured}, "currency": "{code}"}}}}}}"#
        );
        let usage = read(&json).unwrap();
        (usage.most.map(Amount::minor), usage.captured.minor())
    }

    #[test]
    fn a_limit_is_in_stripes_units() {
        assert_eq!(limit("usd", 10_000, 1000), (Some(10_000), 1000));
        assert_eq!(limit("jpy", 5000, 0), (Some(5000), 0));
        assert_eq!(limit("mga", 5000, 100), (Some(500_000), 10_000));
        assert_eq!(limit("isk", 500_000, 100_000), (Some(5000), 1000));
        assert_eq!(limit("ugx", 500_050, 50), (Some(5000), 1), "never more than is granted");
        assert_eq!(limit("kwd", 12_340, 0), (Some(12_340), 0));
        assert_eq!(limit("lyd", 12_340, 10), (Some(0), 0), "no units, nothing granted");
    }

    #[test]
    fn an_amount_that_may_be_any_amount_is_not_used() {
        for (json, what) in [
            (r#"{"usage_limits": {"max_amount": 10}}"#, "currency of its limit"),
            (
                r#"{"usage_limits": {"currency": "dollars", "max_amount": 10}}"#,
                "currency",
            ),
            (r#"{"usage_limits": {"currency": "usd", "max_amount": -1}}"#, "limit"),
            (
                r#"{"usage_limits": {"currency": "usd"}, "usage_details": {"amount_captured": {"value": 1, "currency": "eur"}}}"#,
                "captured amount",
            ),
            (
                r#"{"usage_details": {"amount_captured": {"value": 1}}}"#,
                "captured amount",
            ),
        ] {
            assert_eq!(read(json).map(|_| ()), Err(what), "{json}");
        }
        let unlimited = read(r#"{"usage_details": {"amount_captured": {"value": 0}}}"#).unwrap();
        assert_eq!((unlimited.most, unlimited.captured), (None, Amount::ZERO));
    }
}
