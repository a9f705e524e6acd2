//! Log lines, shown to the operator under the call that wrote them. Never write personal or card data.

pub use crate::bindings::tillhouse::host::log::Level;
use crate::imports;

/// For the plugin's developer.
pub fn debug(message: &str, fields: &[(String, String)]) {
    imports::log::write(Level::Debug, message, fields);
}

/// Worth keeping.
pub fn info(message: &str, fields: &[(String, String)]) {
    imports::log::write(Level::Info, message, fields);
}

/// Something is off and was handled.
pub fn warn(message: &str, fields: &[(String, String)]) {
    imports::log::write(Level::Warn, message, fields);
}

/// Something failed.
pub fn error(message: &str, fields: &[(String, String)]) {
    imports::log::write(Level::Error, message, fields);
}
