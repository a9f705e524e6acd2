//! Between what the domain has and what columns hold.

use serde::Serialize;
use serde::de::DeserializeOwned;

use tillhouse_checkout::ports::StoreError;
use tillhouse_checkout::time::Timestamp;

/// Both engines have signed integers only. Revisions and times stay far below the limit.
pub(super) fn integer(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// A time.
#[cfg(feature = "sqlite")]
pub(super) fn millis(at: Timestamp) -> i64 {
    integer(at.millis())
}

/// A limit of rows.
pub(super) fn count(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// Back from a column.
pub(super) fn timestamp(millis: i64) -> Timestamp {
    Timestamp(u64::try_from(millis).unwrap_or(0))
}

/// Write a body.
pub(super) fn json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError(format!("cannot be written as JSON: {error}")))
}

/// Read a body. The error does not quote it.
pub(super) fn parse<T: DeserializeOwned>(what: &str, json: &str) -> Result<T, StoreError> {
    serde_json::from_str(json).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        StoreError(format!("a stored {what} cannot be read (line {line}, column {column})"))
    })
}
