//! The file that is imported: opened once, its size limited, its digest taken while it is read.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use rustix::fs::{Mode, OFlags};
use sha2::{Digest, Sha256};

use super::error::ImportError;
use super::file_state::FileState;
use super::progress::ImportProgress;

/// Bytes that are read at a time to take a digest.
const CHUNK: usize = 256 * 1024;

/// An open file, and its state when it was opened.
#[derive(Debug)]
pub(super) struct SourceFile {
    path: PathBuf,
    file: File,
    state: FileState,
    max_bytes: u64,
}

impl SourceFile {
    /// Opens an ordinary file. Anything else, such as a pipe, could hold up the host or never end, and cannot be checked for changes.
    pub(super) fn open(path: &Path, max_bytes: u64) -> Result<Self, ImportError> {
        let opened = || -> io::Result<(File, FileState)> {
            let file = open_without_waiting(path)?;
            let metadata = file.metadata()?;
            if metadata.is_dir() {
                return Err(io::ErrorKind::IsADirectory.into());
            }
            if !metadata.is_file() {
                return Err(io::Error::other(
                    "it is not an ordinary file; write what a pipe gives into a file, and name that",
                ));
            }
            let state = FileState::from(&metadata);
            if state.size() > max_bytes {
                return Err(too_large(max_bytes));
            }
            Ok((file, state))
        };
        let (file, state) = opened().map_err(|error| unreadable(path, &error))?;
        Ok(Self {
            path: path.to_owned(),
            file,
            state,
            max_bytes,
        })
    }

    pub(super) const fn size(&self) -> u64 {
        self.state.size()
    }

    /// A reader of it, and what it has read.
    pub(super) fn reader(self, progress: Arc<ImportProgress>) -> (DigestingReader, SourceRead) {
        let read = Rc::new(RefCell::new(ContentRead::default()));
        let reader = DigestingReader {
            file: Rc::new(self.file),
            max_bytes: self.max_bytes,
            read: Rc::clone(&read),
            progress,
        };
        let source = SourceRead {
            path: self.path,
            file: Rc::clone(&reader.file),
            state: self.state,
            read,
        };
        (reader, source)
    }
}

/// Opens whatever has this name, to look at it once it is open: a pipe that has just taken the place of a file is not waited for.
pub(super) fn open_without_waiting(path: &Path) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    Ok(rustix::fs::open(path, flags, Mode::empty())?.into())
}

fn too_large(max_bytes: u64) -> io::Error {
    io::Error::other(format!(
        "it has more than {max_bytes} bytes, the limit of a catalog (catalogs.max_mb)"
    ))
}

fn unreadable(path: &Path, error: &io::Error) -> ImportError {
    ImportError::Unreadable(format!("{}: {error}", path.display()))
}

/// Bytes that were read, and their digest.
#[derive(Debug, Default)]
struct ContentRead {
    bytes: u64,
    digest: Sha256,
}

/// Reads the file, and remembers what it has read.
#[derive(Debug)]
pub(super) struct DigestingReader {
    file: Rc<File>,
    max_bytes: u64,
    read: Rc<RefCell<ContentRead>>,
    progress: Arc<ImportProgress>,
}

impl Read for DigestingReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.as_ref().read(buffer)?;
        let mut read = self.read.borrow_mut();
        read.bytes += count as u64;
        if read.bytes > self.max_bytes {
            return Err(too_large(self.max_bytes));
        }
        read.digest.update(buffer.get(..count).unwrap_or_default());
        self.progress.set_bytes(read.bytes);
        Ok(count)
    }
}

/// What was read of a file.
#[derive(Debug)]
pub(super) struct SourceRead {
    path: PathBuf,
    file: Rc<File>,
    state: FileState,
    read: Rc<RefCell<ContentRead>>,
}

impl SourceRead {
    /// Digest of the file; [`FileDigest::stable`] only if it is now as it was when it was opened.
    pub(super) fn end(self) -> FileDigest {
        let now = self.file.metadata().map(|metadata| FileState::from(&metadata));
        let stable = FileState::of(&self.path) == self.state && now.is_ok_and(|now| now == self.state);
        let read = self.read.take();
        FileDigest {
            bytes: read.bytes,
            sha256: hex::encode(read.digest.finalize()),
            state: self.state,
            stable,
        }
    }
}

/// A file by its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileDigest {
    /// Bytes that were read.
    pub bytes: u64,
    /// SHA-256 of these bytes, in hexadecimal.
    pub sha256: String,
    /// State of the file before it was read.
    pub state: FileState,
    /// Whether it was the same afterwards. If not, what was read may be a part of what is being written.
    pub stable: bool,
}

/// Digest of a file as it is now. Blocks while the file is read.
///
/// # Errors
/// When it cannot be read, is too large, or is not an ordinary file.
pub fn digest(path: &Path, max_bytes: u64) -> Result<FileDigest, ImportError> {
    let (mut reader, read) = SourceFile::open(path, max_bytes)?.reader(Arc::default());
    let mut chunk = vec![0; CHUNK];
    loop {
        match reader.read(&mut chunk) {
            Ok(0) => return Ok(read.end()),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(unreadable(path, &error)),
        }
    }
}
