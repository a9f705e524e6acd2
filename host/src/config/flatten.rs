//! Nested tables as dotted keys, the way a plugin sees its configuration (`tillhouse:host/config`).

use std::collections::BTreeMap;

use toml::{Table, Value};

/// Two spellings of one key: `"a.b" = 1` beside `[a] b = 2`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is given twice")]
pub struct DuplicateKey(pub String);

/// Flatten a table: `[tax.us] CA = "7.25"` is `tax.us.CA`, the second entry of `zones = ["EU", "US"]` is `zones.1`. Numbers,
/// booleans and dates become their text; empty tables and arrays leave nothing.
///
/// # Errors
/// When two entries come to the same key.
pub fn flatten(table: &Table) -> Result<BTreeMap<String, String>, DuplicateKey> {
    let mut flat = BTreeMap::new();
    for (key, value) in table {
        add(&mut flat, key.clone(), value)?;
    }
    Ok(flat)
}

fn add(flat: &mut BTreeMap<String, String>, key: String, value: &Value) -> Result<(), DuplicateKey> {
    let text = match value {
        Value::Table(table) => {
            return table
                .iter()
                .try_for_each(|(name, value)| add(flat, format!("{key}.{name}"), value));
        }
        Value::Array(values) => {
            return values
                .iter()
                .enumerate()
                .try_for_each(|(index, value)| add(flat, format!("{key}.{index}"), value));
        }
        Value::String(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Boolean(flag) => flag.to_string(),
        Value::Datetime(date) => date.to_string(),
    };
    match flat.insert(key.clone(), text) {
        None => Ok(()),
        Some(_) => Err(DuplicateKey(key)),
    }
}
