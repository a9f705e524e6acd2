//! Splits a file into records, in bounded memory.

use std::io::{self, Read};

use csv_core::ReadRecordResult;

use super::format::TextStream;

/// Most cells of a record.
const CELLS: usize = 10_000;

/// Records of a file, each in the same memory.
#[derive(Debug)]
pub(crate) struct Records<R> {
    input: TextStream<R>,
    parser: Box<csv_core::Reader>,
    bytes: Vec<u8>,
    ends: Vec<usize>,
    used: usize,
    cells: usize,
    /// Line on which the record begins.
    line: u64,
    next_line: u64,
    after_return: bool,
    /// The last byte that was read, and whether the record before it was ended by the end of the file.
    last: Option<u8>,
    is_unended: bool,
    limit: usize,
}

/// What was read of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    Record,
    /// A record that is longer than the limit; it was passed over.
    TooLong,
    End,
}

/// Why the rest of the file cannot be read.
#[derive(Debug)]
pub(crate) enum RecordError {
    Io(io::Error),
    /// The file ends within a quote that this line opens.
    Unclosed {
        line: u64,
    },
}

impl<R: Read> Records<R> {
    pub(crate) fn new(input: TextStream<R>, separator: u8, limit: usize) -> Self {
        Self {
            input,
            parser: Box::new(csv_core::ReaderBuilder::new().delimiter(separator).build()),
            bytes: vec![0; 4096.min(limit)],
            ends: vec![0; 128],
            used: 0,
            cells: 0,
            line: 1,
            next_line: 1,
            after_return: false,
            last: None,
            is_unended: false,
            limit,
        }
    }

    pub(crate) const fn input(&self) -> &TextStream<R> {
        &self.input
    }

    /// Line on which the record begins that was read last.
    pub(crate) const fn line(&self) -> u64 {
        self.line
    }

    /// Bytes of the record that was read last, and where its cells end in them.
    pub(crate) fn record(&self) -> (&[u8], &[usize]) {
        (
            self.bytes.get(..self.used).unwrap_or_default(),
            self.ends.get(..self.cells).unwrap_or_default(),
        )
    }

    /// Whether only the end of the file ends the record that was read last, within a cell that has no quotes: if the file was cut off
    /// there, it cannot be told.
    pub(crate) fn is_unended(&self) -> bool {
        self.is_unended && self.last != Some(b'"')
    }

    /// Put U+FFFD in place of bytes of the record that are not UTF-8.
    pub(crate) fn replace_invalid(&mut self) {
        let (mut text, mut ends) = (String::new(), Vec::new());
        let mut start = 0;
        let (bytes, old) = self.record();
        for end in old {
            text.push_str(&String::from_utf8_lossy(bytes.get(start..*end).unwrap_or_default()));
            ends.push(text.len());
            start = *end;
        }
        (self.used, self.cells) = (text.len(), ends.len());
        self.bytes = text.into_bytes();
        self.ends = ends;
    }

    /// Read the next record.
    pub(crate) fn read(&mut self) -> Result<Found, RecordError> {
        (self.used, self.cells) = (0, 0);
        if !self.skip_breaks().map_err(RecordError::Io)? {
            return Ok(Found::End);
        }
        self.line = self.next_line;
        let mut found = Found::Record;
        loop {
            let text = self.input.fill().map_err(RecordError::Io)?;
            // A file may end without a line break; one that ends within a quote takes the break as text.
            let ended = text.is_empty();
            let text = if ended { b"\n" } else { text };
            let space = self.bytes.get_mut(self.used..).unwrap_or_default();
            let ends = self.ends.get_mut(self.cells..).unwrap_or_default();
            let (result, read, written, cells) = self.parser.read_record(text, space, ends);
            let last = read.checked_sub(1).and_then(|last| text.get(last)).copied();
            (self.used, self.cells) = (self.used + written, self.cells + cells);
            if !ended {
                self.last = last.or(self.last);
                self.input.consume(read);
            }
            match result {
                ReadRecordResult::Record => {
                    self.next_line += self.breaks() + u64::from(!ended);
                    self.after_return = last == Some(b'\r');
                    self.is_unended = ended;
                    return Ok(found);
                }
                ReadRecordResult::InputEmpty if ended => return Err(RecordError::Unclosed { line: self.open_line() }),
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => found = self.grow(found),
                ReadRecordResult::End => return Ok(Found::End),
            }
        }
    }

    /// Pass over line breaks before a record; whether there is one.
    fn skip_breaks(&mut self) -> io::Result<bool> {
        loop {
            let text = self.input.fill()?;
            let Some(byte) = text.first().copied() else {
                return Ok(false);
            };
            match byte {
                b'\n' if self.after_return => self.after_return = false,
                b'\n' | b'\r' => {
                    self.next_line += 1;
                    self.after_return = byte == b'\r';
                }
                _ => {
                    self.after_return = false;
                    return Ok(true);
                }
            }
            self.input.consume(1);
        }
    }

    /// Make place for more of the record, up to the limit. Beyond it the record is read on into the same memory.
    fn grow(&mut self, found: Found) -> Found {
        let within = self.used < self.limit && self.cells < CELLS;
        if found == Found::Record && within {
            if self.used == self.bytes.len() {
                self.bytes.resize((self.bytes.len() * 2).max(1024).min(self.limit), 0);
            } else {
                self.ends.resize((self.ends.len() * 2).clamp(64, CELLS), 0);
            }
            return Found::Record;
        }
        self.next_line += self.breaks();
        (self.used, self.cells) = (0, 0);
        Found::TooLong
    }

    /// Line breaks within the cells.
    fn breaks(&self) -> u64 {
        breaks_in(self.bytes.get(..self.used).unwrap_or_default())
    }

    /// The line on which the cell begins that is still open.
    fn open_line(&self) -> u64 {
        let start = self.cells.checked_sub(1).and_then(|last| self.ends.get(last)).copied();
        self.next_line + breaks_in(self.bytes.get(..start.unwrap_or(0)).unwrap_or_default())
    }
}

/// Line feeds, and carriage returns that none follows.
fn breaks_in(text: &[u8]) -> u64 {
    let count = |wanted: u8| text.iter().filter(|byte| **byte == wanted).count();
    let (feeds, returns) = (count(b'\n'), count(b'\r'));
    let pairs = match returns {
        0 => 0,
        _ => text.windows(2).filter(|pair| pair == b"\r\n").count(),
    };
    (feeds + returns - pairs) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(file: &str, limit: usize) -> Vec<(u64, Option<Vec<String>>)> {
        let mut records = Records::new(TextStream::new(file.as_bytes()), b',', limit);
        let mut all = Vec::new();
        loop {
            match records.read() {
                Ok(Found::Record) => {
                    let (bytes, ends) = records.record();
                    let starts = std::iter::once(&0).chain(ends);
                    let cells = starts
                        .zip(ends)
                        .map(|(from, to)| String::from_utf8(bytes[*from..*to].to_vec()).unwrap());
                    all.push((records.line(), Some(cells.collect())));
                }
                Ok(Found::TooLong) => all.push((records.line(), None)),
                Ok(Found::End) => return all,
                Err(RecordError::Unclosed { line }) => {
                    all.push((line, Some(vec!["unclosed".to_owned()])));
                    return all;
                }
                Err(RecordError::Io(error)) => panic!("{error}"),
            }
        }
    }

    fn lines(file: &str) -> Vec<u64> {
        read(file, 1 << 20).into_iter().map(|(line, _)| line).collect()
    }

    #[test]
    fn each_record_has_the_line_on_which_it_begins() {
        assert_eq!(lines("a\nb\nc"), [1, 2, 3]);
        assert_eq!(lines("a\r\nb\r\n\r\nc\r\n"), [1, 2, 4]);
        assert_eq!(lines("a\rb\r\rc\r"), [1, 2, 4]);
        assert_eq!(lines("\n\na\n\n\nb"), [3, 6]);
        assert_eq!(lines("\"a\nb\",1\nc\n"), [1, 3]);
        assert_eq!(lines("a,\"b\r\nc\"\r\nd\r\n"), [1, 3]);
        assert_eq!(lines("a,\"b\r\rc\"\rd\r"), [1, 4]);
        assert_eq!(lines(""), [0; 0]);
    }

    #[test]
    fn a_last_record_without_a_line_break_is_known() {
        for (file, is_unended) in [
            ("a\nb,c", true),
            ("a\nb,", true),
            ("a\nb,c\n", false),
            ("a\nb,c\r", false),
            ("a\nb,\"c\"", false),
            ("a\nb,\"c\"\n\n", false),
        ] {
            let mut records = Records::new(TextStream::new(file.as_bytes()), b',', 1000);
            while let Found::Record = records.read().unwrap() {}
            assert_eq!(records.is_unended(), is_unended, "{file:?}");
        }
    }

    #[test]
    fn a_record_over_the_limit_is_passed_over_and_the_next_one_is_read() {
        let long = "x".repeat(100_000);
        let file = format!("a,b\n{long},1\n\"{long}\n{long}\",2\nc,d");
        let found = read(&file, 1000);
        let short: Vec<_> = found.iter().map(|(line, cells)| (*line, cells.is_some())).collect();
        assert_eq!(short, [(1, true), (2, false), (3, false), (5, true)]);
        let many = format!("{}\nb", ",".repeat(CELLS + 1));
        assert_eq!(
            read(&many, 1 << 20).iter().filter(|(_, cells)| cells.is_some()).count(),
            1
        );
    }

    #[test]
    fn a_file_that_ends_within_a_quote_says_where_it_opens() {
        for (file, line) in [
            ("a,\"b", 1),
            ("a\nb,\"c\nd,e\n", 2),
            ("\"a\nb\",\"c", 2),
            ("a,\"two \"\"\nb", 1),
        ] {
            assert_eq!(
                read(file, 1 << 20).pop(),
                Some((line, Some(vec!["unclosed".to_owned()]))),
                "{file:?}"
            );
        }
        for file in ["a,\"b\"", "a,b\"", "a,\"\"", "\"\"\"\""] {
            assert_eq!(lines(file), [1], "{file:?}");
        }
    }
}
