//! Log lines, shown to the operator with the call that wrote them. Never log personal or card data.

pub use crate::bindings::tillhouse::host::log::Level;
use crate::imports;

/// Logs details for the plugin's developer.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// let host = testing::Host::new().install();
/// log::debug("cart priced", &[("lines".into(), "3".into())]);
/// assert_eq!(host.lines(), ["debug cart priced lines=3"]);
/// ```
pub fn debug(message: &str, fields: &[(String, String)]) {
    imports::log::write(Level::Debug, message, fields);
}

/// Logs a normal event.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// let host = testing::Host::new().install();
/// log::info("order taken", &[("lines".into(), "3".into())]);
/// assert_eq!(host.lines(), ["info order taken lines=3"]);
/// ```
pub fn info(message: &str, fields: &[(String, String)]) {
    imports::log::write(Level::Info, message, fields);
}

/// Logs a problem that the plugin handled.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// let host = testing::Host::new().install();
/// log::warn("rates are old", &[("lines".into(), "3".into())]);
/// assert_eq!(host.lines(), ["warn rates are old lines=3"]);
/// ```
pub fn warn(message: &str, fields: &[(String, String)]) {
    imports::log::write(Level::Warn, message, fields);
}

/// Logs an error that the plugin could not handle.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// let host = testing::Host::new().install();
/// log::error("rates did not answer", &[("lines".into(), "3".into())]);
/// assert_eq!(host.lines(), ["error rates did not answer lines=3"]);
/// ```
pub fn error(message: &str, fields: &[(String, String)]) {
    imports::log::write(Level::Error, message, fields);
}
