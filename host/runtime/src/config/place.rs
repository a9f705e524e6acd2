//! Line numbers of keys in a configuration file.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Line number, counted from 1, of a key in a TOML text.
///
/// The path may be written as in error messages, `merchants.acme.acp.keys[0].sha256`, or as a plugin sees it, `steps.1.price`.
/// If the key does not exist, returns the line of its closest existing parent; `None` if there is none or the text is not TOML.
#[must_use]
pub fn line_at(text: &str, path: &str) -> Option<usize> {
    let document = DeTable::parse(text).ok()?;
    let mut here = Here::Table(document.get_ref());
    let (mut rest, mut found) = (path, None);
    while !rest.is_empty() {
        let Some((at, value, left)) = here.step(rest) else {
            break;
        };
        found = Some(at);
        rest = left.trim_start_matches('.');
        match value.get_ref() {
            DeValue::Table(table) => here = Here::Table(table),
            DeValue::Array(list) => here = Here::List(list.iter().collect()),
            _ => break,
        }
    }
    found.map(|at| text.get(..at).map_or(1, |before| before.matches('\n').count() + 1))
}

type Value<'a> = Spanned<DeValue<'a>>;

enum Here<'a> {
    Table(&'a DeTable<'a>),
    List(Vec<&'a Value<'a>>),
}

impl<'a> Here<'a> {
    /// Byte offset and value of the first part of the path, and the rest of the path.
    fn step<'p>(&self, path: &'p str) -> Option<(usize, &'a Value<'a>, &'p str)> {
        match self {
            Self::Table(table) => {
                // A key may contain dots itself: take the longest key that matches.
                let fits = table.iter().filter_map(|(key, value)| {
                    let left = path.strip_prefix(key.get_ref().as_ref())?;
                    let ends = left.is_empty() || left.starts_with(['.', '[']);
                    ends.then_some((key.span().start, value, left))
                });
                fits.min_by_key(|(_, _, left)| left.len())
            }
            Self::List(list) => {
                let path = path.trim_start_matches('[');
                let digits = path.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(path.len());
                let (index, left) = path.split_at(digits);
                let value = list.get(index.parse::<usize>().ok()?)?;
                Some((value.span().start, value, left.trim_start_matches(']')))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
a = 1
[b]
c = { d = 2 }
\"e.f\" = [1, 2]
[[g.h]]
i = 1
[[g.h]]
i = [
  3,
  4.0,
]
";

    #[test]
    fn a_key_is_found_by_its_path() {
        for (path, line) in [
            ("a", 1),
            ("b", 2),
            ("b.c.d", 3),
            ("b.e.f", 4),
            ("g.h[0].i", 6),
            ("g.h[1].i", 8),
            ("g.h.1.i", 8),
            ("g.h[1].i[1]", 10),
            ("g.h.1.i.1", 10),
        ] {
            assert_eq!(line_at(TEXT, path), Some(line), "{path}");
        }
    }

    #[test]
    fn what_is_not_there_is_at_its_last_parent() {
        for (path, line) in [
            ("b.x", Some(2)),
            ("b.c.x", Some(3)),
            ("g.h[1].x", Some(7)),
            ("g.h[7].x", Some(5)),
            ("x", None),
            ("", None),
            ("aa", None),
        ] {
            assert_eq!(line_at(TEXT, path), line, "{path}");
        }
        assert_eq!(line_at("a = ", "a"), None, "not TOML");
    }
}
