//! Durable counters that many checkouts move at once.

pub use crate::bindings::tillhouse::host::counters::Error;
use crate::{imports, types::Failure};

/// Stages an addition. With a floor, the counter may not end below it.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// # let _host = testing::Host::new().install();
/// use tillhouse_plugin::counters::Error;
///
/// // Two in stock: the counter goes down from 0 and stops at -2.
/// counters::add("sold/tee", -2, Some(-2))?;
/// assert_eq!(counters::add("sold/tee", -1, Some(-2)), Err(Error::Insufficient));
/// # Ok::<(), Failure>(())
/// ```
///
/// # Errors
/// [`Error::Insufficient`] below the floor, [`Error::Limit`], [`Error::Denied`].
pub fn add(key: &str, delta: i64, floor: Option<i64>) -> Result<(), Error> {
    imports::counters::add(key, delta, floor)
}

/// Reads a counter; 0 where it was never moved. Not checked again at commit: for showing what is left, not for deciding.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// let _host = testing::Host::new().counter("sold/tee", -4).install();
/// assert_eq!(10 + counters::peek("sold/tee")?, 6, "of ten, four were sold");
/// # Ok::<(), Failure>(())
/// ```
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
