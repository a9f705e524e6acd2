//! Conversions between domain types and column values.

use serde::Serialize;
use serde::de::DeserializeOwned;

use tillhouse_checkout::attempt::{Attempt, StoredAttempt};
use tillhouse_checkout::money::{Amount, Currency, Money};
use tillhouse_checkout::ports::StoreError;
use tillhouse_checkout::refund::Refund;
use tillhouse_checkout::time::Timestamp;

/// Both engines have signed integers only. Revisions and times stay far below `i64::MAX`.
pub(super) fn to_i64(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

#[cfg(feature = "sqlite")]
pub(super) fn millis(at: Timestamp) -> i64 {
    to_i64(at.millis())
}

/// A row limit, for `LIMIT`.
pub(super) fn to_limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// Reads a time from a column; a negative value becomes 0.
pub(super) fn timestamp(millis: i64) -> Timestamp {
    Timestamp(u64::try_from(millis).unwrap_or(0))
}

pub(super) fn to_json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value)
        .map_err(|error| StoreError::with_source(format!("failed to serialize to JSON: {error}"), error))
}

/// The most that a delegated card may pay.
pub(super) fn limit_of_card(minor: i64, currency: &str) -> Result<Money, StoreError> {
    let unreadable = || StoreError::new("a stored card has an amount or a currency that cannot be read");
    Ok(Money {
        amount: Amount::new(minor).map_err(|_| unreadable())?,
        currency: Currency::new(currency).map_err(|_| unreadable())?,
    })
}

/// Parses a stored attempt. An attempt that lacks what its state needs is named in the error.
pub(super) fn parse_attempt(json: &str) -> Result<Attempt, StoreError> {
    let stored: StoredAttempt = parse_json("attempt", json)?;
    Attempt::try_from(stored).map_err(StoreError::caused_by)
}

/// Keeps the attempts that can be read, so that one that cannot be does not stop the recovery of all others. It is logged.
pub(super) fn readable(attempts: impl IntoIterator<Item = Result<Attempt, StoreError>>) -> Vec<Attempt> {
    readable_of("attempt", attempts)
}

/// The same for refunds.
pub(super) fn readable_refunds(refunds: impl IntoIterator<Item = Result<Refund, StoreError>>) -> Vec<Refund> {
    readable_of("refund", refunds)
}

fn readable_of<T>(what: &str, found: impl IntoIterator<Item = Result<T, StoreError>>) -> Vec<T> {
    let found = found.into_iter();
    found
        .filter_map(|read| {
            read.inspect_err(|error| tracing::error!(%error, what, "skipping open work that cannot be read"))
                .ok()
        })
        .collect()
}

/// Parses a stored JSON body. The error does not quote the body, which may hold personal data.
pub(super) fn parse_json<T: DeserializeOwned>(what: &str, json: &str) -> Result<T, StoreError> {
    serde_json::from_str(json).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        StoreError::new(format!(
            "failed to parse a stored {what} (line {line}, column {column})"
        ))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn attempt(reference: Option<&str>) -> String {
        json!({
            "id": "pa_1", "merchant": "acme", "session": "cs_1", "token": "spt_1",
            "amount": {"amount": 4598, "currency": "USD"},
            "state": "voiding",
            "resolve_key": "k1", "charge_key": "k2", "report_key": "k3", "reference": "pa_1",
            "order": {"id": "1001", "number": null, "permalink": "https://shop.example.com/orders/1001"},
            "reservation": {"id": "pa_1", "lines": [], "expires": 9000},
            "redeemed": [],
            "charge_digest": "d1",
            "wire": "answered",
            "processor_reference": reference,
            "reason": "no order",
            "initiated": 1000, "charge_sent": 1500, "settled": null,
        })
        .to_string()
    }

    #[test]
    fn an_attempt_that_cannot_be_read_is_named_and_does_not_stop_the_others() {
        let [whole, lacking] = [Some("ch_1"), None].map(attempt);
        let error = parse_attempt(&lacking).unwrap_err();
        assert_eq!(
            error.message(),
            "attempt pa_1 is voiding without a processor's reference"
        );
        let read = readable([lacking, whole].iter().map(|json| parse_attempt(json)));
        assert_eq!(read.len(), 1);
    }
}
