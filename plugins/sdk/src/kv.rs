//! Small durable values, staged while the plugin runs and committed with the checkout or not at all.

pub use crate::bindings::tillhouse::host::kv::{Error, Expectation, Versioned};
use crate::{imports, types::Failure};

/// Reads a value.
///
/// # Errors
/// [`Error::Limit`], [`Error::Denied`].
pub fn get(key: &str) -> Result<Option<Versioned>, Error> {
    imports::kv::get(key)
}

/// Stages a write.
///
/// # Errors
/// [`Error::Conflict`] where the expectation does not hold, [`Error::Limit`], [`Error::Denied`].
pub fn set(key: &str, value: &[u8], expect: Expectation) -> Result<(), Error> {
    imports::kv::set(key, value, expect)
}

/// Stages a removal.
///
/// # Errors
/// [`Error::Conflict`] where the expectation does not hold, [`Error::Limit`], [`Error::Denied`].
pub fn delete(key: &str, expect: Expectation) -> Result<(), Error> {
    imports::kv::delete(key, expect)
}

/// Marks a key, once: true for the first caller, false where there is a value already. What makes an effect happen once.
///
/// # Errors
/// [`Error::Limit`], [`Error::Denied`].
pub fn claim(key: &str, value: &[u8]) -> Result<bool, Error> {
    match set(key, value, Expectation::Absent) {
        Ok(()) => Ok(true),
        Err(Error::Conflict(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// A conflict is for the host to try again; a limit or a missing grant is for the operator.
impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Conflict(_) => Self::Unavailable(None),
            Error::Limit(limit) => Self::Misconfigured(format!("kv: limit met: {limit}")),
            Error::Denied(capability) => Self::Misconfigured(format!("kv: denied: {capability}")),
        }
    }
}
