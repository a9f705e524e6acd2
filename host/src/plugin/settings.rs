//! A plugin's configuration as the contract has it: dotted keys and texts.

use std::collections::BTreeMap;

use toml::{Table, Value};

/// Flatten nested tables with dots: `[tax.us] CA = "7.25"` becomes `tax.us.CA`. Numbers, booleans and dates become their text;
/// a list becomes its items with commas between them.
///
/// # Errors
/// The keys of values that have no such text: a list of tables or of lists.
pub fn flatten(table: &Table) -> Result<BTreeMap<String, String>, Vec<String>> {
    let mut flat = BTreeMap::new();
    let mut wrong = Vec::new();
    walk(table, "", &mut flat, &mut wrong);
    if wrong.is_empty() { Ok(flat) } else { Err(wrong) }
}

fn walk(table: &Table, prefix: &str, flat: &mut BTreeMap<String, String>, wrong: &mut Vec<String>) {
    for (name, value) in table {
        let key = if prefix.is_empty() {
            name.clone()
        } else {
            format!("{prefix}.{name}")
        };
        match value {
            Value::Table(inner) => walk(inner, &key, flat, wrong),
            Value::Array(items) => match items.iter().map(text).collect::<Option<Vec<_>>>() {
                Some(texts) => {
                    flat.insert(key, texts.join(", "));
                }
                None => wrong.push(key),
            },
            scalar => match text(scalar) {
                Some(text) => {
                    flat.insert(key, text);
                }
                None => wrong.push(key),
            },
        }
    }
}

fn text(value: &Value) -> Option<String> {
    Some(match value {
        Value::String(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Boolean(flag) => flag.to_string(),
        Value::Datetime(moment) => moment.to_string(),
        Value::Array(_) | Value::Table(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_tables_become_dotted_keys() {
        let table = "a = 1\n[tax.us]\nCA = \"7.25\"\non = true\nzones = [\"x\", \"y\"]\n"
            .parse::<Table>()
            .unwrap();
        let flat = flatten(&table).unwrap();
        let seen: Vec<_> = flat.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(
            seen,
            [
                ("a", "1"),
                ("tax.us.CA", "7.25"),
                ("tax.us.on", "true"),
                ("tax.us.zones", "x, y")
            ]
        );
        let lists = "a = [[1]]\nb = [{ c = 1 }]\n".parse::<Table>().unwrap();
        assert_eq!(flatten(&lists).unwrap_err(), ["a", "b"]);
    }
}
