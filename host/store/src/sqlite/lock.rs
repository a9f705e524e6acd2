//! Lock file: one host per folder.

use std::fs::{File, TryLockError};
use std::path::Path;

use super::open::SqliteOpenError;

/// Exclusive use of the folder, released when dropped or when the process ends in any way.
#[derive(Debug)]
pub(super) struct FolderLock(#[expect(dead_code, reason = "held for its lock")] File);

impl FolderLock {
    /// Takes the lock, or fails if another host holds it.
    pub(super) fn take(folder: &Path) -> Result<Self, SqliteOpenError> {
        let path = folder.join("host.lock");
        let failed = |source| SqliteOpenError::Folder {
            path: path.clone(),
            source,
        };
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(SqliteOpenError::Locked { path }),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }
}
