//! Small durable values. Writes are staged while the plugin runs, and committed atomically with the checkout.

pub use crate::bindings::tillhouse::host::kv::{Error, Expectation, Versioned};
use crate::{imports, types::Failure};

/// Reads a value and its version; `None` if the key does not exist.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// # let _host = testing::Host::new().install();
/// kv::set("note", b"fragile", kv::Expectation::Any)?;
/// assert_eq!(kv::get("note")?.unwrap().value, b"fragile");
/// assert!(kv::get("other")?.is_none());
/// # Ok::<(), Failure>(())
/// ```
///
/// # Errors
/// [`Error::Limit`], [`Error::Denied`].
pub fn get(key: &str) -> Result<Option<Versioned>, Error> {
    imports::kv::get(key)
}

/// Stages a write of a value.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// # let _host = testing::Host::new().install();
/// use tillhouse_plugin::kv::{Error, Expectation};
///
/// kv::set("note", b"fragile", Expectation::Absent)?;
/// let again = kv::set("note", b"heavy", Expectation::Absent);
/// assert_eq!(again, Err(Error::Conflict(Some(1))), "the key exists, in version 1");
/// kv::set("note", b"heavy", Expectation::Version(1))?;
/// # Ok::<(), Failure>(())
/// ```
///
/// # Errors
/// [`Error::Conflict`] if the expectation does not hold; [`Error::Limit`]; [`Error::Denied`].
pub fn set(key: &str, value: &[u8], expect: Expectation) -> Result<(), Error> {
    imports::kv::set(key, value, expect)
}

/// Stages the removal of a value.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// # let _host = testing::Host::new().install();
/// use tillhouse_plugin::kv::Expectation;
///
/// kv::set("note", b"fragile", Expectation::Any)?;
/// kv::delete("note", Expectation::Version(1))?;
/// assert!(kv::get("note")?.is_none());
/// # Ok::<(), Failure>(())
/// ```
///
/// # Errors
/// [`Error::Conflict`] if the expectation does not hold; [`Error::Limit`]; [`Error::Denied`].
pub fn delete(key: &str, expect: Expectation) -> Result<(), Error> {
    imports::kv::delete(key, expect)
}

/// Creates a key if it does not exist. Use it to make an effect happen only once.
///
/// Returns `true` if this call created the key, `false` if it already had a value.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// # let _host = testing::Host::new().install();
/// let op = testing::operation("1");
/// assert!(kv::claim(&format!("done/{}", op.id), b"")?, "the first call creates the key");
/// assert!(!kv::claim(&format!("done/{}", op.id), b"")?, "a second call does not");
/// # Ok::<(), Failure>(())
/// ```
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

/// A conflict makes the host retry; an exceeded limit or a missing grant is reported to the operator.
impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Conflict(_) => Self::Unavailable(None),
            Error::Limit(limit) => Self::Misconfigured(format!("kv: limit exceeded: {limit}")),
            Error::Denied(capability) => Self::Misconfigured(format!("kv: denied: {capability}")),
        }
    }
}
