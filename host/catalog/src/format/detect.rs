//! Finds out how a file is written, from its first bytes.

use std::io::Read;

use super::{FileEncoding, FileFormat, ReadOptions, Separator, TextStream};
use crate::columns::key;
use crate::problem::Problem;
use crate::rule::Rule;

const SAVE_AS_TEXT: &str = "save it as CSV in UTF-8 (in a spreadsheet: CSV UTF-8)";

impl<R: Read> TextStream<R> {
    /// The format of a file whose text is read from its header on.
    pub(crate) fn detect(&mut self, options: &ReadOptions) -> Result<FileFormat, Problem> {
        let bom = self.detect_encoding(options)?;
        let unreadable =
            |error| Problem::of_file(Rule::FileUnreadable, format!("the file cannot be read: {error}"), "");
        let start = self.fill().map_err(unreadable)?;
        let header = header(start);
        let separator = match options.separator {
            Some(separator) => separator,
            None => separator(&header, key(&options.feed).name)?,
        };
        if header.is_empty() && self.is_blank().map_err(unreadable)? {
            let help = "the first line names the columns: id, title, price, availability and others";
            return Err(Problem::of_file(Rule::FileEmpty, "the file is empty", help));
        }
        let (encoding, guessed) = self.encoding();
        Ok(FileFormat {
            encoding,
            guessed,
            bom,
            separator,
        })
    }

    /// Sets the encoding, and passes over a byte order mark. Returns whether there was one.
    fn detect_encoding(&mut self, options: &ReadOptions) -> Result<bool, Problem> {
        let unreadable =
            |error| Problem::of_file(Rule::FileUnreadable, format!("the file cannot be read: {error}"), "");
        let start = self.start().map_err(unreadable)?;
        let marked = mark(start);
        if let Some(other) = other_form(start) {
            return Err(Problem::of_file(
                Rule::FileForm,
                format!("the file is {other}"),
                SAVE_AS_TEXT,
            ));
        }
        let found = marked
            .map(|(encoding, _)| encoding)
            .or_else(|| utf16_without_mark(start));
        if options.encoding.or(found).is_none() && start.contains(&0) {
            let message = "the file has zero bytes, so it is not text";
            return Err(Problem::of_file(Rule::FileForm, message, SAVE_AS_TEXT));
        }
        if let Some((_, bytes)) = marked.filter(|(encoding, _)| options.encoding.is_none_or(|said| said == *encoding)) {
            self.skip(bytes);
        }
        if let Some(encoding) = options.encoding.or(found) {
            self.decode(encoding, false);
        }
        Ok(marked.is_some())
    }

    /// Whether nothing but line breaks and blanks follows.
    fn is_blank(&mut self) -> std::io::Result<bool> {
        loop {
            let text = self.fill()?;
            if text.is_empty() {
                return Ok(true);
            }
            if !text.iter().all(u8::is_ascii_whitespace) {
                return Ok(false);
            }
            let bytes = text.len();
            self.consume(bytes);
        }
    }
}

/// The byte order mark at the start, and its length.
fn mark(start: &[u8]) -> Option<(FileEncoding, usize)> {
    match start {
        [0xef, 0xbb, 0xbf, ..] => Some((FileEncoding::Utf8, 3)),
        [0xff, 0xfe, ..] => Some((FileEncoding::Utf16Le, 2)),
        [0xfe, 0xff, ..] => Some((FileEncoding::Utf16Be, 2)),
        _ => None,
    }
}

/// What a file is that is not text of a feed.
fn other_form(start: &[u8]) -> Option<&'static str> {
    match start {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => Some("UTF-32"),
        [b'P', b'K', 3, 4, ..] => Some("a spreadsheet or an archive"),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => Some("a spreadsheet of an old form"),
        [0x1f, 0x8b, ..] | [0x28, 0xb5, 0x2f, 0xfd, ..] => Some("compressed"),
        [b'%', b'P', b'D', b'F', ..] => Some("a PDF"),
        [b'<', ..] => Some("XML or HTML"),
        [b'{', ..] => Some("JSON"),
        _ => None,
    }
}

/// One of two bytes of a Latin letter in UTF-16 is zero.
fn utf16_without_mark(start: &[u8]) -> Option<FileEncoding> {
    match start {
        [0, a, 0, b, ..] if *a != 0 && *b != 0 => Some(FileEncoding::Utf16Be),
        [a, 0, b, 0, ..] if *a != 0 && *b != 0 => Some(FileEncoding::Utf16Le),
        _ => None,
    }
}

/// The first line that is not blank.
fn header(start: &[u8]) -> String {
    let mut lines = start.split(|byte| matches!(byte, b'\r' | b'\n'));
    let line = lines.find(|line| !line.trim_ascii().is_empty()).unwrap_or_default();
    String::from_utf8_lossy(line).into_owned()
}

/// The column that every feed has shows what separates the columns.
fn separator(header: &str, key: &str) -> Result<Separator, Problem> {
    let separates = |separator: Separator| {
        let mut cells = header.split(char::from(separator.byte()));
        cells.any(|cell| cell.trim().trim_matches('"').trim().eq_ignore_ascii_case(key))
    };
    if separates(Separator::Comma) {
        return Ok(Separator::Comma);
    }
    if separates(Separator::Tab) {
        return Ok(Separator::Tab);
    }
    for other in [Separator::Semicolon, Separator::Pipe] {
        if separates(other) {
            let message = format!("its columns are separated by {}", other.plural());
            let help = "save the file with commas or tabs between the columns, or say what separates them";
            return Err(Problem::of_file(Rule::FileSeparator, message, help));
        }
    }
    Ok(Separator::Comma)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detect(file: &[u8]) -> Result<FileFormat, String> {
        let mut stream = TextStream::new(file);
        stream
            .detect(&ReadOptions::default())
            .map_err(|problem| problem.to_string())
    }

    #[test]
    fn the_header_shows_what_separates_the_columns() {
        for (header, separator) in [
            ("id,title\n", Separator::Comma),
            ("id\ttitle\n", Separator::Tab),
            ("title\t\"id\"\tprice\r\n", Separator::Tab),
            ("\u{feff}ID\ttitle", Separator::Tab),
            ("\n\nid\ttitle, long\n", Separator::Tab),
            ("id,title\tand more\n", Separator::Comma),
            ("id\n", Separator::Comma),
            ("sku\n", Separator::Comma),
        ] {
            assert_eq!(detect(header.as_bytes()).unwrap().separator, separator, "{header:?}");
        }
    }

    #[test]
    fn another_separator_is_named_and_read_where_an_option_says_so() {
        for (header, name, separator) in [
            ("id;title;price", "semicolons", Separator::Semicolon),
            ("title ; \"id\"", "semicolons", Separator::Semicolon),
            ("\u{feff}id;title", "semicolons", Separator::Semicolon),
            ("id|title", "vertical bars", Separator::Pipe),
        ] {
            let error = detect(header.as_bytes()).unwrap_err();
            assert!(error.contains(name) && error.contains("commas or tabs"), "{error}");
            let options = ReadOptions {
                separator: Some(separator),
                ..ReadOptions::default()
            };
            let found = TextStream::new(header.as_bytes()).detect(&options).unwrap();
            assert_eq!(found.separator, separator);
        }
    }

    #[test]
    fn what_is_not_text_is_named() {
        for (file, name) in [
            (&[0xff, 0xfe, 0, 0, b'i', 0, 0, 0][..], "UTF-32"),
            (b"PK\x03\x04xl", "spreadsheet"),
            (&[0x1f, 0x8b, 8], "compressed"),
            (b"<?xml version=\"1.0\"?>", "XML"),
            (b"{\"id\": 1}", "JSON"),
            (b"%PDF-1.7", "PDF"),
            (b"id,title\0\n", "zero bytes"),
        ] {
            let error = detect(file).unwrap_err();
            assert!(error.contains(name) && error.contains("UTF-8"), "{error}");
        }
    }

    #[test]
    fn a_file_without_text_is_empty() {
        for file in ["", "\u{feff}", "\n", "\r\n \r\n", &" \n".repeat(100_000)] {
            assert!(detect(file.as_bytes()).unwrap_err().contains("the file is empty"));
        }
        let far = "\n".repeat(200_000) + "id,title\n";
        assert_eq!(detect(far.as_bytes()).unwrap().separator, Separator::Comma);
    }
}
