//! Durable counters that many checkouts move at once.

pub use crate::bindings::tillhouse::host::counters::Error;
use crate::{imports, types::Failure};

/// Stages an addition. With a floor, the counter may not end below it.
///
/// # Errors
/// [`Error::Insufficient`] below the floor, [`Error::Limit`], [`Error::Denied`].
pub fn add(key: &str, delta: i64, floor: Option<i64>) -> Result<(), Error> {
    imports::counters::add(key, delta, floor)
}

/// Reads a counter; 0 where it was never moved. Not checked again at commit: for showing what is left, not for deciding.
///
/// # Errors
/// [`Error::Limit`], [`Error::Denied`].
pub fn peek(key: &str) -> Result<i64, Error> {
    imports::counters::peek(key)
}

/// A floor that nobody handled is for the host to try again; a limit or a missing grant is for the operator.
impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Insufficient => Self::Unavailable(None),
            Error::Limit(limit) => Self::Misconfigured(format!("counters: limit met: {limit}")),
            Error::Denied(capability) => Self::Misconfigured(format!("counters: denied: {capability}")),
        }
    }
}
