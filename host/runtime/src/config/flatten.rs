//! Flattens nested tables into dotted keys, as a plugin sees its configuration (`tillhouse:host/config`).

use std::collections::BTreeMap;

use toml::de::{DeFloat, DeInteger, DeTable, DeValue};

use super::code;
use super::document::Document;
use super::section::{Reader, Section};
use tillhouse_checkout::diagnostic::Diagnostic;
use tillhouse_checkout::money::Currency;

/// Flatten a text into dotted keys. Errors name the file, if the text is that of a file.
///
/// `[tax.us] CA = "7.25"` becomes `tax.us.CA`, and `zones = ["EU", "US"]` becomes `zones` with the value `EU, US`. Integers,
/// booleans and dates become their text. In an array that contains tables or arrays, the second item is `name.1`. Empty tables
/// produce no keys. Floats are rejected everywhere, because amounts are integers in minor units, and other decimal numbers are
/// written as strings: TOML does not keep how a float was written, so `6.00` would become `6`, six cents instead of six dollars.
/// The help then gives the minor units of the currency; `None` means an unknown currency, treated as one with two decimals.
///
/// # Errors
/// A syntax error; or all values that cannot be flattened, which are floats and keys that are defined twice (`"a.b" = 1` next to
/// `[a] b = 2`).
pub fn flatten(
    text: &str,
    file: Option<&str>,
    currency: Option<Currency>,
) -> Result<BTreeMap<String, String>, Vec<Diagnostic>> {
    let document = Document::parse(text, file).map_err(|error| vec![error.diagnostic(file)])?;
    let reader = Reader::new(&document);
    let flat = reader.root().flat(currency);
    let errors = reader.into_errors();
    if errors.is_empty() { Ok(flat) } else { Err(errors) }
}

impl Section<'_> {
    /// The whole section flattened into dotted keys, as [`flatten`] does. What cannot be flattened is recorded as an error.
    #[must_use]
    pub fn flat(self, currency: Option<Currency>) -> BTreeMap<String, String> {
        let mut flat = Flat {
            entries: BTreeMap::new(),
            section: &self,
            currency,
        };
        if let Some(table) = self.table() {
            flat.add_table("", table);
        }
        flat.entries
    }
}

struct Flat<'a, 's> {
    entries: BTreeMap<String, String>,
    section: &'a Section<'s>,
    currency: Option<Currency>,
}

impl Flat<'_, '_> {
    fn add_table(&mut self, path: &str, table: &DeTable<'_>) {
        for (name, value) in table {
            let name_text: &str = name.get_ref();
            self.add(joined(path, name_text), name.span().start, value.get_ref());
        }
    }

    /// Add a value whose key, or itself in an array, is at a byte offset.
    fn add(&mut self, key: String, at: usize, value: &DeValue<'_>) {
        match value {
            DeValue::Table(table) => self.add_table(&key, table),
            DeValue::Array(values) if values.iter().any(|value| is_nested(value.get_ref())) => {
                for (index, value) in values.iter().enumerate() {
                    self.add(joined(&key, &index.to_string()), value.span().start, value.get_ref());
                }
            }
            DeValue::Array(values) => {
                let text = |value: &toml::Spanned<DeValue<'_>>| self.text(&key, value.span().start, value.get_ref());
                let texts: Vec<String> = values.iter().filter_map(text).collect();
                self.insert(key, at, texts.join(", "));
            }
            plain => {
                if let Some(text) = self.text(&key, at, plain) {
                    self.insert(key, at, text);
                }
            }
        }
    }

    fn insert(&mut self, key: String, at: usize, text: String) {
        if self.entries.contains_key(&key) {
            return self.error(&key, at, "is defined twice".to_owned(), "keep one of the two");
        }
        self.entries.insert(key, text);
    }

    /// The text of a scalar value; `None` for one that is recorded as an error.
    fn text(&self, key: &str, at: usize, value: &DeValue<'_>) -> Option<String> {
        match value {
            DeValue::Table(_) | DeValue::Array(_) => None,
            DeValue::String(text) => Some(text.to_string()),
            DeValue::Integer(number) => {
                let decimal = decimal(number);
                if decimal.is_none() {
                    self.error(key, at, format!("is {number}"), "it must fit in 64 bits");
                }
                decimal
            }
            DeValue::Float(number) => {
                let number = normal(number);
                let message =
                    format!("is {number}, a number with a fraction; a plugin could not see how it was written");
                self.error(key, at, message, &spelling(&number, self.currency));
                None
            }
            DeValue::Boolean(flag) => Some(flag.to_string()),
            DeValue::Datetime(date) => Some(date.to_string()),
        }
    }

    fn error(&self, key: &str, at: usize, message: String, help: &str) {
        let reader = self.section.reader();
        let place = reader.place(Some(at), &self.section.path_of(key));
        reader.add(Diagnostic::error(code::INVALID, place, message).with_help(help));
    }
}

fn joined(path: &str, key: &str) -> String {
    if path.is_empty() {
        key.to_owned()
    } else {
        format!("{path}.{key}")
    }
}

const fn is_nested(value: &DeValue<'_>) -> bool {
    matches!(value, DeValue::Table(_) | DeValue::Array(_))
}

/// An integer in decimal digits; `None` if it is too large for TOML.
fn decimal(number: &DeInteger<'_>) -> Option<String> {
    let value = i64::from_str_radix(number.as_str(), number.radix()).ok()?;
    Some(value.to_string())
}

/// A float as Rust formats it: `6.00` is `6.0`, `1e2` is `100.0`.
fn normal(number: &DeFloat<'_>) -> String {
    let value = number.as_str().parse::<f64>();
    value.map_or_else(|_| number.to_string(), |value| format!("{value:?}"))
}

/// How to write a decimal number instead, for a merchant with this currency.
fn spelling(number: &str, currency: Option<Currency>) -> String {
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

#[cfg(test)]
mod tests;
