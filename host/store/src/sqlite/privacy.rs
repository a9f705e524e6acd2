//! Who else may read or change the folder of a store: it holds names, addresses and tokens of buyers.

use std::path::Path;

use tillhouse_private_files::{Exposure, Secrecy, check, restrict};

use super::commit_mark::MEMORY;
use super::lock::LOCK;
use super::open::DATABASE;

/// Checks the folder and the files of a store, as [`super::SqliteStore::open`] does: it opens none that fails. A folder that does not
/// exist yet is created in private.
///
/// # Errors
/// The first exposure.
pub fn check_privacy(folder: &Path) -> Result<(), Exposure> {
    check(folder, Secrecy::Private)?;
    // No other user can enter the folder to read a file; but a file that is a link, or of another user, is theirs to change.
    files()
        .iter()
        .try_for_each(|name| check(&folder.join(name), Secrecy::Public))
}

/// Takes files of earlier releases, which were readable by others, away from them.
pub(super) fn restrict_files(folder: &Path) -> std::io::Result<()> {
    files().iter().try_for_each(|name| restrict(&folder.join(name)))
}

pub(super) fn files() -> [String; 5] {
    [
        DATABASE.to_owned(),
        format!("{DATABASE}-wal"),
        format!("{DATABASE}-shm"),
        LOCK.to_owned(),
        MEMORY.to_owned(),
    ]
}
