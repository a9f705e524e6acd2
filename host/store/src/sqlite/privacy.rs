//! Who else may read or change the folder of a store: it holds names, addresses and tokens of buyers.

use std::path::Path;

use tillhouse_private_files::{Exposure, Secrecy, check, restrict};

use super::catalogs::CATALOGS;
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

fn files() -> [String; 8] {
    let [database, log, index] = database_files(DATABASE);
    let [catalogs, catalogs_log, catalogs_index] = database_files(CATALOGS);
    let [lock, memory] = [LOCK, MEMORY].map(str::to_owned);
    [
        database,
        log,
        index,
        lock,
        memory,
        catalogs,
        catalogs_log,
        catalogs_index,
    ]
}

/// The files without which what is committed is lost.
pub(super) fn files_of_money() -> [String; 5] {
    let [database, log, index] = database_files(DATABASE);
    [database, log, index, LOCK.to_owned(), MEMORY.to_owned()]
}

fn database_files(name: &str) -> [String; 3] {
    [name.to_owned(), format!("{name}-wal"), format!("{name}-shm")]
}
