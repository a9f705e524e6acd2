//! Nested tables as dotted keys, the way a plugin sees its configuration (`tillhouse:host/config`).

use std::collections::BTreeMap;

use toml::{Table, Value};

/// Two spellings of one key: `"a.b" = 1` beside `[a] b = 2`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is given twice")]
pub struct DuplicateKey(pub String);

/// Flatten a table: `[tax.us] CA = "7.25"` is `tax.us.CA`, and `zones = ["EU", "US"]` is `zones` with the text `EU, US`.
///
/// Numbers, booleans and dates become their text. In a list that holds tables, the second is `name.1`. Empty tables leave
/// nothing.
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
        Value::Array(values) => match values.iter().map(scalar).collect::<Option<Vec<_>>>() {
            Some(texts) => texts.join(", "),
            None => {
                return values
                    .iter()
                    .enumerate()
                    .try_for_each(|(index, value)| add(flat, format!("{key}.{index}"), value));
            }
        },
        plain => scalar(plain).unwrap_or_default(),
    };
    match flat.insert(key.clone(), text) {
        None => Ok(()),
        Some(_) => Err(DuplicateKey(key)),
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::Table(_) | Value::Array(_) => None,
        Value::String(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Float(number) => Some(number.to_string()),
        Value::Boolean(flag) => Some(flag.to_string()),
        Value::Datetime(date) => Some(date.to_string()),
    }
}
