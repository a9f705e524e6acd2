//! Where something stands in a TOML file.

use toml::de::{DeTable, DeValue};

use super::reader::line;

/// The line, counted from 1, of a key in a TOML text: `["provides", "capabilities"]`. Of a list of tables it is the first.
/// Where the key is not there, the line of the last of its parents that is.
#[must_use]
pub fn line_of(text: &str, path: &[&str]) -> Option<usize> {
    let document = DeTable::parse(text).ok()?;
    let mut table = document.get_ref();
    let mut found = None;
    for key in path {
        let Some((name, value)) = table.get_key_value(*key) else {
            break;
        };
        found = Some(name.span().start);
        let first = match value.get_ref() {
            DeValue::Array(list) => list.first().map(|first| first.get_ref()),
            other => Some(other),
        };
        let Some(inner) = first.and_then(DeValue::as_table) else {
            break;
        };
        table = inner;
    }
    found.map(|at| line(text, at))
}
