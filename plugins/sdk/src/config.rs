//! Typed access to the plugin's configuration. Errors name the key and the expected value.

use core::{fmt, str::FromStr};

use crate::{amount::Amount, imports, lifecycle::Diagnostic, rate::Rate, types::Failure};

/// Error: the value of a configuration key is missing or invalid.
///
/// ```
/// use tillhouse_plugin::config::Invalid;
/// # use tillhouse_plugin::prelude::*;
///
/// let invalid = Invalid::new("price", "write 599 for 5.99");
/// assert_eq!(invalid.to_string(), "config key `price`: write 599 for 5.99");
/// assert!(matches!(Failure::from(invalid), Failure::Misconfigured(_)));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// Configuration key, with dots between its parts.
    pub key: String,
    /// What is wrong, and which value is expected.
    pub message: String,
}

impl Invalid {
    /// Creates an error for a key.
    ///
    /// ```
    /// use tillhouse_plugin::config::Invalid;
    ///
    /// assert_eq!(Invalid::new("zones", "name at least one").key, "zones");
    /// ```
    #[must_use]
    pub fn new(key: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            message: message.into(),
        }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "config key `{}`: {}", self.key, self.message)
    }
}

impl core::error::Error for Invalid {}

impl From<Invalid> for Failure {
    fn from(invalid: Invalid) -> Self {
        Self::Misconfigured(invalid.to_string())
    }
}

impl From<Invalid> for Diagnostic {
    fn from(invalid: Invalid) -> Self {
        Self {
            key: invalid.key,
            message: invalid.message,
        }
    }
}

/// Returns the value of a key; `None` if it is not set.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// let _host = testing::Host::new().config("prefix", "TH-").install();
/// assert_eq!(config::get("prefix").as_deref(), Some("TH-"));
/// ```
#[must_use]
pub fn get(key: &str) -> Option<String> {
    imports::config::get(key)
}

/// Returns the value of a required key.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// let _host = testing::Host::new().config("zones", "domestic").install();
/// assert_eq!(config::required("zones")?, "domestic");
/// assert_eq!(config::required("prefix").unwrap_err().key, "prefix");
/// # Ok::<(), Failure>(())
/// ```
///
/// # Errors
/// [`Invalid`] if it is not set.
pub fn required(key: &str) -> Result<String, Invalid> {
    get(key).ok_or_else(|| Invalid::new(key, "is required, but not set"))
}

/// Parses the value of a key; `None` if it is not set.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// let _host = testing::Host::new().config("limit", "20").install();
/// assert_eq!(config::parse::<u32>("limit")?, Some(20));
/// assert_eq!(config::parse::<u32>("other")?, None);
/// # Ok::<(), Failure>(())
/// ```
///
/// # Errors
/// [`Invalid`] if it cannot be parsed.
pub fn parse<T: FromStr<Err: fmt::Display>>(key: &str) -> Result<Option<T>, Invalid> {
    get(key).map(|text| parse_text(key, &text)).transpose()
}

/// Parses the value of a key, or returns a default if it is not set.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// let _host = testing::Host::new().config("limit", "many").install();
/// assert_eq!(config::parse_or("other", 5_u32)?, 5);
/// assert!(config::parse_or("limit", 5_u32).is_err(), "an invalid value does not fall back to the default");
/// # Ok::<(), Failure>(())
/// ```
///
/// # Errors
/// [`Invalid`] if it cannot be parsed.
pub fn parse_or<T: FromStr<Err: fmt::Display>>(key: &str, default: T) -> Result<T, Invalid> {
    Ok(parse(key)?.unwrap_or(default))
}

/// Reads a flag, `true` or `false`, or returns a default if it is not set.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// let _host = testing::Host::new().config("capture", "false").install();
/// assert!(!config::flag("capture", true)?);
/// assert!(config::flag("other", true)?);
/// # Ok::<(), Failure>(())
/// ```
///
/// # Errors
/// [`Invalid`] for any other value.
pub fn flag(key: &str, default: bool) -> Result<bool, Invalid> {
    match get(key).as_deref() {
        None => Ok(default),
        Some("true") => Ok(true),
        Some("false") => Ok(false),
        Some(other) => Err(Invalid::new(key, format!("expected true or false, got `{other}`"))),
    }
}

/// Reads a required, non-negative amount in minor units.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// let _host = testing::Host::new().config("price", "599").install();
/// assert_eq!(config::amount("price")?.minor(), 599);
/// # Ok::<(), Failure>(())
/// ```
///
/// # Errors
/// [`Invalid`] if it is not set or not an integer from 0 to 2^53 - 1.
pub fn amount(key: &str) -> Result<Amount, Invalid> {
    amount_text(key, &required(key)?)
}

/// Reads a non-negative amount in minor units, or returns a default if the key is not set.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// let _host = testing::Host::new().install();
/// assert_eq!(config::amount_or("free-over", Amount::MAX)?, Amount::MAX);
/// # Ok::<(), Failure>(())
/// ```
///
/// # Errors
/// [`Invalid`] if it is not an integer from 0 to 2^53 - 1.
pub fn amount_or(key: &str, default: Amount) -> Result<Amount, Invalid> {
    get(key).map_or(Ok(default), |text| amount_text(key, &text))
}

/// Reads a percentage, such as `7.25`; `None` if the key is not set.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// let _host = testing::Host::new().config("vat", "19").install();
/// assert_eq!(config::rate("vat")?, Some(Rate::from_ppm(190_000)));
/// # Ok::<(), Failure>(())
/// ```
///
/// # Errors
/// [`Invalid`] if it is not a percentage.
pub fn rate(key: &str) -> Result<Option<Rate>, Invalid> {
    parse(key)
}

/// Reads a comma-separated list; whitespace around entries is removed. Empty if the key is not set.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// let _host = testing::Host::new().config("zones", "domestic, europe").install();
/// assert_eq!(config::list("zones"), ["domestic", "europe"]);
/// ```
#[must_use]
pub fn list(key: &str) -> Vec<String> {
    get(key)
        .map(|text| split(&text).map(str::to_owned).collect())
        .unwrap_or_default()
}

/// Splits a comma-separated list and removes whitespace and empty entries.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// assert_eq!(config::split("US, CA,").collect::<Vec<_>>(), ["US", "CA"]);
/// ```
pub fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|entry| !entry.is_empty())
}

/// Returns all keys that start with the prefix, with the prefix removed, and their values, sorted by key.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// let _host = testing::Host::new().config("tax.us.CA", "7.25").install();
/// assert_eq!(config::table("tax.us."), [("CA".into(), "7.25".into())]);
/// ```
#[must_use]
pub fn table(prefix: &str) -> Vec<(String, String)> {
    let mut entries = imports::config::entries(prefix);
    for (key, _) in &mut entries {
        key.drain(..prefix.len().min(key.len()));
    }
    entries
}

/// Parses a text as a non-negative amount in minor units; `key` is named in the error.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// for (name, text) in [("standard", "599"), ("express", "19.99")] {
///     let price = config::amount_text(&format!("shipping.{name}"), text);
///     assert_eq!(price.is_ok(), name == "standard");
/// }
/// ```
///
/// # Errors
/// [`Invalid`] if it is not an integer from 0 to 2^53 - 1.
pub fn amount_text(key: &str, text: &str) -> Result<Amount, Invalid> {
    let minor = text.parse().ok().filter(|minor| *minor >= 0);
    minor.and_then(|minor| Amount::new(minor).ok()).ok_or_else(|| {
        Invalid::new(
            key,
            format!("`{text}` is not an amount in minor units: write 599 for 5.99, without a currency"),
        )
    })
}

/// Parses a text; `key` is named in the error.
///
/// ```
/// # use tillhouse_plugin::prelude::*;
/// let rate: Rate = config::parse_text("tax.us.CA", "7.25")?;
/// assert_eq!(rate.ppm(), 72_500);
/// # Ok::<(), Failure>(())
/// ```
///
/// # Errors
/// [`Invalid`] if it cannot be parsed.
pub fn parse_text<T: FromStr<Err: fmt::Display>>(key: &str, text: &str) -> Result<T, Invalid> {
    text.parse()
        .map_err(|error: T::Err| Invalid::new(key, format!("invalid value `{text}`: {error}")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::testing::Host;

    #[test]
    fn a_wrong_value_names_its_key() {
        let _host = Host::new()
            .config("a", "x")
            .config("b", "-1")
            .config("c", "7.25")
            .install();
        assert_eq!(parse::<u32>("a").unwrap_err().key, "a");
        assert!(amount("b").unwrap_err().message.contains("minor units"));
        assert_eq!(rate("c").unwrap().unwrap().ppm(), 72_500);
        let Failure::Misconfigured(text) = required("d").unwrap_err().into() else {
            unreachable!()
        };
        assert_eq!(text, "config key `d`: is required, but not set");
    }

    #[test]
    fn a_table_loses_its_prefix() {
        let _host = Host::new()
            .config("tax.us.CA", "7.25")
            .config("tax.usx", "1")
            .config("tax.us.NY", "4")
            .install();
        let table = table("tax.us.");
        assert_eq!(table, [("CA".into(), "7.25".into()), ("NY".into(), "4".into())]);
    }
}
