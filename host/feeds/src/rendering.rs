//! The file of an upload: its rows as CSV or TSV, in a spooled file. It is never whole in memory.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

use tillhouse_catalog::{ColumnNames, FeedWriter, Separator};
use tillhouse_checkout::catalog::CatalogRow;
use tillhouse_checkout::ports::StoreError;

use super::feed_rows::{FeedRow, RowSource};
use super::spool::SpooledFile;

/// Why an upload has no file.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The store gave no answer.
    #[error("the catalog cannot be read: {0}")]
    Store(#[from] StoreError),
    /// The file cannot be written.
    #[error("the file of the upload cannot be written: {0}")]
    Io(#[from] io::Error),
    /// What is pinned of the upload cannot be read.
    #[error(
        "the rows of the upload were written by another release of the host, and cannot be read: {0}; ask for it again"
    )]
    Rows(#[from] serde_json::Error),
    /// The upload was rendered before, and other bytes came out.
    #[error(
        "the file of the upload is not what it was when it was begun, so that it cannot be continued: another release of the host renders \
         it otherwise, or the catalog's version is gone; ask for it again"
    )]
    Changed,
}

impl RenderError {
    /// Whether it is the same whenever it is tried.
    pub(crate) const fn is_final(&self) -> bool {
        matches!(self, Self::Rows(_) | Self::Changed)
    }
}

/// What a rendered file is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileFacts {
    /// Its length in bytes.
    pub bytes: u64,
    /// SHA-256 of its bytes in hexadecimal.
    pub sha256: String,
    /// Rows in it, without the header.
    pub sent: u64,
    /// Rows among them that delete.
    pub deletes: u64,
    /// Items that it does not offer, because their rows break a rule. It has a row that deletes those that the other party may have.
    pub withheld: u64,
}

/// A file, and what is in it.
#[derive(Debug)]
pub struct RenderedFile {
    /// The file, ready to be read.
    pub file: SpooledFile,
    /// What is in it, counted.
    pub facts: FileFacts,
}

/// Render the file of an upload. `watch` sees each row before it is written or withheld.
pub(crate) async fn render(
    source: &RowSource,
    separator: Separator,
    spool: Option<&Path>,
    mut watch: impl FnMut(&FeedRow) + Send,
) -> Result<RenderedFile, RenderError> {
    let columns = columns(source).await?;
    let file = SpooledFile::create(spool)?;
    let out = HashedFile::new(BufWriter::new(file.from_start()?));
    let mut writer = FeedWriter::new(out, separator, &columns)?.for_stripe();
    let mut facts = FileFacts::default();
    let mut rows = source.rows(None);
    loop {
        let page = rows.next_page().await?;
        if page.is_empty() {
            break;
        }
        page.iter().for_each(&mut watch);
        (writer, facts) = in_thread(move || write(writer, facts, &page)).await?;
    }
    let (bytes, sha256) = in_thread(move || writer.finish()?.finish()).await?;
    Ok(RenderedFile {
        file,
        facts: FileFacts { bytes, sha256, ..facts },
    })
}

/// The columns that any row of the upload uses: a file has no empty ones, because its size is limited.
async fn columns(source: &RowSource) -> Result<ColumnNames, StoreError> {
    if source.rows.increment.is_some() {
        return Ok(ColumnNames::of_feed(&source.feed));
    }
    let mut names = ColumnNames::default();
    let mut rows = source.rows(None);
    loop {
        let page = rows.next_page().await?;
        if page.is_empty() {
            return Ok(names.only_of_feed(&source.feed));
        }
        for row in page.iter().filter(|row| row.is_sent()) {
            add_names(&mut names, row);
        }
    }
}

fn add_names(names: &mut ColumnNames, row: &FeedRow) {
    if let Some(row) = &row.uploaded.row {
        names.add(&row.content);
    }
    for (column, _) in &row.uploaded.cells {
        names.add_name(column);
    }
    if row.uploaded.deleted {
        names.add_name("delete");
    }
}

fn write<W: Write>(
    mut writer: FeedWriter<W>,
    mut facts: FileFacts,
    page: &[FeedRow],
) -> io::Result<(FeedWriter<W>, FileFacts)> {
    for row in page {
        facts.withheld += u64::from(row.withheld().is_some());
        if !row.is_sent() {
            continue;
        }
        facts.sent += 1;
        let uploaded = &row.uploaded;
        if uploaded.deleted {
            facts.deletes += 1;
            writer.delete(&uploaded.id)?;
            continue;
        }
        let cells: Vec<_> = uploaded
            .cells
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()))
            .collect();
        match &uploaded.row {
            Some(row) => writer.row_with(row, &cells)?,
            None => {
                let empty = CatalogRow {
                    id: uploaded.id.clone(),
                    line: 0,
                    content: Vec::new(),
                };
                writer.row_with(&empty, &cells)?;
            }
        }
    }
    Ok((writer, facts))
}

/// Run what blocks where it does not keep the others waiting.
pub(crate) async fn in_thread<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

/// A writer that knows what was written.
struct HashedFile<W> {
    out: W,
    hash: Sha256,
    bytes: u64,
}

impl<W: Write> HashedFile<W> {
    fn new(out: W) -> Self {
        Self {
            out,
            hash: Sha256::new(),
            bytes: 0,
        }
    }

    fn finish(mut self) -> io::Result<(u64, String)> {
        self.out.flush()?;
        Ok((self.bytes, hex::encode(self.hash.finalize())))
    }
}

impl<W: Write> Write for HashedFile<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.hash.update(bytes.get(..written).unwrap_or_default());
        self.bytes += u64::try_from(written).unwrap_or_default();
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
