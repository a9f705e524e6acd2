//! Durable counters that concurrent checkouts can update.

pub use crate::bindings::tillhouse::host::counters::Error;
use crate::{imports, types::Failure};

/// Stages an addition. If a floor is given, the counter must not fall below it.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// # let _host = testing::Host::new().install();
/// use tillhouse_plugin::counters::Error;
///
/// // Two units in stock: the counter starts at 0 and may not fall below -2.
/// counters::add("sold/tee", -2, Some(-2))?;
/// assert_eq!(counters::add("sold/tee", -1, Some(-2)), Err(Error::Insufficient));
/// # Ok::<(), Failure>(())
/// ```
///
/// # Errors
/// [`Error::Insufficient`] if the counter would fall below the floor; [`Error::Limit`]; [`Error::Denied`].
pub fn add(key: &str, delta: i64, floor: Option<i64>) -> Result<(), Error> {
    imports::counters::add(key, delta, floor)
}

/// Reads a counter; 0 if it was never changed.
///
/// The value is not validated again at commit. Use it to display what is left, not to decide.
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

/// An unhandled floor makes the host retry; an exceeded limit or a missing grant is reported to the operator.
impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Insufficient => Self::Unavailable(None),
            Error::Limit(limit) => Self::Misconfigured(format!("counters: limit exceeded: {limit}")),
            Error::Denied(capability) => Self::Misconfigured(format!("counters: denied: {capability}")),
        }
    }
}
