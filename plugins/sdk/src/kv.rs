//! Small durable values, staged while the plugin runs and committed with the checkout or not at all.

pub use crate::bindings::tillhouse::host::kv::{Error, Expectation, Versioned};
use crate::{imports, types::Failure};

/// Reads a value.
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

/// Stages a write.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// # let _host = testing::Host::new().install();
/// use tillhouse_plugin::kv::{Error, Expectation};
///
/// kv::set("note", b"fragile", Expectation::Absent)?;
/// let again = kv::set("note", b"heavy", Expectation::Absent);
/// assert_eq!(again, Err(Error::Conflict(Some(1))), "it is there, in version 1");
/// kv::set("note", b"heavy", Expectation::Version(1))?;
/// # Ok::<(), Failure>(())
/// ```
///
/// # Errors
/// [`Error::Conflict`] where the expectation does not hold, [`Error::Limit`], [`Error::Denied`].
pub fn set(key: &str, value: &[u8], expect: Expectation) -> Result<(), Error> {
    imports::kv::set(key, value, expect)
}

/// Stages a removal.
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
/// [`Error::Conflict`] where the expectation does not hold, [`Error::Limit`], [`Error::Denied`].
pub fn delete(key: &str, expect: Expectation) -> Result<(), Error> {
    imports::kv::delete(key, expect)
}

/// Marks a key, once: true for the first caller, false where there is a value already. What makes an effect happen once.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// # let _host = testing::Host::new().install();
/// let op = testing::operation("1");
/// assert!(kv::claim(&format!("done/{}", op.id), b"")?, "the first call has the effect");
/// assert!(!kv::claim(&format!("done/{}", op.id), b"")?, "and a second one has none");
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
