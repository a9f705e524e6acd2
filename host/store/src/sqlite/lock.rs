//! Lock file: one host per folder.

use std::fs::{File, TryLockError};
use std::path::Path;

use super::open::SqliteOpenError;
use tillhouse_private_files::open_private;

/// File name of the lock in the folder of the store.
pub(super) const LOCK: &str = "host.lock";

/// Exclusive use of the folder, released when dropped or when the process ends in any way.
#[derive(Debug)]
pub(super) struct FolderLock(#[expect(dead_code, reason = "held for its lock")] File);

impl FolderLock {
    /// Takes the lock, or fails if another host holds it.
    pub(super) fn take(folder: &Path) -> Result<Self, SqliteOpenError> {
        let path = folder.join(LOCK);
        let failed = |source| SqliteOpenError::Folder {
            path: path.clone(),
            source,
        };
        let file = open_private(&path, File::options().create(true).truncate(false).write(true)).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(SqliteOpenError::Locked { path }),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }
}
