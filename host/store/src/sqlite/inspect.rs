//! Inspects a store without opening it for work.

use std::path::Path;

use rusqlite::Connection;

use super::backup::{integrity_errors, is_tillhouse_store, read_only};
use super::catalogs::{self, CATALOGS};
use super::commit_mark;
use super::open::{self, DATABASE};
use super::read_error::ReadError;
use crate::older_contract;
use tillhouse_checkout::ports::{StoreError, StoreHealth};

/// Inspects the store of a folder, whether a host has it open or not. Changes nothing. `None` if there is no database yet.
///
/// # Errors
/// When the database cannot be read, does not belong to a Tillhouse host, or has checkouts of an earlier version of the host.
pub fn inspect(folder: &Path) -> Result<Option<StoreHealth>, StoreError> {
    Ok(inspect_folder(folder)?)
}

fn inspect_folder(folder: &Path) -> Result<Option<StoreHealth>, ReadError> {
    let file = folder.join(DATABASE);
    if !file.exists() {
        return Ok(None);
    }
    let db = read_only(&file)?;
    if !is_tillhouse_store(&db)? {
        return Err(StoreError::new(format!("{} is not a Tillhouse store", file.display())).into());
    }
    let version = number(&db, "SELECT coalesce(max(version), 0) FROM refinery_schema_history")?.unwrap_or(0);
    if open::has_older_checkouts(&db, version)? {
        return Err(StoreError::new(older_contract::refusal(version, "folder")).into());
    }
    let disk = rustix::fs::statvfs(folder)
        .map_err(|error| StoreError::with_source(format!("{}: {error}", folder.display()), error))?;
    let size = |name: &str| std::fs::metadata(folder.join(name)).map_or(0, |file| file.len());
    Ok(Some(StoreHealth {
        engine: "sqlite".to_owned(),
        place: folder.display().to_string(),
        version,
        known_version: open::known_version().map_err(StoreError::caused_by)?,
        damage: damage_of(folder, &db)?,
        journal: db.query_row("PRAGMA journal_mode", [], |row| row.get(0))?,
        data_bytes: size(DATABASE) + size(CATALOGS),
        log_bytes: size(&format!("{DATABASE}-wal")) + size(&format!("{CATALOGS}-wal")),
        free_bytes: disk.f_bavail.saturating_mul(disk.f_frsize),
        last_audit: last_audit(&db)?,
        rewound: commit_mark::inspect(folder, &db, version)?,
        weaknesses: Vec::new(),
    }))
}

/// What is damaged of the store, and of its catalogs.
fn damage_of(folder: &Path, db: &Connection) -> Result<Vec<String>, ReadError> {
    let mut damage = integrity_errors(db)?;
    let file = folder.join(CATALOGS);
    if file.exists() {
        let found = read_only(&file).map_err(ReadError::from).and_then(|db| {
            let mut found = integrity_errors(&db)?;
            found.extend(catalogs::unsupported(&db, &file)?);
            Ok(found)
        });
        // A file that SQLite does not take for a database is damaged as well.
        let found = found.unwrap_or_else(|error| vec![error.to_string()]);
        damage.extend(found.into_iter().map(|line| format!("{CATALOGS}: {line}")));
    }
    Ok(damage)
}

fn number(db: &Connection, sql: &str) -> Result<Option<i32>, ReadError> {
    Ok(db.query_row(sql, [], |row| row.get(0))?)
}

/// `None` if the schema is older than the audit log.
fn last_audit(db: &Connection) -> Result<Option<u64>, ReadError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'audit')";
    if !db.query_row(sql, [], |row| row.get::<_, bool>(0))? {
        return Ok(None);
    }
    let last: Option<i64> = db.query_row("SELECT max(at) FROM audit", [], |row| row.get(0))?;
    Ok(last.map(i64::unsigned_abs))
}
