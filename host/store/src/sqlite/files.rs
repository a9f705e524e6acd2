//! The files of an open store, watched: a database whose files are unlinked or replaced goes on without an error, and is lost with the
//! process.

use std::fmt;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use super::privacy;
use tillhouse_checkout::ports::StoreError;

/// A file, whatever its path leads to later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FileIdentity {
    device: u64,
    inode: u64,
}

/// The folder and the files of an open store, as they were when it was opened.
#[derive(Debug)]
pub(super) struct StoreFiles {
    opened: Vec<(PathBuf, FileIdentity)>,
    /// Whether the last check found something.
    is_gone: AtomicBool,
}

/// What became of a file.
enum Change {
    Gone,
    Replaced,
    Unreadable(io::Error),
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gone => f.write_str("is gone"),
            Self::Replaced => f.write_str("was replaced by another file"),
            Self::Unreadable(error) => write!(f, "cannot be read: {error}"),
        }
    }
}

impl StoreFiles {
    /// The files of a folder that has just been opened; those that do not exist yet are not watched.
    pub(super) fn of(folder: &Path) -> Self {
        let files = privacy::files_of_money().map(|name| folder.join(name));
        let paths = std::iter::once(folder.to_owned()).chain(files);
        Self {
            opened: paths
                .filter_map(|path| identity(&path).ok().map(|found| (path, found)))
                .collect(),
            is_gone: AtomicBool::new(false),
        }
    }

    /// Compares every path with the file that was opened.
    pub(super) fn verify(&self) -> Result<(), StoreError> {
        let changed = self.opened.iter().find_map(|(path, opened)| {
            let change = match identity(path) {
                Ok(found) if found == *opened => return None,
                Ok(_) => Change::Replaced,
                Err(error) if error.kind() == io::ErrorKind::NotFound => Change::Gone,
                Err(error) => Change::Unreadable(error),
            };
            Some((path, change))
        });
        self.is_gone.store(changed.is_some(), Ordering::Relaxed);
        match changed {
            None => Ok(()),
            Some((path, change)) => Err(StoreError::new(format!(
                "{} {change}, while the store is open: what is committed now would be lost, and so nothing is; put the files back, or \
                 stop the host and restore the newest backup with tillhouse restore",
                path.display()
            ))),
        }
    }

    /// Refuses a commit while the last check found that it would be lost.
    pub(super) fn ensure_there(&self) -> Result<(), StoreError> {
        if self.is_gone.load(Ordering::Relaxed) {
            return Err(StoreError::new("the files of the store are gone or were replaced"));
        }
        Ok(())
    }
}

fn identity(path: &Path) -> io::Result<FileIdentity> {
    // A path may lead through links: the file at its end counts.
    let found = fs::metadata(path)?;
    Ok(FileIdentity {
        device: found.dev(),
        inode: found.ino(),
    })
}
