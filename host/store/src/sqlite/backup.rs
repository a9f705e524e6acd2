//! Copies a database that is in use: one consistent snapshot, in a file of its own.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};
use sha2::{Digest, Sha256};

use super::{catalogs, connection};
use tillhouse_checkout::ports::{Copied, CopiedCatalogs};

/// How often, and with which pause, a copy is retried while another process holds a lock.
const MAX_ATTEMPTS: u32 = 100;
const RETRY_DELAY: Duration = Duration::from_millis(50);

/// Why a copy was not made. No partial file is left.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The target file exists.
    #[error("{} exists already; a backup never overwrites a file: use another name", .0.display())]
    Exists(PathBuf),
    /// A file cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file or folder that failed.
        path: PathBuf,
        /// Error of the operating system.
        source: io::Error,
    },
    /// SQLite's integrity check failed on the copy.
    #[error("{} is damaged: {found}; restore an older backup, or a snapshot of the disk", path.display())]
    Damaged {
        /// The database that was copied.
        path: PathBuf,
        /// First line that the integrity check reported.
        found: String,
    },
    /// The file is an SQLite database, but not of a Tillhouse host.
    #[error("{} is not a Tillhouse store", .0.display())]
    NotTillhouse(PathBuf),
    /// The store was copied, and its catalogs were not.
    #[error(
        "the backup {} is complete, but has no catalogs: {source}; after a restore they are to be imported again", store.display()
    )]
    Catalogs {
        /// Path of the backup.
        store: PathBuf,
        /// Why the catalogs were not copied.
        source: Box<BackupError>,
    },
    /// SQLite failed to read the source or to write the copy.
    #[error("{}: {source}", path.display())]
    Sqlite {
        /// The database that was copied.
        path: PathBuf,
        /// Error that SQLite reported.
        source: rusqlite::Error,
    },
}

/// What a database is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    Store,
    Catalogs,
}

/// A new file: its size, and its SHA-256.
#[derive(Debug)]
pub(super) struct NewFile {
    bytes: u64,
    sha256: String,
}

/// Copies a store, then its catalogs into a file beside it.
pub(super) fn copy_store(store: &Path, catalogs: &Path, to: &Path) -> Result<Copied, BackupError> {
    let beside = catalogs_of(to);
    if fs::symlink_metadata(&beside).is_ok() {
        return Err(BackupError::Exists(beside));
    }
    let copied = copy(Content::Store, store, to)?;
    let catalogs = catalogs.exists().then(|| copy(Content::Catalogs, catalogs, &beside));
    let catalogs = catalogs.transpose().map_err(|source| BackupError::Catalogs {
        store: to.to_owned(),
        source: Box::new(source),
    })?;
    Ok(Copied {
        bytes: copied.bytes,
        sha256: copied.sha256,
        catalogs: catalogs.map(|copied| CopiedCatalogs {
            file: beside,
            bytes: copied.bytes,
            sha256: copied.sha256,
        }),
    })
}

/// The file with the catalogs of a backup.
pub(super) fn catalogs_of(backup: &Path) -> PathBuf {
    let mut name = backup.file_name().unwrap_or_default().to_owned();
    name.push(".catalogs");
    backup.with_file_name(name)
}

/// Copies a database as of one moment. The target appears complete, checked and durable, or not at all.
pub(super) fn copy(content: Content, from: &Path, to: &Path) -> Result<NewFile, BackupError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| BackupError::File { path, source }
    };
    if fs::symlink_metadata(to).is_ok() {
        return Err(BackupError::Exists(to.to_owned()));
    }
    let name = to.file_name().unwrap_or_default().to_string_lossy();
    let partial = to.with_file_name(format!(".{name}.{}.partial", std::process::id()));
    let written = create_private(&partial)
        .map_err(failed(&partial))
        .and_then(|_| copy_database(content, from, &partial))
        .and_then(|()| sync_and_hash(&partial).map_err(failed(&partial)))
        // A link, because unlike a rename it never replaces a file that was created meanwhile.
        .and_then(|copied| match fs::hard_link(&partial, to) {
            Ok(()) => Ok(copied),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(BackupError::Exists(to.to_owned())),
            Err(error) => Err(failed(to)(error)),
        });
    // A partial file that cannot be removed is harmless; its name says what it is.
    fs::remove_file(&partial).ok();
    let copied = written?;
    sync_folder(to).map_err(failed(to))?;
    Ok(copied)
}

/// A new, empty file that only its owner can read: a backup holds what the store holds.
fn create_private(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn copy_database(content: Content, from: &Path, to: &Path) -> Result<(), BackupError> {
    let failed = |source| BackupError::Sqlite {
        path: from.to_owned(),
        source,
    };
    let source = read_only(from).map_err(failed)?;
    let is_wanted = match content {
        Content::Store => is_tillhouse_store(&source),
        Content::Catalogs => catalogs::is_of_catalogs(&source),
    };
    is_wanted
        .map_err(failed)?
        .then_some(())
        .ok_or_else(|| BackupError::NotTillhouse(from.to_owned()))?;
    let mut target = connection::open(to, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(failed)?;
    copy_pages(&source, &mut target).map_err(failed)?;
    // Without a write-ahead log of its own the copy is one file.
    target
        .pragma_update_and_check(None, "journal_mode", "delete", |_| Ok(()))
        .map_err(failed)?;
    leave_out_cards(&target).map_err(failed)?;
    match integrity_errors(&target).map_err(failed)?.into_iter().next() {
        None => target.close().map_err(|(_, source)| failed(source)),
        Some(found) => Err(BackupError::Damaged {
            path: from.to_owned(),
            found,
        }),
    }
}

/// In one step, and so inside one read transaction: concurrent commits go on and do not make it start over.
fn copy_pages(from: &Connection, to: &mut Connection) -> rusqlite::Result<()> {
    let backup = Backup::new(from, to)?;
    let mut tries = 0;
    loop {
        match backup.step(-1)? {
            StepResult::Done => return Ok(()),
            _ if tries < MAX_ATTEMPTS => {
                tries += 1;
                std::thread::sleep(RETRY_DELAY);
            }
            _ => return Err(rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(5), None)),
        }
    }
}

/// Delegated cards are in no backup, sealed or not: their tokens end with a restore. Their pages are overwritten.
fn leave_out_cards(copy: &Connection) -> rusqlite::Result<()> {
    copy.pragma_update_and_check(None, "secure_delete", "on", |_| Ok(()))?;
    let has_cards: bool = copy.query_row(
        "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'vault')",
        [],
        |row| row.get(0),
    )?;
    if has_cards {
        copy.execute("DELETE FROM vault", [])?;
    }
    Ok(())
}

pub(super) fn read_only(file: &Path) -> rusqlite::Result<Connection> {
    connection::open(file, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

/// Whether a Tillhouse host created this database.
pub(super) fn is_tillhouse_store(db: &Connection) -> rusqlite::Result<bool> {
    db.query_row(
        "SELECT count(*) = 2 FROM sqlite_schema WHERE name IN ('refinery_schema_history', 'attempt')",
        [],
        |row| row.get(0),
    )
}

/// What SQLite's integrity check reports; empty if the database is intact.
pub(super) fn integrity_errors(db: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut statement = db.prepare("PRAGMA integrity_check")?;
    let found = statement.query_map([], |row| row.get::<_, String>(0))?;
    let found: Vec<String> = found.collect::<Result<_, _>>()?;
    Ok(found.into_iter().filter(|line| line != "ok").collect())
}

/// Makes the file durable; returns its size and digest.
fn sync_and_hash(path: &Path) -> io::Result<NewFile> {
    let mut file = File::open(path)?;
    file.sync_all()?;
    let (mut digest, mut bytes, mut chunk) = (Sha256::new(), 0, vec![0; 64 * 1024]);
    loop {
        let read = file.read(&mut chunk)?;
        let Some(part) = chunk.get(..read).filter(|part| !part.is_empty()) else {
            break;
        };
        digest.update(part);
        bytes += read as u64;
    }
    Ok(NewFile {
        bytes,
        sha256: hex::encode(digest.finalize()),
    })
}

/// The name of a file is durable only after its folder is synced.
pub(super) fn sync_folder(file: &Path) -> io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}
