//! Nested tables as dotted keys, the way a plugin sees its configuration (`tillhouse:host/config`).

use std::collections::BTreeMap;
use std::fmt;

use toml::{Table, Value};

use tillhouse_checkout::money::Currency;

/// Something that has no text that a plugin could read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unflat {
    /// Two spellings of one key: `"a.b" = 1` beside `[a] b = 2`.
    #[error("{key} {}", self.what())]
    Twice {
        /// The key.
        key: String,
    },
    /// A TOML float. Its text forgets how it was written: `6.00` would be `6`, and six cents where six dollars were meant.
    #[error("{key} {}", self.what())]
    Fraction {
        /// The key.
        key: String,
        /// The number as Rust writes it: `6.0`.
        number: String,
    },
}

impl Unflat {
    /// The key.
    #[must_use]
    pub fn key(&self) -> &str {
        match self {
            Self::Twice { key } | Self::Fraction { key, .. } => key,
        }
    }

    /// What is wrong with it.
    #[must_use]
    pub fn what(&self) -> String {
        match self {
            Self::Twice { .. } => "is given twice".to_owned(),
            Self::Fraction { number, .. } => {
                format!("is {number}, a number with a fraction, and a plugin would not see how it was written")
            }
        }
    }

    /// The way out, for a shop in this currency; where it is not known, for one whose currency has two decimals.
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
            Some(minor) => format!("write {minor} (minor units of {unit}, an integer) where money is meant"),
            None => format!("write minor units of {unit}, an integer, where money is meant"),
        };
        format!("{money}, and \"{number}\" in quotes where a number with decimals is, such as a percentage")
    }
}

/// The minor units that a number stands for, if it is an amount with so many decimals.
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

/// Everything in a table that cannot be flattened, in the order of its keys. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotFlat(Vec<Unflat>);

impl NotFlat {
    /// One by one.
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

/// Flatten a table: `[tax.us] CA = "7.25"` is `tax.us.CA`, and `zones = ["EU", "US"]` is `zones` with the text `EU, US`.
///
/// Whole numbers, booleans and dates become their text. In a list that holds tables, the second is `name.1`. Empty tables leave
/// nothing. A number with a fraction is refused wherever it stands, because amounts are integers of minor units, and everything
/// else that has decimals is written as text.
///
/// # Errors
/// When two entries come to the same key, and for every number with a fraction.
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

    /// The text of a plain value.
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
