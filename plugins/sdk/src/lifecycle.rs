//! Name and version of a release, and validation of its configuration.

pub use crate::bindings::lifecycle::exports::tillhouse::merchant::lifecycle::{Diagnostic, Info};
use crate::{bindings::lifecycle::exports::tillhouse::merchant::lifecycle, export::Adapter};

/// Describes a release and validates its configuration. Capability `lifecycle`.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// struct Shop;
///
/// impl Lifecycle for Shop {
///     fn describe() -> Info {
///         Info::new("shop", env!("CARGO_PKG_VERSION"), "Sells tees.")
///     }
///
///     fn validate_config() -> Vec<Diagnostic> {
///         config::amount("price").err().map(Diagnostic::from).into_iter().collect()
///     }
/// }
///
/// let _host = testing::Host::new().config("price", "5.99").install();
/// assert_eq!(Shop::validate_config()[0].key, "price");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` exports `lifecycle` and does not implement `Lifecycle`",
    note = "implement `Lifecycle` for `{Self}`, or leave `lifecycle` out of `export!`"
)]
pub trait Lifecycle {
    /// Describes the plugin. May use only `log`.
    fn describe() -> Info;

    /// Validates the configuration before the release receives calls; returns none if it is valid.
    ///
    /// The default implementation checks nothing.
    ///
    /// May use `log`, `config`, `catalog`, `clock`.
    /// Limits: 50 ms of CPU, 2 s in all, 32 MiB of memory, no HTTP.
    fn validate_config() -> Vec<Diagnostic> {
        Vec::new()
    }
}

impl<T: Lifecycle> lifecycle::Guest for Adapter<T> {
    fn describe() -> Info {
        T::describe()
    }

    fn validate_config() -> Vec<Diagnostic> {
        T::validate_config()
    }
}

impl Info {
    /// Creates an info with the plugin's name, version and a one-line summary.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// assert_eq!(Info::new("shop", "1.0.0", "Sells tees.").version, "1.0.0");
    /// ```
    #[must_use]
    pub fn new(name: &str, version: &str, summary: &str) -> Self {
        Self {
            name: name.into(),
            version: version.into(),
            summary: summary.into(),
        }
    }
}

impl Diagnostic {
    /// Creates a diagnostic of one key; the message says what is wrong and which value is expected.
    ///
    /// ```
    /// # use tillhouse_plugin::prelude::*;
    /// let diagnostic = Diagnostic::new("zones", "is empty: name at least one zone");
    /// assert_eq!(diagnostic.key, "zones");
    /// ```
    #[must_use]
    pub fn new(key: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            message: message.into(),
        }
    }
}
