//! The thread that reads and checks a file.

use std::sync::Arc;
use std::thread;

use tokio::sync::{mpsc, oneshot};

use super::error::ImportError;
use super::progress::ImportProgress;
use super::refused_rows::RefusedRows;
use super::source_file::{DigestingReader, FileDigest, SourceFile, SourceRead};
use super::tally::ImportCounts;
use super::{FeedFile, FileState};
use crate::{FeedReader, FeedRecord, FileFormat, Problem};
use tillhouse_checkout::catalog::CatalogWrite;
use tillhouse_checkout::ids::ItemId;

/// Rows that go to the store together.
const BATCH_ROWS: usize = 4096;
/// Bytes of them, at which a batch is full.
const BATCH_BYTES: usize = 1024 * 1024;
/// Batches that wait for the store.
const WAITING_BATCHES: usize = 2;
/// How much lower the priority of the thread is than that of those that answer requests.
const NICENESS: i32 = 10;

/// Rows to write, and what is wrong with others.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) writes: Vec<CatalogWrite>,
    /// The rows as written in the file; empty if refused rows are not kept.
    pub(super) lines: Vec<WrittenLine>,
    pub(super) problems: Vec<Problem>,
    /// Rows that are refused.
    pub(super) refused: Vec<RefusedRow>,
    pub(super) counts: ImportCounts,
    bytes: usize,
}

/// A row that is refused, and its item as far as that can be told.
#[derive(Debug)]
pub(super) struct RefusedRow {
    pub(super) line: u64,
    pub(super) id: Option<ItemId>,
}

/// A row as it is in the file.
#[derive(Debug)]
pub(super) struct WrittenLine {
    pub(super) line: u64,
    pub(super) cells: Vec<String>,
}

/// What the thread knows when it has ended.
#[derive(Debug)]
pub(super) struct ParseEnd {
    pub(super) digest: FileDigest,
    pub(super) stable: bool,
    pub(super) format: Option<FileFormat>,
    /// What is wrong with the file as a whole; none of it is imported then.
    pub(super) unreadable: Vec<Problem>,
}

/// The row that begins on a line, if rows are kept. They are in the order of their lines.
pub(super) fn written_at(lines: &[WrittenLine], line: u64) -> Option<&WrittenLine> {
    let at = lines.binary_search_by_key(&line, |written| written.line).ok()?;
    lines.get(at)
}

/// A file being read.
#[derive(Debug)]
pub(super) struct Parsing {
    batches: mpsc::Receiver<Batch>,
    end: oneshot::Receiver<Result<ParseEnd, ImportError>>,
}

impl Parsing {
    /// Opens the file and starts the thread.
    pub(super) fn start(
        file: &FeedFile,
        refused: Arc<RefusedRows>,
        progress: Arc<ImportProgress>,
    ) -> Result<Self, ImportError> {
        let source = SourceFile::open(&file.path, file.max_bytes)?;
        progress.begin(source.size());
        let (send, batches) = mpsc::channel(WAITING_BATCHES);
        let (ended, end) = oneshot::channel();
        let options = file.read.clone();
        let run = move || {
            // Without the right to it, the import has the priority of everything else.
            let _ = rustix::process::nice(NICENESS);
            let (reader, read) = source.reader(Arc::clone(&progress));
            let parser = Parser {
                batches: send,
                batch: Batch::default(),
                refused,
                progress,
            };
            let _ = ended.send(parser.run(reader, read, &options));
        };
        let started = thread::Builder::new().name("catalog-import".to_owned()).spawn(run);
        started.map_err(|error| ImportError::Unreadable(format!("the import cannot be started: {error}")))?;
        Ok(Self { batches, end })
    }

    /// The next rows; `None` at the end.
    pub(super) async fn next(&mut self) -> Option<Batch> {
        self.batches.recv().await
    }

    /// What became of the file, once there are no more rows.
    pub(super) async fn end(self) -> Result<ParseEnd, ImportError> {
        let ended = self.end.await;
        ended.unwrap_or_else(|_| {
            Err(ImportError::Unreadable(
                "the thread that reads the file ended early".to_owned(),
            ))
        })
    }
}

/// Why the thread stops before the end of the file: the side that writes has ended.
struct Unwanted;

struct Parser {
    batches: mpsc::Sender<Batch>,
    batch: Batch,
    refused: Arc<RefusedRows>,
    progress: Arc<ImportProgress>,
}

impl Parser {
    fn run(
        mut self,
        reader: DigestingReader,
        read: SourceRead,
        options: &crate::ReadOptions,
    ) -> Result<ParseEnd, ImportError> {
        let mut reader = match FeedReader::open(reader, options) {
            Ok(reader) => reader,
            Err(problems) => return Ok(ended(read, None, problems)),
        };
        self.refused.header(reader.header(), reader.format().separator);
        self.batch.problems.extend_from_slice(reader.header_problems());
        let mut unreadable = Vec::new();
        while let Some(record) = reader.next() {
            let added = match record {
                Ok(record) => self.add(record, &reader)?,
                Err(problem) => {
                    unreadable.push(problem);
                    Ok(())
                }
            };
            if added.is_err() {
                break;
            }
        }
        let _ = self.send();
        Ok(ended(read, Some(reader.format()), unreadable))
    }

    fn add(
        &mut self,
        record: FeedRecord,
        reader: &FeedReader<DigestingReader>,
    ) -> Result<Result<(), Unwanted>, ImportError> {
        self.batch.counts.read += 1;
        self.progress.add_row();
        match record {
            FeedRecord::Row { row, problems } => {
                self.batch.bytes += row.content.len() + row.id.as_str().len();
                self.batch.problems.extend(problems);
                self.keep_line(row.line, reader);
                self.batch.writes.push(CatalogWrite::Item(row));
            }
            FeedRecord::Delete { id, line } => {
                self.batch.bytes += id.as_str().len();
                self.batch.writes.push(CatalogWrite::Delete { id, line });
            }
            FeedRecord::Refused { line, id, problems } => {
                self.batch.counts.refused += 1;
                self.progress.add_refused(1);
                self.refused.row(&problems, reader.cells())?;
                self.batch.problems.extend(problems);
                self.batch.refused.push(RefusedRow { line, id });
            }
        }
        let rows = self.batch.writes.len() + self.batch.problems.len();
        if rows < BATCH_ROWS && self.batch.bytes < BATCH_BYTES {
            return Ok(Ok(()));
        }
        Ok(self.send())
    }

    /// The store may find later that it has the item already; then the row is written out as it is here.
    fn keep_line(&mut self, line: u64, reader: &FeedReader<DigestingReader>) {
        if self.refused.is_wanted() {
            let cells: Vec<String> = reader.cells().map(str::to_owned).collect();
            self.batch.bytes += cells.iter().map(String::len).sum::<usize>();
            self.batch.lines.push(WrittenLine { line, cells });
        }
    }

    fn send(&mut self) -> Result<(), Unwanted> {
        let batch = std::mem::take(&mut self.batch);
        self.batches.blocking_send(batch).map_err(|_| Unwanted)
    }
}

fn ended(read: SourceRead, format: Option<FileFormat>, unreadable: Vec<Problem>) -> ParseEnd {
    let digest = read.end();
    // A file whose end was not reached has no digest of its own, and is not imported anyway.
    let whole = !unreadable.is_empty() || digest.bytes == size(&digest.state);
    ParseEnd {
        stable: digest.stable && whole,
        digest,
        format,
        unreadable,
    }
}

const fn size(state: &FileState) -> u64 {
    state.size()
}
