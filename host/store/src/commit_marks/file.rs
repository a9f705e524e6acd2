//! The file in which a host remembers its commits: a header of one block, then the last confirmed number of each slot.

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::io::{self, Read as _, Seek as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use tillhouse_checkout::ports::Rewound;
use tillhouse_private_files::open_private;

/// Size of the header: one sector, so that it is written as a whole.
const HEADER_BYTES: usize = 512;
/// Size of a number; aligned, so that none lies across two sectors.
const NUMBER_BYTES: usize = 8;
/// Most slots that a file is believed to have; a host has as many as connections.
const MAX_SLOTS: usize = 65_536;

/// Why the memory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MarkFileError {
    /// Another host has the file.
    #[error("{} is in use by another host", .0.display())]
    Locked(PathBuf),
    /// The file is not what a host writes.
    #[error(
        "{}: what the host remembers of its store cannot be read ({problem}); if the store is the newest there is, remove the file \
         and start again, otherwise restore the newest backup with tillhouse restore", path.display()
    )]
    Damaged {
        /// Path of the file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The operating system's error.
    #[error("{}: {source}", path.display())]
    File {
        /// Path of the file.
        path: PathBuf,
        /// Error of the operating system.
        source: io::Error,
    },
}

/// The header, as it is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Header {
    store: String,
    host: String,
    #[serde(default)]
    rewound: bool,
}

/// Whose commits are counted, and in which store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    /// Id of the store, which every copy of it has.
    pub(crate) store: String,
    /// Id of this host in the store; empty where a store has one host only.
    pub(crate) host: String,
}

/// What a file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Remembered {
    /// The store and the host that the numbers are of.
    pub(crate) identity: Identity,
    /// The store went back in time, and the quarantine was not completed.
    pub(crate) rewound: bool,
    /// The last confirmed number of each slot.
    pub(crate) numbers: Vec<u64>,
}

/// The open file, locked for this process.
pub(crate) struct MarkFile {
    path: PathBuf,
    file: File,
    header: Mutex<Header>,
    /// Whether something was written since the last sync.
    dirty: AtomicBool,
    /// Whether a failure was reported.
    failed: AtomicBool,
}

impl MarkFile {
    /// Like [`MarkFile::open`], for this process alone until [`MarkFile::unlock`].
    pub(crate) fn open_locked(path: &Path) -> Result<(Self, Option<Remembered>), MarkFileError> {
        let opened = Self::open(path)?;
        match opened.0.file.try_lock() {
            // Another host may have written it since it was read.
            Ok(()) => Self::read(opened.0.file, path),
            Err(TryLockError::WouldBlock) => Err(MarkFileError::Locked(path.to_owned())),
            Err(TryLockError::Error(source)) => Err(MarkFileError::File {
                path: path.to_owned(),
                source,
            }),
        }
    }

    /// Opens the file, creates it if it is missing, and reads it. `None` if nothing is remembered yet.
    pub(crate) fn open(path: &Path) -> Result<(Self, Option<Remembered>), MarkFileError> {
        let failed = |source| MarkFileError::File {
            path: path.to_owned(),
            source,
        };
        let mut options = File::options();
        options.create(true).truncate(false).read(true).write(true);
        Self::read(open_private(path, &mut options).map_err(failed)?, path)
    }

    fn read(mut file: File, path: &Path) -> Result<(Self, Option<Remembered>), MarkFileError> {
        let failed = |source| MarkFileError::File {
            path: path.to_owned(),
            source,
        };
        file.rewind().map_err(failed)?;
        let mut bytes = Vec::new();
        let limit = HEADER_BYTES + NUMBER_BYTES * MAX_SLOTS;
        file.by_ref()
            .take(limit as u64)
            .read_to_end(&mut bytes)
            .map_err(failed)?;
        let remembered = parse(&bytes).map_err(|problem| MarkFileError::Damaged {
            path: path.to_owned(),
            problem,
        })?;
        let header = remembered.as_ref().map(|it| Header {
            store: it.identity.store.clone(),
            host: it.identity.host.clone(),
            rewound: it.rewound,
        });
        let opened = Self {
            path: path.to_owned(),
            file,
            header: Mutex::new(header.unwrap_or_default()),
            dirty: AtomicBool::new(false),
            failed: AtomicBool::new(false),
        };
        Ok((opened, remembered))
    }

    /// Reads a file without a lock, for a command that only looks. `None` if nothing is remembered, or it cannot be read.
    pub(crate) fn peek(path: &Path) -> Option<Remembered> {
        parse(&std::fs::read(path).ok()?).ok()?
    }

    /// Writes everything anew, durably: these numbers, of this store and host. The store is not rewound any more.
    pub(super) fn rewrite(&self, identity: &Identity, numbers: &[u64]) -> Result<(), MarkFileError> {
        let mut header = self.header();
        *header = Header {
            store: identity.store.clone(),
            host: identity.host.clone(),
            rewound: false,
        };
        let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_be_bytes()).collect();
        let written = self
            .file
            .set_len(HEADER_BYTES as u64)
            .and_then(|()| self.file.write_all_at(&bytes, HEADER_BYTES as u64))
            .and_then(|()| self.write_header(&header));
        written.map_err(|source| MarkFileError::File {
            path: self.path.clone(),
            source,
        })
    }

    /// Remembers a number; not synced.
    pub(super) fn remember(&self, slot: usize, number: u64) {
        let at = HEADER_BYTES + slot * NUMBER_BYTES;
        self.report(self.file.write_all_at(&number.to_be_bytes(), at as u64));
        self.dirty.store(true, Ordering::Release);
    }

    /// Remembers that the store went back in time, durably.
    pub(super) fn note_rewound(&self) {
        let mut header = self.header();
        header.rewound = true;
        self.report(self.write_header(&header));
    }

    /// Syncs what was written since the last time.
    pub(super) fn sync(&self) -> Result<(), MarkFileError> {
        if !self.dirty.swap(false, Ordering::AcqRel) {
            return Ok(());
        }
        self.file.sync_data().map_err(|source| MarkFileError::File {
            path: self.path.clone(),
            source,
        })
    }

    /// Lets another host have the file.
    pub(super) fn unlock(&self) {
        self.report(self.file.unlock());
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    fn write_header(&self, header: &Header) -> io::Result<()> {
        let mut block = serde_json::to_vec(header)?;
        block.resize(HEADER_BYTES - 1, b' ');
        block.push(b'\n');
        self.file.write_all_at(&block, 0)?;
        self.file.sync_all()
    }

    /// A memory that cannot be written stays behind: it notices less, and never too much. So commits go on.
    fn report(&self, written: io::Result<()>) {
        match written {
            Ok(()) => self.failed.store(false, Ordering::Relaxed),
            Err(error) if !self.failed.swap(true, Ordering::Relaxed) => tracing::error!(
                path = %self.path.display(), %error,
                "store: failed to remember commits; a store that goes back in time may not be noticed"
            ),
            Err(_) => {}
        }
    }

    fn header(&self) -> MutexGuard<'_, Header> {
        self.header.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Remembered {
    /// What a host with this memory would say of a store that has these numbers.
    pub(crate) fn compare(&self, store: &str, found: &BTreeMap<usize, u64>) -> Option<Rewound> {
        if self.rewound {
            return Some(Rewound::QuarantineIncomplete);
        }
        if self.identity.store != store {
            return Some(Rewound::OtherStore);
        }
        let count = missing(&self.numbers, found);
        (count > 0).then_some(Rewound::CommitsMissing { count })
    }
}

/// How many of the numbers that are remembered, by slot, are missing in a store.
pub(super) fn missing(remembered: &[u64], found: &BTreeMap<usize, u64>) -> u64 {
    remembered
        .iter()
        .enumerate()
        .map(|(slot, number)| number.saturating_sub(found.get(&slot).copied().unwrap_or(0)))
        .sum()
}

/// Reads a file; `None` if it is new, or if the host that created it ended before it wrote the header.
fn parse(bytes: &[u8]) -> Result<Option<Remembered>, String> {
    if bytes.iter().all(|byte| *byte == 0) {
        return Ok(None);
    }
    let (block, rest) = bytes.split_at_checked(HEADER_BYTES).ok_or("the file was cut off")?;
    let header: Header = serde_json::from_slice(block).map_err(|error| error.to_string())?;
    let numbers = rest.chunks_exact(NUMBER_BYTES).map(|chunk| {
        chunk
            .iter()
            .fold(0_u64, |number, byte| (number << 8) | u64::from(*byte))
    });
    Ok(Some(Remembered {
        identity: Identity {
            store: header.store,
            host: header.host,
        },
        rewound: header.rewound,
        numbers: numbers.collect(),
    }))
}
