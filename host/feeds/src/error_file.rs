//! The file in which Stripe returns refused rows: its message in a leading column, then the row as it was uploaded
//! (<https://docs.stripe.com/agentic-commerce/for-sellers/custom>). A message may have line breaks in its quotes, so that the file is read
//! record by record, never line by line.

use std::fs::File;
use std::io::{self, BufReader, Read};

use csv::ByteRecord;

use tillhouse_checkout::ids::ItemId;

use super::refused_items::RefusedItems;
use super::transport::RefusedRow;

/// Name of the leading column.
const MESSAGE: &str = "stripe_error_message";

/// Most bytes of a record: a quote that never ends would make one of the whole file.
const MOST_RECORD: u64 = 4 << 20;

/// Most bytes of a message that are kept.
const MOST_MESSAGE: usize = 2000;

/// The rows of such a file, as many as are kept, how many there are, and the items of all of them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ErrorRows {
    pub(crate) kept: Vec<RefusedRow>,
    pub(crate) all: u64,
    pub(crate) items: RefusedItems,
}

impl ErrorRows {
    pub(crate) fn add(&mut self, row: RefusedRow, most: usize) {
        self.all += 1;
        if let Some(id) = &row.id {
            self.items.add(id);
        }
        if self.kept.len() < most {
            self.kept.push(row);
        }
    }
}

/// A file, as far as one record of it may be.
struct Records<R> {
    file: R,
    left: u64,
}

impl<R> Records<R> {
    /// A record is over: the next one may be as long.
    const fn next(&mut self) {
        self.left = MOST_RECORD;
    }

    /// Whether a record was longer than any row is.
    const fn is_cut(&self) -> bool {
        self.left == 0
    }
}

impl<R: Read> Read for Records<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = (&mut self.file).take(self.left).read(into)?;
        self.left = self.left.saturating_sub(u64::try_from(read).unwrap_or(u64::MAX));
        Ok(read)
    }
}

/// Read a file. A record that is longer than any row ends it.
pub(crate) fn read(file: File, most: usize) -> io::Result<ErrorRows> {
    let mut start = [0; 256];
    let mut file = BufReader::new(file);
    let length = read_start(&mut file, &mut start)?;
    let start = start.get(..length).unwrap_or_default();
    // A file of tabs is answered by one of tabs: the header has no comma before its first tab.
    let separator = start.iter().copied().find(|byte| matches!(byte, b',' | b'\t' | b'\n'));
    let mut csv = csv::ReaderBuilder::new()
        .flexible(true)
        .delimiter(if separator == Some(b'\t') { b'\t' } else { b',' })
        .from_reader(Records {
            file: start.chain(file),
            left: MOST_RECORD,
        });
    let header = csv.byte_headers().map_err(io::Error::other)?.clone();
    let column = |name: &str| header.iter().position(|cell| is_named(cell, name));
    let (message, id) = (
        column(MESSAGE).unwrap_or(0),
        column("id").or_else(|| column("promotion_id")),
    );
    let mut rows = ErrorRows::default();
    let mut record = ByteRecord::new();
    while csv.read_byte_record(&mut record).map_err(io::Error::other)? {
        if csv.get_ref().is_cut() {
            rows.items.others_unknown = true;
            break;
        }
        csv.get_mut().next();
        let row = RefusedRow {
            id: id.and_then(|at| text(&record, at)).map(ItemId::new),
            column: None,
            message: text(&record, message).map(clipped).unwrap_or_default(),
        };
        rows.add(row, most);
    }
    Ok(rows)
}

fn read_start(file: &mut impl Read, start: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while let Some(rest) = start.get_mut(length..).filter(|rest| !rest.is_empty()) {
        match file.read(rest)? {
            0 => break,
            read => length += read,
        }
    }
    Ok(length)
}

/// Whether a cell of the header is this name; the first one may begin with a byte order mark.
fn is_named(cell: &[u8], name: &str) -> bool {
    let cell = cell.strip_prefix(b"\xef\xbb\xbf").unwrap_or(cell);
    cell.trim_ascii().eq_ignore_ascii_case(name.as_bytes())
}

fn text(record: &ByteRecord, at: usize) -> Option<String> {
    let text = String::from_utf8_lossy(record.get(at)?.trim_ascii()).into_owned();
    (!text.is_empty()).then_some(text)
}

fn clipped(mut message: String) -> String {
    if message.len() > MOST_MESSAGE {
        message.truncate(message.floor_char_boundary(MOST_MESSAGE));
        message.push('…');
    }
    message
}

#[cfg(test)]
mod tests {
    use std::io::{Seek, Write};

    use super::*;

    fn rows(text: &str, most: usize) -> ErrorRows {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file.rewind().unwrap();
        read(file, most).unwrap()
    }

    fn row(id: &str, message: &str) -> RefusedRow {
        RefusedRow {
            id: Some(ItemId::new(id)),
            column: None,
            message: message.to_owned(),
        }
    }

    #[test]
    fn a_message_may_have_line_breaks_commas_and_quotes() {
        let found = rows(
            "stripe_error_message,id,title\r\n\"price: not a number,\nor \"\"free\"\"\",mug,Mug\r\nlink: missing,cap,\"a\nb\"\r\n",
            10,
        );
        let expected = [
            row("mug", "price: not a number,\nor \"free\""),
            row("cap", "link: missing"),
        ];
        assert_eq!((found.kept.as_slice(), found.all), (expected.as_slice(), 2));
    }

    #[test]
    fn a_file_of_tabs_with_a_byte_order_mark_is_read_too() {
        let found = rows("\u{feff}stripe_error_message\tid\nbad, really\tmug\n", 10);
        assert_eq!(found.kept, [row("mug", "bad, really")]);
    }

    #[test]
    fn a_quote_that_never_ends_and_a_message_without_end_take_no_memory() {
        let rest = "x".repeat(20 << 20);
        let mut file = tempfile::tempfile().unwrap();
        write!(file, "stripe_error_message,id\nbad,mug\n\"{rest}").unwrap();
        file.rewind().unwrap();
        assert_eq!(
            read(file, 10).unwrap().kept,
            [row("mug", "bad")],
            "20 MB are passed over"
        );
        let long = rows(&format!("stripe_error_message,id\n{},mug\n", "é".repeat(100_000)), 10);
        assert!(
            long.kept[0].message.len() <= MOST_MESSAGE + 10,
            "{}",
            long.kept[0].message.len()
        );
        assert_eq!(long.kept[0].id, Some(ItemId::new("mug")));
    }

    #[test]
    fn all_rows_are_counted_and_the_first_are_kept() {
        let many: String = (0..1000).map(|n| format!("bad,{n}\n")).collect();
        let found = rows(&format!("stripe_error_message,id\n{many}"), 3);
        assert_eq!((found.kept.len(), found.all), (3, 1000));
        let mut items = found.items;
        items.sort();
        assert!(
            (0..1000).all(|n| items.has(&ItemId::new(n.to_string()))),
            "each is known"
        );
        assert_eq!(rows("", 3), ErrorRows::default());
        assert_eq!(rows("stripe_error_message,title\nbad,Mug\n", 3).kept[0].id, None);
    }
}
