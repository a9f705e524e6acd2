//! A merchant's catalog file: reading it as a whole, and noticing that it changed.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use tillhouse_catalog::Catalog;
use tillhouse_payments::operator::served::CatalogInForce;
use tillhouse_payments::operator::timestamp;

use tillhouse_checkout::money::Currency;
use tillhouse_checkout::time::Timestamp;

/// What the file system says of a file without its content being read. A file that is replaced under its name has another inode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum FileState {
    /// It can be opened.
    Present {
        /// Device and inode: another file under the same name has another inode.
        file: (u64, u64),
        /// Size of the content, in bytes.
        size: u64,
        /// Modification time, in seconds and nanoseconds.
        modified: (i64, i64),
        /// Time of the last change of content or attributes: it changes even where the modification time is set back.
        changed: (i64, i64),
    },
    /// It cannot be opened.
    Absent(io::ErrorKind),
}

impl FileState {
    /// The state at this moment. Follows symbolic links.
    pub(super) fn of(path: &Path) -> Self {
        match std::fs::metadata(path) {
            Ok(metadata) => Self::from(&metadata),
            Err(error) => Self::Absent(error.kind()),
        }
    }
}

impl From<&Metadata> for FileState {
    fn from(metadata: &Metadata) -> Self {
        Self::Present {
            file: (metadata.dev(), metadata.ino()),
            size: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}

/// Number of problems of one file that are reported one by one.
const REPORTED: usize = 1_000;

/// A catalog that was read without an error.
#[derive(Clone, Debug)]
pub(super) struct LoadedCatalog {
    pub(super) catalog: Arc<Catalog>,
    /// SHA-256 of the file's content.
    pub(super) sha256: [u8; 32],
    /// When it was put into force.
    pub(super) since: Timestamp,
}

impl LoadedCatalog {
    /// The catalog of a merchant without a file.
    pub(super) fn none(now: Timestamp) -> Self {
        Self {
            catalog: Arc::default(),
            sha256: Sha256::digest([]).into(),
            since: now,
        }
    }

    /// What an operator sees of the catalog of a merchant that sells in this currency.
    pub(super) fn view(&self, currency: Currency) -> CatalogInForce {
        let warnings = self.catalog.warnings(currency);
        CatalogInForce {
            items: self.catalog.len(),
            sha256: hex::encode(self.sha256),
            since: timestamp::text(self.since),
            warnings: warnings.iter().map(ToString::to_string).collect(),
        }
    }
}

/// The result of reading the file once.
#[derive(Debug)]
pub(super) struct CatalogRead {
    /// State of the file before it was read.
    pub(super) state: FileState,
    /// Whether it was the same afterwards. If not, the content may be a part of what is being written.
    pub(super) stable: bool,
    /// The catalog, or every problem.
    pub(super) content: Result<LoadedCatalog, Vec<String>>,
}

impl CatalogRead {
    /// Read the file. Problems begin with its path.
    pub(super) fn of(path: &Path, now: Timestamp) -> Self {
        let state = FileState::of(path);
        let place = |problem: String| format!("{}: {problem}", path.display());
        let content = match read(path) {
            Ok(bytes) => parse(&bytes, now).map_err(|problems| first(problems).into_iter().map(place).collect()),
            Err(error) => Err(vec![place(error.to_string())]),
        };
        Self {
            stable: FileState::of(path) == state,
            state,
            content,
        }
    }
}

/// Largest file that is read: that of some million items.
const MAX_BYTES: u64 = 256 * 1024 * 1024;

/// Reads an ordinary file. Anything else, such as a pipe, could hold up the host or never end.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let metadata = std::fs::metadata(path)?;
    if metadata.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if !metadata.is_file() {
        return Err(io::Error::other(
            "it is not an ordinary file; name the file of the catalog",
        ));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(io::Error::other(format!(
            "it has more than {MAX_BYTES} bytes, the limit of a catalog"
        )));
    }
    Ok(bytes)
}

/// The problems, shortened to what a person can read.
fn first(mut problems: Vec<String>) -> Vec<String> {
    let more = problems.len().saturating_sub(REPORTED);
    problems.truncate(REPORTED);
    if more > 0 {
        problems.push(format!("and {more} more"));
    }
    problems
}

fn parse(bytes: &[u8], now: Timestamp) -> Result<LoadedCatalog, Vec<String>> {
    let catalog =
        Catalog::from_csv(bytes).map_err(|errors| errors.iter().map(ToString::to_string).collect::<Vec<_>>())?;
    Ok(LoadedCatalog {
        catalog: Arc::new(catalog),
        sha256: Sha256::digest(bytes).into(),
        since: now,
    })
}

#[cfg(test)]
mod tests;
