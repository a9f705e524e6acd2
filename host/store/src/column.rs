//! Conversions between domain types and column values.

use serde::Serialize;
use serde::de::DeserializeOwned;

use tillhouse_checkout::ports::StoreError;
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

/// Parses a stored JSON body. The error does not quote the body, which may hold personal data.
pub(super) fn parse_json<T: DeserializeOwned>(what: &str, json: &str) -> Result<T, StoreError> {
    serde_json::from_str(json).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        StoreError::new(format!(
            "failed to parse a stored {what} (line {line}, column {column})"
        ))
    })
}
