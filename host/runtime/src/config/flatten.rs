//! Flattens nested tables into dotted keys, as a plugin sees its configuration (`tillhouse:host/config`).

use std::collections::BTreeMap;
use std::fmt;

use toml::{Table, Value};

use tillhouse_checkout::money::Currency;

/// An entry of a table that cannot be flattened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unflat {
    /// Two entries that give the same key: `"a.b" = 1` next to `[a] b = 2`.
    #[error("{key} {}", self.what())]
    Twice {
        /// Dotted key that both entries give.
        key: String,
    },
    /// A TOML float. TOML does not keep how it was written: `6.00` would become `6`, six cents instead of six dollars.
    #[error("{key} {}", self.what())]
    Fraction {
        /// Dotted key of the number.
        key: String,
        /// The number as Rust formats it, e.g. `6.0`.
        number: String,
    },
}

impl Unflat {
    /// Dotted key of the entry.
    #[must_use]
    pub fn key(&self) -> &str {
        match self {
            Self::Twice { key } | Self::Fraction { key, .. } => key,
        }
    }

    /// What is wrong, as the rest of a sentence that begins with the key.
    #[must_use]
    pub fn what(&self) -> String {
        match self {
            Self::Twice { .. } => "is defined twice".to_owned(),
            Self::Fraction { number, .. } => {
                format!("is {number}, a number with a fraction; a plugin could not see how it was written")
            }
        }
    }

    /// How to fix it, for a merchant with this currency. `None` means an unknown currency, treated as one with two decimals.
    #[must_use]
    pub fn remedy(&self, currency: Option<Currency>) -> String {
        let number = match self {
            Self::Twice { .. } => return "keep one of the two".to_owned(),
            Self::Fraction { number, .. } => number,
        };
        let decimals = currency.map_or(2, Currency::exponent);
        let unit = currency.map_or_else(
            || "a currency with two decimals".to_owned(),
            |currency| currency.to_string(),
        );
        let money = match minor(number, decimals) {
            Some(minor) => format!("write {minor} (minor units of {unit}, an integer) if it is an amount of money"),
            None => format!("write minor units of {unit}, an integer, if it is an amount of money"),
        };
        format!("{money}, or \"{number}\" in quotes if it is another decimal number, such as a percentage")
    }
}

/// Convert a decimal number to minor units of a currency with this many decimals. `None` if it is not a valid amount.
fn minor(number: &str, decimals: u32) -> Option<i64> {
    let (whole, fraction) = number.split_once('.')?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let fraction = fraction.trim_end_matches('0');
    let places = decimals as usize;
    if whole.is_empty() || !digits(whole) || !digits(fraction) || fraction.len() > places {
        return None;
    }
    format!("{whole}{fraction:0<places$}").parse().ok()
}

/// All entries of a table that cannot be flattened, in the order of their keys. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotFlat(Vec<Unflat>);

impl NotFlat {
    /// The entries, each with its own message and fix.
    #[must_use]
    pub fn each(&self) -> &[Unflat] {
        &self.0
    }
}

impl fmt::Display for NotFlat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let each: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&each.join("; "))
    }
}

impl std::error::Error for NotFlat {}

/// Flatten a table into dotted keys.
///
/// `[tax.us] CA = "7.25"` becomes `tax.us.CA`, and `zones = ["EU", "US"]` becomes `zones` with the value `EU, US`. Integers,
/// booleans and dates become their text. In an array that contains tables or arrays, the second item is `name.1`. Empty tables
/// produce no keys. Floats are rejected everywhere, because amounts are integers in minor units, and other decimal numbers are
/// written as strings.
///
/// # Errors
/// When two entries give the same key, and for every float.
pub fn flatten(table: &Table) -> Result<BTreeMap<String, String>, NotFlat> {
    let mut flat = Flat::default();
    for (key, value) in table {
        flat.add(key.clone(), value);
    }
    if flat.problems.is_empty() {
        Ok(flat.entries)
    } else {
        Err(NotFlat(flat.problems))
    }
}

#[derive(Debug, Default)]
struct Flat {
    entries: BTreeMap<String, String>,
    problems: Vec<Unflat>,
}

impl Flat {
    fn add(&mut self, key: String, value: &Value) {
        match value {
            Value::Table(table) => {
                for (name, value) in table {
                    self.add(format!("{key}.{name}"), value);
                }
            }
            Value::Array(values) if values.iter().any(is_nested) => {
                for (index, value) in values.iter().enumerate() {
                    self.add(format!("{key}.{index}"), value);
                }
            }
            Value::Array(values) => {
                let texts: Vec<_> = values.iter().filter_map(|value| self.text(&key, value)).collect();
                self.insert(key, texts.join(", "));
            }
            plain => {
                if let Some(text) = self.text(&key, plain) {
                    self.insert(key, text);
                }
            }
        }
    }

    fn insert(&mut self, key: String, text: String) {
        if let Some(_before) = self.entries.insert(key.clone(), text) {
            self.problems.push(Unflat::Twice { key });
        }
    }

    /// The text of a scalar value; `None` for a float, which is recorded as a problem.
    fn text(&mut self, key: &str, value: &Value) -> Option<String> {
        match value {
            Value::Table(_) | Value::Array(_) => None,
            Value::String(text) => Some(text.clone()),
            Value::Integer(number) => Some(number.to_string()),
            Value::Float(number) => {
                self.problems.push(Unflat::Fraction {
                    key: key.to_owned(),
                    number: format!("{number:?}"),
                });
                None
            }
            Value::Boolean(flag) => Some(flag.to_string()),
            Value::Datetime(date) => Some(date.to_string()),
        }
    }
}

const fn is_nested(value: &Value) -> bool {
    matches!(value, Value::Table(_) | Value::Array(_))
}

#[cfg(test)]
mod tests;
