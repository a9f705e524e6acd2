//! Reads a feed record by record, in bounded memory: each is a row, a delete, or refused with every problem.

use std::io::Read;

use tillhouse_checkout::catalog::CatalogRow;
use tillhouse_checkout::ids::ItemId;

use crate::cells::{self, Cells};
use crate::check::Checker;
use crate::columns::{Column, code, key};
use crate::format::{FileFormat, ReadOptions, TextStream};
use crate::header::{FileColumn, FileColumns, refused_if_strict};
use crate::problem::{Fault, Problem, shown};
use crate::records::{Found, RecordError, Records};
use crate::row::RowCells;
use crate::rule::{Rule, Scope};
use crate::values;

/// What one record of a feed says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FeedRecord {
    /// A row that can be kept. In an inventory or price feed it is a change, to be [merged](crate::merge); in a promotion feed its
    /// id is the promotion's.
    Row {
        /// The row, as the store keeps it.
        row: CatalogRow,
        /// Why it cannot be uploaded, and what could be better.
        problems: Vec<Problem>,
    },
    /// The item is gone.
    Delete {
        /// Id of the item.
        id: ItemId,
        /// Line of the file.
        line: u64,
    },
    /// A row that cannot be kept.
    Refused {
        /// Line of the file.
        line: u64,
        /// The id of its item, as far as it has one.
        id: Option<ItemId>,
        /// Every problem of it.
        problems: Vec<Problem>,
    },
}

/// Reads a feed. Iterating ends after the first error: what follows cannot be read.
#[derive(Debug)]
pub struct FeedReader<R> {
    records: Records<R>,
    format: FileFormat,
    columns: FileColumns,
    options: ReadOptions,
    checker: Checker,
    content: Vec<u8>,
    over: bool,
}

impl<R: Read> FeedReader<R> {
    /// Read the format and the header of a file.
    ///
    /// # Errors
    /// Why no row of it can be read.
    pub fn open(file: R, options: &ReadOptions) -> Result<Self, Vec<Problem>> {
        let mut stream = TextStream::new(file);
        let format = stream.detect(options).map_err(|problem| vec![problem])?;
        let mut records = Records::new(stream, format.separator.byte(), options.max_record_bytes);
        let names = header(&mut records, options).map_err(|problem| vec![problem])?;
        let checker = Checker::new(options.feed.clone());
        let columns = FileColumns::read(names, records.line(), &checker, &options.feed)?;
        if let Some(problems) = refused_if_strict(&columns.problems, options.strict) {
            return Err(problems);
        }
        Ok(Self {
            records,
            format,
            columns,
            options: options.clone(),
            checker,
            content: Vec::new(),
            over: false,
        })
    }

    /// How the file is written, as far as it was read.
    #[must_use]
    pub fn format(&self) -> FileFormat {
        let (encoding, guessed) = self.records.input().encoding();
        FileFormat {
            encoding,
            guessed,
            ..self.format
        }
    }

    /// The names of the columns as they are written.
    #[must_use]
    pub fn header(&self) -> &[String] {
        &self.columns.names
    }

    /// Problems of the header that do not refuse the file: with `Scope::Feed`, of every row.
    #[must_use]
    pub fn header_problems(&self) -> &[Problem] {
        &self.columns.problems
    }

    /// Bytes of the file that were read.
    #[must_use]
    pub const fn bytes_read(&self) -> u64 {
        self.records.input().bytes_read()
    }

    /// The cells of the record that was read last, as they are written; U+FFFD is in place of bytes that stand for nothing. Of a
    /// record over the limit there are none.
    pub fn cells(&self) -> impl Iterator<Item = &str> {
        let (bytes, ends) = self.records.record();
        split(bytes, ends).map(|cell| std::str::from_utf8(cell).unwrap_or_default())
    }

    fn read(&mut self) -> Option<Result<FeedRecord, Problem>> {
        loop {
            match self.records.read() {
                Ok(Found::End) => return None,
                Ok(Found::TooLong) => return Some(Ok(refused(self.records.line(), None, too_long(&self.options)))),
                Ok(Found::Record) => {
                    if let Some(record) = self.record() {
                        return Some(Ok(record));
                    }
                }
                Err(error) => return Some(Err(unreadable(&error))),
            }
        }
    }

    /// What the record says; `None` if all its cells are blank, as spreadsheets leave rows.
    fn record(&mut self) -> Option<FeedRecord> {
        let (line, (bytes, ends)) = (self.records.line(), self.records.record());
        let text = match std::str::from_utf8(bytes) {
            Ok(text) if ends.iter().all(|end| text.is_char_boundary(*end)) => text,
            _ => {
                let fault = not_text(bytes, ends, self.format().encoding.as_str());
                let id = self.columns.id(bytes, ends);
                self.records.replace_invalid();
                return Some(refused(line, id, fault));
            }
        };
        if text.trim().is_empty() {
            return None;
        }
        if ends.len() != self.columns.columns.len() {
            let id = self.columns.id(bytes, ends);
            return Some(refused(line, id, wrong_width(ends.len(), &self.columns, self.format)));
        }
        if text.contains('\0') {
            let help = "remove them: a text has none";
            let id = self.columns.id(bytes, ends);
            return Some(refused(line, id, Fault::new(Rule::RowZero, "has zero bytes", help)));
        }
        let increment = self.options.feed.is_increment();
        let key = key(&self.options.feed);
        let known = encode(&self.columns, text, ends, increment, key, &mut self.content);
        let id = known.get(key.code);
        let id = (!id.is_empty()).then(|| ItemId::new(id));
        if let Some(record) = deleted(line, &known, key, id.as_ref()) {
            return Some(record);
        }
        let mut problems = Vec::new();
        self.checker
            .check_cells(line, &known, self.columns.header, &mut problems);
        if increment && !changes(&self.content) {
            problems.retain(Problem::refuses);
            let help = "give one, or remove the row";
            let fault = Fault::new(Rule::NothingToChange, "has no value to change", help);
            problems.push(Problem::of_row(line, fault));
        }
        if self.records.is_unended() {
            problems.push(Problem::of_row(line, unended()));
        }
        let strict = self.options.strict;
        let refuses = |problem: &Problem| problem.refuses() || (strict && problem.scope == Scope::Feed);
        Some(match id {
            Some(id) if !problems.iter().any(refuses) => FeedRecord::Row {
                row: CatalogRow {
                    id,
                    line,
                    content: self.content.clone(),
                },
                problems,
            },
            id => FeedRecord::Refused { line, id, problems },
        })
    }
}

impl<R: Read> Iterator for FeedReader<R> {
    type Item = Result<FeedRecord, Problem>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over {
            return None;
        }
        let next = self.read();
        self.over = !matches!(next, Some(Ok(_)));
        next
    }
}

/// The content of a row, and its cells by their codes. Its cells are in the order of their codes, others after them in that of
/// their names, so that the content does not depend on the order of the columns in the file. In a change, empty cells are kept.
fn encode<'r>(
    columns: &FileColumns,
    text: &'r str,
    ends: &[usize],
    change: bool,
    key: &Column,
    content: &mut Vec<u8>,
) -> RowCells<'r> {
    cells::start(content);
    let mut known = RowCells::default();
    for index in columns.order.iter().copied() {
        let start = index.checked_sub(1).and_then(|before| ends.get(before)).copied();
        let end = ends.get(index).copied().unwrap_or_default();
        let value = trimmed(text.get(start.unwrap_or_default()..end).unwrap_or_default());
        match columns.columns.get(index) {
            Some(FileColumn::Known(column)) => {
                known.set(column.code, value);
                let kept = column.code != key.code && column.code != code::DELETE;
                if kept && (change || !value.is_empty()) {
                    cells::push_known(content, column.code, value);
                }
            }
            Some(FileColumn::Named(name)) if !value.is_empty() => cells::push_named(content, name, value),
            Some(FileColumn::Named(_) | FileColumn::Passed) | None => {}
        }
    }
    known
}

/// A cell without white space around it. Most cells have none, which two bytes show.
fn trimmed(cell: &str) -> &str {
    match cell.as_bytes() {
        [byte] if byte.is_ascii_graphic() => cell,
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => cell,
        _ => cell.trim(),
    }
}

/// Whether the content of a change has a value.
fn changes(content: &[u8]) -> bool {
    Cells::checked(content).any(|(_, value)| !value.is_empty())
}

/// What a row says whose column `delete` is true, or wrong: its other cells do not count.
fn deleted(line: u64, known: &RowCells<'_>, key: &'static Column, id: Option<&ItemId>) -> Option<FeedRecord> {
    let written = known.get(code::DELETE);
    if written.is_empty() {
        return None;
    }
    let column = crate::columns::of(code::DELETE);
    let problem = match (values::boolean(written), id) {
        (Ok(false), _) => return None,
        (Ok(true), Some(id)) => return Some(FeedRecord::Delete { id: id.clone(), line }),
        (Ok(true), None) => {
            let fault = Fault::new(Rule::Required, "is required", "name what is deleted");
            Problem::of_cell(line, key, "", fault)
        }
        (Err(fault), _) => Problem::of_cell(line, column, written, fault),
    };
    Some(FeedRecord::Refused {
        line,
        id: id.cloned(),
        problems: vec![problem],
    })
}

fn refused(line: u64, id: Option<ItemId>, fault: Fault) -> FeedRecord {
    FeedRecord::Refused {
        line,
        id,
        problems: vec![Problem::of_row(line, fault)],
    }
}

fn header<R: Read>(records: &mut Records<R>, options: &ReadOptions) -> Result<Vec<String>, Problem> {
    match records.read() {
        Ok(Found::Record) => {
            let (bytes, ends) = records.record();
            Ok(split(bytes, ends)
                .map(|name| String::from_utf8_lossy(name).into_owned())
                .collect())
        }
        Ok(Found::TooLong) => Err(Problem::of_row(1, too_long(options))),
        Ok(Found::End) => Err(Problem::of_file(Rule::FileEmpty, "the file is empty", "")),
        Err(error) => Err(unreadable(&error)),
    }
}

fn split<'r>(bytes: &'r [u8], ends: &'r [usize]) -> impl Iterator<Item = &'r [u8]> {
    let starts = std::iter::once(0).chain(ends.iter().copied());
    starts
        .zip(ends)
        .map(|(start, end)| bytes.get(start..*end).unwrap_or_default())
}

fn unreadable(error: &RecordError) -> Problem {
    match error {
        RecordError::Io(error) => {
            Problem::of_file(Rule::FileUnreadable, format!("the file cannot be read: {error}"), "")
        }
        RecordError::Unclosed { line } => {
            let message = "opens a quote that is not closed, so that the rest of the file is one cell";
            let help = "close it, or load the file when it is complete";
            Problem::of_row(*line, Fault::new(Rule::FileTruncated, message, help))
        }
    }
}

fn too_long(options: &ReadOptions) -> Fault {
    let message = format!("is longer than {} bytes", options.max_record_bytes);
    Fault::new(Rule::RowLong, message, "shorten it, or close a quote that it opens")
}

fn unended() -> Fault {
    let message = "is the last one and has no line end, as if the file was cut off within it";
    let help = "see whether its last cell is complete, and end the line";
    Fault::new(Rule::RowUnended, message, help)
}

fn wrong_width(cells: usize, columns: &FileColumns, format: FileFormat) -> Fault {
    let message = format!(
        "has {cells} cells, but the header has {} columns",
        columns.columns.len()
    );
    let help = format!("quote values that contain {}", format.separator.plural());
    Fault::new(Rule::RowWidth, message, help)
}

fn not_text(bytes: &[u8], ends: &[usize], encoding: &str) -> Fault {
    let cell = split(bytes, ends).find(|cell| std::str::from_utf8(cell).is_err());
    let cell = shown(&String::from_utf8_lossy(cell.unwrap_or_default()));
    let encoding = encoding.to_uppercase();
    let message = format!("is not {encoding}, as the rest of the file: {cell}");
    Fault::new(Rule::RowEncoding, message, "save the whole file as UTF-8")
}
