//! Data folders of local hosts, and temporary directories.

use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::{Builder, TempDir};

/// Creates a temporary directory named `tillhouse-PURPOSE-…`, which is removed on drop.
///
/// Its mode is 0700: a database in it may contain a buyer's name and address.
pub fn temporary(purpose: &str) -> io::Result<TempDir> {
    let mut directory = Builder::new();
    let prefix = format!("tillhouse-{purpose}-");
    directory
        .prefix(&prefix)
        .permissions(Permissions::from_mode(0o700))
        .tempdir()
}

/// Data folder of a host that a verb starts: the one that `--data` names, or a temporary directory.
#[derive(Debug)]
pub enum DataFolder {
    /// Created by the host if it is missing, and kept.
    Given(PathBuf),
    /// Made by [`temporary`]; removed on drop.
    Temporary(TempDir),
}

impl DataFolder {
    /// The given folder; without one, a new temporary directory.
    pub fn new(given: Option<PathBuf>, purpose: &str) -> io::Result<Self> {
        match given {
            Some(folder) => Ok(Self::Given(folder)),
            None => temporary(purpose).map(Self::Temporary),
        }
    }

    pub fn path(&self) -> &Path {
        match self {
            Self::Given(folder) => folder,
            Self::Temporary(directory) => directory.path(),
        }
    }

    /// Removes a temporary directory, and reports an error that a drop would ignore.
    pub fn close(self) -> io::Result<()> {
        match self {
            Self::Given(_) => Ok(()),
            Self::Temporary(directory) => directory.close(),
        }
    }
}
