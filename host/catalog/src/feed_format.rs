//! How the file of a feed is written: its encoding, and what separates its cells.

use std::io::Read;

use super::error::CatalogError;

/// Bytes of a file in which its header is expected.
const HEADER_BYTES: u64 = 64 * 1024;

/// What separates the cells of a feed: Stripe takes both
/// (<https://docs.stripe.com/agentic-commerce/product-feed>).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FeedFormat {
    Commas,
    Tabs,
}

impl FeedFormat {
    /// The format of a file, and the bytes that were read to know it.
    pub(super) fn detect(file: &mut impl Read) -> Result<(Self, Vec<u8>), CatalogError> {
        let mut start = Vec::new();
        let read = file.by_ref().take(HEADER_BYTES).read_to_end(&mut start);
        read.map_err(|error| CatalogError::of_file(format!("cannot be read: {error}")))?;
        if let Some(encoding) = other_encoding(&start) {
            return Err(CatalogError::of_file(format!(
                "the file is {encoding}; save it as UTF-8 (in a spreadsheet: CSV UTF-8)"
            )));
        }
        let header = header(&start);
        // The column that every feed has shows what separates the columns.
        let separates = |separator| cells(&header, separator).any(|cell| cell.eq_ignore_ascii_case("id"));
        if separates('\t') && !separates(',') {
            return Ok((Self::Tabs, start));
        }
        for (separator, name) in [(';', "semicolons"), ('|', "vertical bars")] {
            if header.contains(separator) && separates(separator) && !separates(',') {
                return Err(CatalogError::of_file(format!(
                    "its columns are separated by {name}; save the file with commas or tabs between the columns"
                )));
            }
        }
        Ok((Self::Commas, start))
    }

    pub(super) const fn delimiter(self) -> u8 {
        match self {
            Self::Commas => b',',
            Self::Tabs => b'\t',
        }
    }

    pub(super) const fn separators(self) -> &'static str {
        match self {
            Self::Commas => "commas",
            Self::Tabs => "tabs",
        }
    }
}

/// The name of the encoding, if the file begins in one that is not UTF-8.
fn other_encoding(start: &[u8]) -> Option<&'static str> {
    match start {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => Some("UTF-32"),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some("UTF-16"),
        [b'P', b'K', 3, 4, ..] => Some("a spreadsheet or an archive"),
        [0x1f, 0x8b, ..] => Some("compressed"),
        // Text without a byte order mark: one of two bytes of a Latin letter is zero.
        [0, _, 0, _, ..] | [_, 0, _, 0, ..] => Some("UTF-16"),
        _ => None,
    }
}

/// The first line that is not blank, without a byte order mark.
fn header(start: &[u8]) -> String {
    let text = String::from_utf8_lossy(start);
    let mut lines = text.trim_start_matches('\u{feff}').split(['\r', '\n']);
    lines
        .find(|line| !line.trim().is_empty())
        .unwrap_or_default()
        .to_owned()
}

fn cells(header: &str, separator: char) -> impl Iterator<Item = &str> {
    header.split(separator).map(|cell| cell.trim().trim_matches('"').trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detect(file: &[u8]) -> Result<FeedFormat, String> {
        let mut rest = file;
        let found = FeedFormat::detect(&mut rest);
        found.map(|(format, _)| format).map_err(|error| error.to_string())
    }

    #[test]
    fn the_header_shows_what_separates_the_columns() {
        for (header, format) in [
            ("id,title\n", FeedFormat::Commas),
            ("id\ttitle\n", FeedFormat::Tabs),
            ("title\t\"id\"\tprice\r\n", FeedFormat::Tabs),
            ("\u{feff}ID\ttitle", FeedFormat::Tabs),
            ("\n\nid\ttitle, long\n", FeedFormat::Tabs),
            ("id,title\tand more\n", FeedFormat::Commas),
            ("id\n", FeedFormat::Commas),
            ("", FeedFormat::Commas),
        ] {
            assert_eq!(detect(header.as_bytes()), Ok(format), "{header:?}");
        }
    }

    #[test]
    fn another_separator_is_named() {
        for (header, name) in [
            ("id;title;price", "semicolons"),
            ("title ; \"id\"", "semicolons"),
            ("\u{feff}id;title", "semicolons"),
            ("id|title", "vertical bars"),
        ] {
            let error = detect(header.as_bytes()).unwrap_err();
            assert!(error.contains(name) && error.contains("commas or tabs"), "{error}");
        }
    }

    #[test]
    fn another_encoding_is_named() {
        let utf16 = |order: fn(u16) -> [u8; 2], mark: bool| -> Vec<u8> {
            let mark = mark.then_some('\u{feff}');
            let text: String = mark.into_iter().chain("id,title".chars()).collect();
            text.encode_utf16().flat_map(order).collect()
        };
        for (file, name) in [
            (utf16(u16::to_le_bytes, true), "UTF-16"),
            (utf16(u16::to_be_bytes, true), "UTF-16"),
            (utf16(u16::to_le_bytes, false), "UTF-16"),
            (utf16(u16::to_be_bytes, false), "UTF-16"),
            (vec![0xff, 0xfe, 0, 0, b'i', 0, 0, 0], "UTF-32"),
            (b"PK\x03\x04xl".to_vec(), "spreadsheet"),
            (vec![0x1f, 0x8b, 8], "compressed"),
        ] {
            let error = detect(&file).unwrap_err();
            assert!(error.contains(name) && error.contains("UTF-8"), "{error}");
        }
    }
}
