//! Line numbers of keys in a manifest.

use toml::de::{DeTable, DeValue};

use super::reader::line;

/// Line number, counted from 1, of a key in a TOML text. The path is e.g. `["provides", "capabilities"]`.
///
/// In an array of tables, the first table counts. If the key does not exist, returns the line of its closest existing parent;
/// `None` if there is none or the text is not TOML.
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
