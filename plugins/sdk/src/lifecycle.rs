//! What a release says of itself.

pub use crate::bindings::lifecycle::exports::tillhouse::merchant::lifecycle::{Info, Problem};
use crate::{bindings::lifecycle::exports::tillhouse::merchant::lifecycle, export::Adapter};

/// Describes a release and checks its configuration. Capability `lifecycle`.
pub trait Lifecycle {
    /// Describes the plugin. No imports but `log`.
    fn describe() -> Info;

    /// Checks the configuration before the release takes calls; empty if it is good. By default nothing is checked.
    fn validate_config() -> Vec<Problem> {
        Vec::new()
    }
}

impl<T: Lifecycle> lifecycle::Guest for Adapter<T> {
    fn describe() -> Info {
        T::describe()
    }

    fn validate_config() -> Vec<Problem> {
        T::validate_config()
    }
}

impl Info {
    /// Name, version and a line about the plugin.
    #[must_use]
    pub fn new(name: &str, version: &str, summary: &str) -> Self {
        Self {
            name: name.into(),
            version: version.into(),
            summary: summary.into(),
        }
    }
}

impl Problem {
    /// Something wrong with one key: what is wrong, and what would be right.
    #[must_use]
    pub fn new(key: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            message: message.into(),
        }
    }
}
