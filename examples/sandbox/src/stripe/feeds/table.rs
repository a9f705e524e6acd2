//! A feed as a table: which rows are good, which are not, and the file of those that are not.

use std::collections::{HashMap, HashSet};

use axum::body::Bytes;
use csv::{ReaderBuilder, StringRecord, WriterBuilder};

use super::file::{FeedFile, Format};
use super::import::{FeedKind, ImportFailure};
use super::rules::{self, Row};

/// The leading column of an error file.
const ERROR_COLUMN: &str = "stripe_error_message";

/// A row that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowError {
    /// Number of the row, from 1, without the header.
    pub row: usize,
    /// Id of the item or promotion; empty if the row has none.
    pub item: String,
    /// The first column that is wrong.
    pub field: String,
    /// What is wrong; a line per problem.
    pub message: String,
}

/// What a row asks for.
#[derive(Debug)]
pub(super) enum Change {
    Set(StringRecord),
    Delete,
}

/// A feed that was read.
#[derive(Debug)]
pub(super) struct FeedTable {
    pub(super) header: Vec<String>,
    /// Item and change of each good row, by its number.
    pub(super) changes: Vec<(usize, String, Change)>,
    pub(super) errors: Vec<RowError>,
    /// Every id in the file, whether its row was good or not.
    pub(super) seen: HashSet<String>,
}

impl FeedTable {
    /// Reads a file and checks each row for itself; `refused` are rows that a test has planned to fail, by id.
    ///
    /// # Errors
    /// A file that is not text, or has no header that names its rows.
    pub(super) fn read(file: &FeedFile, feed: FeedKind, refused: &[(String, String)]) -> Result<Self, ImportFailure> {
        let text = text(&file.content)?;
        let header = header(text, file.format, feed)?;
        let positions: HashMap<&str, usize> = header.iter().map(String::as_str).zip(0..).collect();
        let refused: HashMap<&str, &str> = refused.iter().map(|(id, why)| (id.as_str(), why.as_str())).collect();
        let deleted = deleted(text, file.format, &positions, feed)?;
        let (mut changes, mut errors, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
        for (number, record) in (1..).zip(reader(text, file.format).into_records()) {
            let record = record.map_err(|error| unreadable(&error))?;
            let row = Row::new(&positions, &record);
            let id = row.get(feed.key()).unwrap_or_default().to_owned();
            let is_deleted = deleted.contains(&id);
            let is_again = !seen.insert(id.clone());
            let mut problems = match (row.is_delete(), refused.get(id.as_str())) {
                (_, Some(why)) => vec![(feed.key(), (*why).to_owned())],
                (true, None) => Vec::new(),
                // Whatever its place in the file, the row that deletes is the one that counts.
                (false, None) if is_deleted => continue,
                (false, None) => rules::problems(feed, &row),
            };
            if is_again && !is_deleted && !id.is_empty() {
                problems.push((feed.key(), format!("Duplicate id '{id}' in this file.")));
            }
            match problems.first() {
                Some((field, _)) => errors.push(RowError {
                    row: number,
                    item: id,
                    field: (*field).to_owned(),
                    message: problems
                        .iter()
                        .map(|(_, why)| why.as_str())
                        .collect::<Vec<_>>()
                        .join("\n"),
                }),
                None if is_deleted => changes.push((number, id, Change::Delete)),
                None => changes.push((number, id, Change::Set(record))),
            }
        }
        Ok(Self {
            header,
            changes,
            errors,
            seen,
        })
    }
}

/// The rows that failed, with the reason in front of each.
pub(super) fn error_file(file: &FeedFile, errors: &[RowError], now: i64) -> Option<FeedFile> {
    let text = text(&file.content).ok()?;
    let mut writer = WriterBuilder::new()
        .delimiter(file.format.delimiter())
        .flexible(true)
        .from_writer(Vec::new());
    let mut reader = reader(text, file.format);
    let header = reader.headers().ok()?.clone();
    writer.write_record(std::iter::once(ERROR_COLUMN).chain(&header)).ok()?;
    let by_row: HashMap<usize, &RowError> = errors.iter().map(|error| (error.row, error)).collect();
    for (number, record) in (1..).zip(reader.into_records()) {
        if let (Some(error), Ok(record)) = (by_row.get(&number), record) {
            writer
                .write_record(std::iter::once(error.message.as_str()).chain(&record))
                .ok()?;
        }
    }
    let content = Bytes::from(writer.into_inner().ok()?);
    let name = format!("errors_{}", file.filename);
    Some(FeedFile {
        is_error_file: true,
        ..FeedFile::new(&name, file.format, content, now)
    })
}

fn text(content: &[u8]) -> Result<&str, ImportFailure> {
    let text =
        std::str::from_utf8(content).map_err(|_| ImportFailure::invalid_file("The file is not encoded in UTF-8."))?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

fn reader(text: &str, format: Format) -> csv::Reader<&[u8]> {
    ReaderBuilder::new()
        .delimiter(format.delimiter())
        .flexible(true)
        .from_reader(text.as_bytes())
}

fn header(text: &str, format: Format, feed: FeedKind) -> Result<Vec<String>, ImportFailure> {
    let record = reader(text, format)
        .headers()
        .map_err(|error| unreadable(&error))?
        .clone();
    let header: Vec<String> = record.iter().map(|name| name.trim().to_owned()).collect();
    if header.iter().all(String::is_empty) {
        return Err(ImportFailure::invalid_file("The file is empty."));
    }
    let key = feed.key();
    if !header.iter().any(|name| name == key) {
        let message = format!("The file has no column '{key}'.");
        return Err(ImportFailure::invalid_file(message));
    }
    let mut names = HashSet::new();
    match header.iter().find(|name| !names.insert(name.as_str())) {
        Some(twice) => Err(ImportFailure::invalid_file(format!(
            "The column '{twice}' occurs twice."
        ))),
        None => Ok(header),
    }
}

fn deleted(
    text: &str,
    format: Format,
    positions: &HashMap<&str, usize>,
    feed: FeedKind,
) -> Result<HashSet<String>, ImportFailure> {
    let mut deleted = HashSet::new();
    for record in reader(text, format).into_records() {
        let record = record.map_err(|error| unreadable(&error))?;
        let row = Row::new(positions, &record);
        if let Some(id) = row.get(feed.key()).filter(|_| row.is_delete()) {
            deleted.insert(id.to_owned());
        }
    }
    Ok(deleted)
}

fn unreadable(error: &csv::Error) -> ImportFailure {
    ImportFailure::invalid_file(format!("The file cannot be read: {error}."))
}
