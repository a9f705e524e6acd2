//! Opens a folder: lock, connections, migrations.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use refinery_core::{Migration, Runner, Target};
use rusqlite::{Connection, OpenFlags};
use tillhouse_private_files::{Exposure, create_folder, open_private};

use super::files::StoreFiles;
use super::lock::FolderLock;
use super::privacy::{self, check_privacy};
use super::settings::SqliteSettings;
use super::{commit_mark, connection, damage};
use crate::commit_marks::{CommitMarks, MarkFileError};
use crate::older_contract::{HAS_CHECKOUTS, refusal};

/// Every migration, oldest first. They only go forward, and a released one is never edited: its checksum is compared.
const MIGRATIONS: &[(&str, &str)] = &[
    ("V1__checkout", include_str!("migrations/V1__checkout.sql")),
    ("V2__work", include_str!("migrations/V2__work.sql")),
    ("V3__payer", include_str!("migrations/V3__payer.sql")),
    ("V4__contract", include_str!("migrations/V4__contract.sql")),
    ("V5__merchants", include_str!("migrations/V5__merchants.sql")),
    ("V6__commit_mark", include_str!("migrations/V6__commit_mark.sql")),
    ("V7__retention", include_str!("migrations/V7__retention.sql")),
    ("V8__destinations", include_str!("migrations/V8__destinations.sql")),
    ("V9__authentication", include_str!("migrations/V9__authentication.sql")),
    (
        "V10__order_revision",
        include_str!("migrations/V10__order_revision.sql"),
    ),
    ("V11__refunds", include_str!("migrations/V11__refunds.sql")),
    ("V12__vault", include_str!("migrations/V12__vault.sql")),
    ("V13__saved_carts", include_str!("migrations/V13__saved_carts.sql")),
    ("V14__holds", include_str!("migrations/V14__holds.sql")),
    ("V15__feeds", include_str!("migrations/V15__feeds.sql")),
];

/// Schema version from which on sessions and attempts are those of contract 0.2.
const CONTRACT_VERSION: i32 = 4;

/// File name of the database in its folder.
pub(super) const DATABASE: &str = "tillhouse.db";

/// Why a store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum SqliteOpenError {
    /// The folder or a file in it cannot be used.
    #[error("store: {}: {source}", path.display())]
    Folder {
        /// The folder or file that failed.
        path: PathBuf,
        /// Error of the operating system.
        source: io::Error,
    },
    /// Another process holds the lock of the folder.
    #[error("store: {} is locked: another host uses this folder; stop it or use another folder in store.url", path.display())]
    Locked {
        /// Path of the lock file.
        path: PathBuf,
    },
    /// A later version of the host migrated this database.
    #[error(
        "store: the database has schema version {found}, and this host supports at most {known}; \
         start the host version that wrote it, or restore a backup made before the upgrade"
    )]
    Newer {
        /// Schema version of the database.
        found: i32,
        /// Newest schema version that this host supports.
        known: i32,
    },
    /// An earlier version of the host wrote sessions or attempts. The database is unchanged.
    #[error("store: {}", refusal(*found, "folder"))]
    Older {
        /// Schema version of the database.
        found: i32,
    },
    /// A migration failed, or another program migrated the database. The database is unchanged.
    #[error("store: migration failed: {0}")]
    Migration(Box<refinery_core::Error>),
    /// SQLite did not accept a setting that durability depends on, for instance on a network file system.
    #[error("store: PRAGMA {pragma} is {found} and must be {wanted}; use a folder on a local disk")]
    Pragma {
        /// Name of the pragma.
        pragma: &'static str,
        /// Value that durability depends on.
        wanted: &'static str,
        /// Value that SQLite reports.
        found: String,
    },
    /// Others than the host could read or change the folder or a file in it.
    #[error("store: {exposure}; {}", exposure.remedy())]
    Exposed {
        /// The folder or file, and how it is exposed.
        #[from]
        exposure: Exposure,
    },
    /// The database is damaged. It is unchanged.
    #[error(
        "store: {} is damaged: {found}; keep the folder, and restore the newest backup into another one with tillhouse restore \
         BACKUP --to FOLDER", path.display()
    )]
    Damaged {
        /// Path of the database.
        path: PathBuf,
        /// First line that SQLite reports.
        found: String,
    },
    /// SQLite failed to open, configure or migrate the database.
    #[error("store: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// What the host remembers of the store cannot be used.
    #[error("store: {0}")]
    Memory(#[from] MarkFileError),
    /// The operating system could not start the writer or the checkpoint thread.
    #[error("store: failed to start a thread: {0}")]
    Threads(io::Error),
}

impl From<refinery_core::Error> for SqliteOpenError {
    fn from(error: refinery_core::Error) -> Self {
        Self::Migration(Box::new(error))
    }
}

pub(super) struct OpenedFolder {
    pub(super) lock: FolderLock,
    pub(super) writer: Connection,
    pub(super) checkpointer: Connection,
    pub(super) readers: Vec<Connection>,
    pub(super) marks: Arc<CommitMarks>,
    pub(super) files: Arc<StoreFiles>,
}

pub(super) fn open_folder(settings: &SqliteSettings) -> Result<OpenedFolder, SqliteOpenError> {
    let failed = |source| SqliteOpenError::Folder {
        path: settings.folder.clone(),
        source,
    };
    create_folder(&settings.folder).map_err(failed)?;
    privacy::restrict_files(&settings.folder).map_err(failed)?;
    check_privacy(&settings.folder)?;
    let lock = FolderLock::take(&settings.folder)?;
    let file = settings.folder.join(DATABASE);
    // SQLite gives its other files the mode of this one.
    open_private(&file, File::options().create(true).truncate(false).write(true)).map_err(failed)?;
    let mut writer = connect(&file)?;
    damage::check(&writer, &file)?;
    migrate(&mut writer)?;
    let checkpointer = connect(&file)?;
    let readers = (0..settings.readers.max(1))
        .map(|_| {
            let reader = connect(&file)?;
            reader.pragma_update(None, "query_only", true)?;
            Ok(reader)
        })
        .collect::<Result<_, SqliteOpenError>>()?;
    let marks = Arc::new(commit_mark::open(&settings.folder, &writer)?);
    Ok(OpenedFolder {
        lock,
        writer,
        checkpointer,
        readers,
        marks,
        files: Arc::new(StoreFiles::of(&settings.folder)),
    })
}

fn connect(file: &Path) -> Result<Connection, SqliteOpenError> {
    let db = configure(file).map_err(|error| damage::error_of(file, error))?;
    check(&db, "journal_mode", "wal")?;
    check(&db, "synchronous", "2")?;
    Ok(db)
}

fn configure(file: &Path) -> rusqlite::Result<Connection> {
    let db = connection::open(file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    db.set_prepared_statement_cache_capacity(64);
    // The page size only takes effect on an empty file, and only before WAL mode is enabled.
    db.pragma_update(None, "page_size", 4096)?;
    db.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    db.pragma_update(None, "synchronous", "full")?;
    // What is deleted or erased is overwritten with zeros, so that no later backup has it.
    db.pragma_update_and_check(None, "secure_delete", "on", |_| Ok(()))?;
    // A checkpoint inside a commit stalls every checkout for the length of two fsyncs and thousands of random writes.
    db.pragma_update_and_check(None, "wal_autocheckpoint", 0, |_| Ok(()))?;
    Ok(db)
}

fn check(db: &Connection, pragma: &'static str, wanted: &'static str) -> Result<(), SqliteOpenError> {
    let found = db.pragma_query_value(None, pragma, |row| row.get::<_, rusqlite::types::Value>(0))?;
    let found = match found {
        rusqlite::types::Value::Text(text) => text,
        rusqlite::types::Value::Integer(number) => number.to_string(),
        other => format!("{other:?}"),
    };
    if found == wanted {
        Ok(())
    } else {
        Err(SqliteOpenError::Pragma { pragma, wanted, found })
    }
}

pub(super) fn migrations() -> Result<Vec<Migration>, refinery_core::Error> {
    MIGRATIONS
        .iter()
        .map(|(name, sql)| Migration::unapplied(name, sql))
        .collect()
}

/// Newest schema version that this host supports.
pub(super) fn known_version() -> Result<i32, SqliteOpenError> {
    Ok(migrations()?.iter().map(Migration::version).max().unwrap_or(0))
}

/// Whether a database with this schema version has sessions or attempts that this host cannot read.
pub(super) fn has_older_checkouts(db: &Connection, version: i32) -> rusqlite::Result<bool> {
    Ok(version < CONTRACT_VERSION && db.query_row(HAS_CHECKOUTS, [], |row| row.get(0))?)
}

fn migrate(db: &mut Connection) -> Result<(), SqliteOpenError> {
    let (migrations, known) = (migrations()?, known_version()?);
    let runner = Runner::new(&migrations).set_target(Target::Latest);
    let has_history: bool = db.query_row(
        "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'refinery_schema_history')",
        [],
        |row| row.get(0),
    )?;
    if has_history && let Some(newest) = runner.get_last_applied_migration(db)? {
        let found = newest.version();
        if found > known {
            return Err(SqliteOpenError::Newer { found, known });
        }
        if has_older_checkouts(db, found)? {
            return Err(SqliteOpenError::Older { found });
        }
    }
    runner.run(db)?;
    Ok(())
}
