//! Whether a feed ends inside a quoted cell: then it was cut off, and what follows the quote was read as one cell.

use std::io::{self, Read};

/// Reads a feed, and follows its quotes as the CSV reader does: a quote opens a cell only at its beginning, and two within it are one.
#[derive(Debug)]
pub(super) struct QuoteFollower<R> {
    feed: R,
    delimiter: u8,
    place: Place,
    line: u64,
    /// Line of the quote that opened the last quoted cell.
    opened: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    CellStart,
    Unquoted,
    Quoted,
    /// After a quote in a quoted cell: its end, or the first of two.
    AfterQuote,
}

impl<R> QuoteFollower<R> {
    pub(super) const fn new(feed: R, delimiter: u8) -> Self {
        Self {
            feed,
            delimiter,
            place: Place::CellStart,
            line: 1,
            opened: 0,
        }
    }

    /// The line on which the cell begins that is still open; `None` if no cell is.
    pub(super) fn open_since(&self) -> Option<u64> {
        (self.place == Place::Quoted).then_some(self.opened)
    }

    fn follow(&mut self, byte: u8) {
        let ends_cell = byte == self.delimiter || byte == b'\n' || byte == b'\r';
        self.place = match (self.place, byte) {
            (Place::CellStart, b'"') => {
                self.opened = self.line;
                Place::Quoted
            }
            (Place::Quoted, b'"') => Place::AfterQuote,
            (Place::Quoted, _) | (Place::AfterQuote, b'"') => Place::Quoted,
            _ if ends_cell => Place::CellStart,
            _ => Place::Unquoted,
        };
        if byte == b'\n' {
            self.line += 1;
        }
    }
}

impl<R: Read> Read for QuoteFollower<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.feed.read(buffer)?;
        for byte in buffer.iter().take(read) {
            self.follow(*byte);
        }
        Ok(read)
    }
}
