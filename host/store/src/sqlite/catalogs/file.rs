//! The file of the catalogs: created with the first import, opened when it is first needed.

use std::fs::File;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};
use tillhouse_private_files::open_private;

use crate::sqlite::connection;
use crate::sqlite::read_error::ReadError;
use tillhouse_checkout::ports::StoreError;

/// File name of the catalogs in the folder of the store.
pub(in crate::sqlite) const CATALOGS: &str = "catalog.db";

/// Version of the schema that this host writes.
const SCHEMA_VERSION: i64 = 1;
const SCHEMA: &str = include_str!("schema.sql");

/// Page cache of a writer in KiB: the index of a million ids fits, so that rows in any order are inserted without reading it again.
const WRITER_CACHE: i64 = 32 * 1024;
/// Page cache of a reader in KiB. The rows that matter are cached decoded, above the store.
const READER_CACHE: i64 = 1024;

/// Size in bytes to which the log is cut once it was checkpointed.
const LOG_KEPT: i64 = 4 << 20;

/// A connection that writes, with a page cache of its own: it is closed after its transaction, and the memory is free again.
pub(super) fn writer(folder: &Path) -> Result<Connection, ReadError> {
    let file = folder.join(CATALOGS);
    let failed = |error| StoreError::with_source(format!("{}: {error}", file.display()), error);
    // SQLite gives its other files the mode of this one.
    open_private(&file, File::options().create(true).truncate(false).write(true)).map_err(failed)?;
    let db = connection::open(&file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    db.set_prepared_statement_cache_capacity(32);
    db.pragma_update(None, "page_size", 4096)?;
    db.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    // The switch to another version is durable before anything is said of it.
    db.pragma_update(None, "synchronous", "full")?;
    // Checkpoints come after the transaction, when the import has its answer.
    db.pragma_update_and_check(None, "wal_autocheckpoint", 0, |_| Ok(()))?;
    db.pragma_update_and_check(None, "journal_size_limit", LOG_KEPT, |_| Ok(()))?;
    db.pragma_update(None, "cache_size", -WRITER_CACHE)?;
    match schema_version(&db)? {
        0 => create(&db)?,
        found => check_version(found, &file)?,
    }
    Ok(db)
}

/// A connection that only reads; `None` if there is no catalog yet.
pub(super) fn reader(folder: &Path) -> Result<Option<Connection>, ReadError> {
    let file = folder.join(CATALOGS);
    if !file.exists() {
        return Ok(None);
    }
    let db = connection::open(&file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    db.pragma_update(None, "cache_size", -READER_CACHE)?;
    db.pragma_update(None, "query_only", true)?;
    match schema_version(&db)? {
        // An import has just created it.
        0 => Ok(None),
        found => check_version(found, &file).map(|()| Some(db)),
    }
}

/// Whether this is a database of catalogs, and not one of a newer host.
pub(in crate::sqlite) fn is_of_catalogs(db: &Connection) -> rusqlite::Result<bool> {
    let sql = "SELECT count(*) = 2 FROM sqlite_schema WHERE name IN ('item', 'former')";
    Ok(schema_version(db)? == SCHEMA_VERSION && db.query_row(sql, [], |row| row.get(0))?)
}

/// Why this host does not read the catalogs in a file that is intact.
pub(in crate::sqlite) fn unsupported(db: &Connection, file: &Path) -> Result<Option<String>, ReadError> {
    let checked = match schema_version(db)? {
        // Created, and never imported into.
        0 => Ok(()),
        found => check_version(found, file),
    };
    Ok(checked.err().map(|error| error.to_string()))
}

fn schema_version(db: &Connection) -> rusqlite::Result<i64> {
    db.pragma_query_value(None, "user_version", |row| row.get(0))
}

fn check_version(found: i64, file: &Path) -> Result<(), ReadError> {
    if found == SCHEMA_VERSION {
        return Ok(());
    }
    Err(StoreError::new(format!(
        "{} has schema version {found}, and this host supports {SCHEMA_VERSION}; start the host version that wrote it, or remove the \
         file and import the catalogs again",
        file.display()
    ))
    .into())
}

fn create(db: &Connection) -> rusqlite::Result<()> {
    db.execute_batch(&format!(
        "BEGIN IMMEDIATE; {SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
    ))
}

/// Moves the log into the file, and cuts it where no reader is in the way.
pub(super) fn checkpoint(db: &Connection) {
    let moved = db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    if let Err(error) = moved {
        // Nothing is lost: the log keeps the pages for the next one.
        tracing::warn!(%error, "store: the checkpoint of the catalogs failed");
    }
}
